"""One finding: what is wrong, how bad, and where. Words for it are made in ``cli``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from recyclic.errors import RecyclicError


class Severity(StrEnum):
    """How bad a finding is: an error stops the work, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file.

    Attributes:
        file: The path as the user would type it, or a label such as ``<entry point x>``.
        line: Counted from 1; 0 when only the file is known.
        column: Counted from 1, in characters; 0 when only the line is known.
        length: How many characters the caret underlines.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        if not self.line:
            return self.file
        if not self.column:
            return f"{self.file}:{self.line}"
        return f"{self.file}:{self.line}:{self.column}"


_NO_FACTS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about someone's files.

    Attributes:
        code: ``RCY-M003`` and the like; see :class:`recyclic.errors.RecyclicError`.
        severity: Error or warning.
        place: Where to look, or None when no file is at fault.
        facts: Plain values for the words and for JSON.
        causes: Findings that explain this one, nearest first.
    """

    code: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: _NO_FACTS)
    causes: tuple["Diagnostic", ...] = ()

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """File, line, column, then code and facts: the order findings are shown in."""
        place = self.place or Place("")
        return (place.file, place.line, place.column, self.code, repr(sorted(self.facts.items())))


class DiagnosticsError(RecyclicError):
    """Findings, at least one of them an error, that stop the work; all of one run together."""

    code = "RCY-M001"

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            sorted(diagnostics, key=Diagnostic.sort_key)
        )
        super().__init__(count=len(self.diagnostics))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """True when at least one finding is an error."""
    return any(found.severity is Severity.ERROR for found in diagnostics)
