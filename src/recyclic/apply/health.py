"""Is the new generation well? Asked from outside, after the switch."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer.

    Attributes:
        name: ``process``, ``module:caisse``, ``paheko:caisse``, ``events``.
        required: A failure undoes everything; a wanted one is only told.
    """

    name: str
    required: bool
    passed: bool
    detail: str = ""


class HealthChecks(Protocol):
    """What to look at for one site."""

    def run(self) -> tuple[CheckResult, ...]:
        """Every check's answer; waits for those that need time."""
        ...


class NoChecks:
    """Nothing runs, so nothing can be asked."""

    def run(self) -> tuple[CheckResult, ...]:
        """No answer."""
        return ()
