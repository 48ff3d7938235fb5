"""The bus's counts as Prometheus metrics; needs ``prometheus_client``.

Nothing is counted twice and nothing costs time per event: the observer's numbers are read when
Prometheus asks.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from recyclic.events.observer import BUCKETS_S, HandlingCounts
from recyclic.events.site_bus import SiteBus

_COUNTS = {
    "handled": "Events that all handlers of a module are done with.",
    "failed": "Handler calls that failed.",
    "retried": "Handler calls that will be repeated.",
    "dead": "Dead letters written.",
    "lost": "Events destroyed at the server before they were handled.",
    "taken_over": "Events another worker took over while they ran here.",
}


class BusCollector(Collector):
    """Registers with ``REGISTRY.register(BusCollector(bus))``.

    Attributes:
        groups: States of groups (:class:`~recyclic.events.streams.inspect.GroupState`) to report
            lag from, set anew by whoever asks the server; empty for this process's counts alone.
    """

    def __init__(self, bus: SiteBus) -> None:
        self._bus = bus
        self.groups: Sequence[Any] = ()

    def collect(self) -> Iterable[Metric]:
        """All families, now."""
        observer = self._bus.observer
        emitted = CounterMetricFamily(
            "recyclic_events_emitted", "Events emitted by this process.", labels=["event"]
        )
        for event, count in sorted(observer.emitted.items()):
            emitted.add_metric([event], count)
        yield emitted
        yield CounterMetricFamily(
            "recyclic_emit_failures", "Emits that failed.", value=observer.emit_failures
        )
        handling = sorted(observer.handling.items())
        for name, text in _COUNTS.items():
            family = CounterMetricFamily(f"recyclic_events_{name}", text, labels=_LABELS)
            for place, counts in handling:
                family.add_metric(place, getattr(counts, name))
            yield family
        yield _times(handling)
        yield from self._gauges()

    def _gauges(self) -> Iterable[Metric]:
        health = self._bus.health()
        yield GaugeMetricFamily(
            "recyclic_bus_connected", "1 while the server answers.", value=int(health.connected)
        )
        in_hand = GaugeMetricFamily(
            "recyclic_events_in_hand", "Taken and not finished here.", labels=["module"]
        )
        for module, count in sorted(health.in_hand.items()):
            in_hand.add_metric([module], count)
        yield in_hand
        for name, text in _LAGS.items():
            family = GaugeMetricFamily(f"recyclic_events_{name}", text, labels=_LABELS)
            for group in self.groups:
                family.add_metric([group.module, group.event], getattr(group, name))
            yield family


_LABELS = ["module", "event"]
_LAGS = {
    "lag": "Events not yet delivered to the module.",
    "lag_s": "Age of the oldest of them, in seconds.",
    "pending": "Events delivered and not finished.",
    "oldest_pending_s": "Age of the oldest of them, in seconds.",
}


def _times(handling: Sequence[tuple[tuple[str, str], HandlingCounts]]) -> Metric:
    family = HistogramMetricFamily(
        "recyclic_handler_seconds", "How long handlers took.", labels=_LABELS
    )
    bounds = [*(str(bound) for bound in BUCKETS_S), "+Inf"]
    for place, counts in handling:
        running, buckets = 0, []
        for bound, count in zip(bounds, counts.buckets, strict=True):
            running += count
            buckets.append((bound, running))
        family.add_metric(list(place), buckets=buckets, sum_value=counts.seconds)
    return family
