"""What becomes of an event after a handler ran: a pure decision, without a clock or a server."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one call of one handler ended."""

    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    """The handler, or the payload's schema, says that trying again is useless."""


class Fate(StrEnum):
    """What one handler still owes to one event."""

    DONE = "done"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how far apart. Delays in milliseconds.

    Attributes:
        max_attempts: Calls in all, the first one included.
        base_ms: Before the second call.
        factor: Each delay is this many times the one before.
        cap_ms: No delay is longer, before chance is added.
    """

    max_attempts: int = 6
    base_ms: float = 200.0
    factor: float = 4.0
    cap_ms: float = 300_000.0

    def delay_ms(self, attempt: int, chance: float) -> int:
        """The wait after failed call number ``attempt``; ``chance`` in [0, 1) spreads it +-25 %.

        Spreading keeps a thousand events that failed together from coming back together.
        """
        # The exponent is bounded so that a patient handler's thousandth attempt cannot overflow.
        plain = min(self.cap_ms, self.base_ms * self.factor ** min(attempt - 1, 60))
        return max(1, int(plain * (0.75 + chance / 2)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision: ``delay_ms`` counts for RETRY only."""

    fate: Fate
    delay_ms: int = 0


_DONE = Verdict(Fate.DONE)
_DEAD = Verdict(Fate.DEAD)


def decide(
    outcome: Outcome,
    attempt: int,
    policy: RetryPolicy,
    chance: float,
    asked_delay_ms: int | None = None,
) -> Verdict:
    """The fate of one event with one handler after call number ``attempt`` (from 1).

    ``asked_delay_ms`` is the handler's own wish and replaces the policy's delay, not its limit.
    """
    if outcome is Outcome.DONE:
        return _DONE
    if outcome is Outcome.REJECTED or attempt >= policy.max_attempts:
        return _DEAD
    delay = policy.delay_ms(attempt, chance) if asked_delay_ms is None else asked_delay_ms
    return Verdict(Fate.RETRY, delay)
