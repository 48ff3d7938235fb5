"""A place to gather findings, so that one run tells them all."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from recyclic.model.diagnostic import (
    Diagnostic,
    DiagnosticsError,
    Place,
    Severity,
    has_errors,
)


class Findings:
    """Findings gathered so far; :meth:`stop_on_errors` gives up when one of them is an error."""

    def __init__(self) -> None:
        self.all: list[Diagnostic] = []

    def error(self, code: str, place: Place | None, **facts: Any) -> None:
        """Add one error."""
        self.all.append(Diagnostic(code, place=place, facts=facts))

    def warning(self, code: str, place: Place | None, **facts: Any) -> None:
        """Add one warning."""
        self.all.append(Diagnostic(code, Severity.WARNING, place, facts))

    def extend(self, others: Iterable[Diagnostic]) -> None:
        """Add findings made elsewhere."""
        self.all.extend(others)

    def stop_on_errors(self) -> None:
        """Raises:
        DiagnosticsError: with every finding, when at least one is an error.
        """
        if has_errors(self.all):
            raise DiagnosticsError(self.all)


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """A fix that names the nearest known names, or ``""`` when none is near."""
    near = get_close_matches(text[:100], list(known), n=3, cutoff=0.6)
    return ", ".join(near)
