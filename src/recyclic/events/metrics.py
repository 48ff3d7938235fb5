"""What monitoring is told, as families of samples: names, meanings and values; no library's.

Nothing is counted twice and nothing costs time per event: the observer's numbers are read when
somebody asks. :mod:`recyclic.events.exposition` writes families as text,
:mod:`recyclic.events.prometheus` gives them to ``prometheus_client``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from recyclic.events.observer import BUCKETS_S, HandlingCounts, Observer


class Kind(StrEnum):
    """As Prometheus calls them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; a histogram's have a ``suffix`` (``_bucket``, ``_sum``, ``_count``)."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one metric. ``name`` has no ``_total``, which is a matter of writing."""

    name: str
    kind: Kind
    meaning: str
    samples: Sequence[Sample]


class Lagging(Protocol):
    """How one module stands on one event, as the server says."""

    @property
    def event(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def lag(self) -> int: ...
    @property
    def lag_s(self) -> float: ...
    @property
    def pending(self) -> int: ...
    @property
    def oldest_pending_s(self) -> float: ...


_COUNTS = {
    "handled": "Events that all handlers of a module are done with.",
    "failed": "Handler calls that failed.",
    "retried": "Handler calls that will be repeated.",
    "dead": "Dead letters written.",
    "lost": "Events destroyed at the server before they were handled.",
    "taken_over": "Events another worker took over while they ran here.",
}
_LAGS = {
    "lag": "Events not yet delivered to the module.",
    "lag_s": "Age of the oldest of them, in seconds.",
    "pending": "Events delivered and not finished.",
    "oldest_pending_s": "Age of the oldest of them, in seconds.",
}


def counted(observer: Observer) -> Iterator[Family]:
    """What was counted since the beginning, by event and module."""
    emitted = [
        Sample(count, (("event", event),)) for event, count in sorted(observer.emitted.items())
    ]
    yield Family("recyclic_events_emitted", Kind.COUNTER, "Events emitted.", emitted)
    failures = [Sample(observer.emit_failures)]
    yield Family("recyclic_emit_failures", Kind.COUNTER, "Emits that failed.", failures)
    handling = sorted(observer.handling.items())
    for name, meaning in _COUNTS.items():
        samples = [Sample(getattr(counts, name), _place(*place)) for place, counts in handling]
        yield Family(f"recyclic_events_{name}", Kind.COUNTER, meaning, samples)
    times = [sample for place, counts in handling for sample in _times(_place(*place), counts)]
    yield Family("recyclic_handler_seconds", Kind.HISTOGRAM, "How long handlers took.", times)


def in_hand(connected: int, by_module: Mapping[str, int]) -> Iterator[Family]:
    """What the processes of a site hold now. ``connected``: how many reach the server."""
    yield Family(
        "recyclic_bus_connected",
        Kind.GAUGE,
        "Workers that are connected to the event server.",
        [Sample(connected)],
    )
    samples = [Sample(count, (("module", name),)) for name, count in sorted(by_module.items())]
    yield Family("recyclic_events_in_hand", Kind.GAUGE, "Taken and not finished.", samples)


def lagging(groups: Sequence[Lagging]) -> Iterator[Family]:
    """How far modules are behind, as the server says."""
    for name, meaning in _LAGS.items():
        samples = [Sample(getattr(one, name), _place(one.module, one.event)) for one in groups]
        yield Family(f"recyclic_events_{name}", Kind.GAUGE, meaning, samples)


def waiting_dead(letters: Mapping[str, int]) -> Iterator[Family]:
    """How many dead letters wait for an operator, by event."""
    samples = [Sample(count, (("event", event),)) for event, count in sorted(letters.items())]
    yield Family("recyclic_dead_letters", Kind.GAUGE, "Dead letters kept.", samples)


def _place(module: str, event: str) -> tuple[tuple[str, str], ...]:
    return (("module", module), ("event", event))


def _times(labels: tuple[tuple[str, str], ...], counts: HandlingCounts) -> Iterator[Sample]:
    running = 0
    for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts.buckets, strict=True):
        running += count
        yield Sample(running, (*labels, ("le", bound)), "_bucket")
    yield Sample(running, labels, "_count")
    yield Sample(counts.seconds, labels, "_sum")
