"""What the bus counts: plain numbers, cheap to raise, read by health, metrics and tests."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

BUCKETS_S = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Upper bounds of the handler-time histogram, in seconds; the last bucket has none."""
QUICK_S = BUCKETS_S[0]
"""Nearly all calls fall into the first bucket."""


@dataclass(slots=True)
class HandlingCounts:
    """One module and one event, since the process began.

    Attributes:
        lost: Bodies destroyed under us (trimmed or deleted from outside) before handling.
        taken_over: Entries another worker took from us while we ran them.
        buckets: Handler calls by duration, one count per bound of BUCKETS_S and one above.
    """

    handled: int = 0
    failed: int = 0
    retried: int = 0
    dead: int = 0
    lost: int = 0
    taken_over: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))

    def took(self, seconds: float) -> None:
        """Count one handler call of this duration."""
        self.seconds += seconds
        self.buckets[bisect_left(BUCKETS_S, seconds)] += 1

    def took_quickly(self, calls: int, seconds: float) -> None:
        """Count so many handler calls, none longer than QUICK_S, of this duration together."""
        self.seconds += seconds
        self.buckets[0] += calls

    def add(self, counts: Mapping[str, Any]) -> None:
        """Count as well what these counts, as plain values, say."""
        for name, value in counts.items():
            if name == "buckets":
                self.buckets = [a + b for a, b in zip(self.buckets, value, strict=True)]
            else:
                setattr(self, name, getattr(self, name) + value)


class Listener(Protocol):
    """Is told of single events, as they happen; for tests. Must not block or raise."""

    def emitted(self, event: str, event_id: str) -> None:
        """``emit`` is about to return."""
        ...

    def handled(self, module: str, event: str, event_id: str) -> None:
        """Every handler of the module is done with it."""
        ...

    def died(self, module: str, event: str, event_id: str, handler: str, reason: str) -> None:
        """A dead letter was written."""
        ...


@dataclass(slots=True)
class Observer:
    """All counts of one bus."""

    emitted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    emit_failures: int = 0
    handling: dict[tuple[str, str], HandlingCounts] = field(
        default_factory=lambda: defaultdict(HandlingCounts)
    )
    listener: Listener | None = None

    def plain(self) -> dict[str, Any]:
        """All counts as values for JSON, which :meth:`add` takes."""
        return {
            "emitted": dict(self.emitted),
            "emit_failures": self.emit_failures,
            "handling": [[*place, asdict(counts)] for place, counts in self.handling.items()],
        }

    def add(self, plain: Mapping[str, Any]) -> None:
        """Count as well what another observer counted."""
        self.emit_failures += plain["emit_failures"]
        for event, count in plain["emitted"].items():
            self.emitted[event] += count
        for module, event, counts in plain["handling"]:
            self.handling[module, event].add(counts)
