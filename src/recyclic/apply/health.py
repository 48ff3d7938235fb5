"""Is the new generation well? One answer for each thing that was asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer.

    Attributes:
        name: ``process``, ``events``, ``module:caisse``.
        required: A failure undoes everything; of a wanted one people are only told.
        detail: The reason, in the words of whoever was asked.
    """

    name: str
    required: bool
    passed: bool
    detail: str = ""
