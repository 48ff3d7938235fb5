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

    def unknown_key(self, place: Place, key: str, written: str, known: Iterable[str]) -> None:
        """Add that ``key`` is not known here, with the nearest of ``known`` if one is near."""
        near = did_you_mean(written, known)
        if near:
            self.error("RCY-M019", place, key=key, near=near, known=sorted(known))
        else:
            self.error("RCY-M053", place, key=key, known=sorted(known))


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """The nearest of the known names, or ``""`` when none is near."""
    return next(iter(get_close_matches(text[:100], list(known), n=1)), "")
