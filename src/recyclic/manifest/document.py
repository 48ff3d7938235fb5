"""A TOML file as its values, and where each of them stands."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property
from math import isfinite
from typing import Any

from recyclic.manifest.findings import Findings
from recyclic.manifest.source import SourceText
from recyclic.manifest.toml_scanner import KeyPath, Positions, Span, scan_toml
from recyclic.model.diagnostic import DiagnosticsError, Place

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


class TomlDocument:
    """One parsed file.

    Attributes:
        label: The file's path as it was given.
        values: What ``tomllib`` made of it; dates and times became their ISO 8601 text.
    """

    def __init__(
        self, label: str, text: str, values: Mapping[str, Any], positions: Positions
    ) -> None:
        self.label = label
        self.values = values
        self._text = text
        self._positions = positions

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    def key_place(self, path: KeyPath) -> Place:
        """Where the key at ``path`` is written, or the nearest thing around it that is."""
        return self._nearest(path, self._positions.keys)

    def value_place(self, path: KeyPath) -> Place:
        """Where the value at ``path`` is written, or the nearest thing around it that is."""
        return self._nearest(path, self._positions.values, self._positions.keys)

    def _nearest(self, path: KeyPath, *maps: Mapping[KeyPath, Span]) -> Place:
        while path:
            for places in maps or (self._positions.keys,):
                if path in places:
                    return self.place_of(places[path])
            path = path[:-1]
            maps = (self._positions.keys, self._positions.values)
        return Place(self.label, 1, 1)

    def end_place(self) -> Place:
        """The last character that is not blank."""
        end = len(self._text.rstrip())
        return self.place_of(Span(max(0, end - 1), end))

    def place_of(self, span: Span) -> Place:
        """``span`` as line and column; a caret never runs past the end of its line."""
        line = bisect_right(self._line_starts, span.start)
        column = span.start - self._line_starts[line - 1] + 1
        first_line = self._text[span.start : span.end].partition("\n")[0].rstrip()
        return Place(self.label, line, column, max(1, len(first_line)))


class TablePlaces:
    """The places within one table of a document: paths are told from ``prefix``."""

    def __init__(self, document: TomlDocument, prefix: KeyPath) -> None:
        self._document = document
        self._prefix = prefix

    def key_place(self, path: KeyPath) -> Place:
        """See :meth:`TomlDocument.key_place`."""
        return self._document.key_place((*self._prefix, *path))

    def value_place(self, path: KeyPath) -> Place:
        """See :meth:`TomlDocument.value_place`."""
        return self._document.value_place((*self._prefix, *path))


def parse_toml(source: SourceText) -> TomlDocument:
    """The document in ``source``.

    Raises:
        DiagnosticsError: not TOML, a key written twice, nested too deeply, or a number that
            no other tool could read back: every finding of this kind.
    """
    positions = scan_toml(source.text)
    document = TomlDocument(source.label, source.text, {}, positions)
    findings = Findings()
    if positions.too_deep is not None:
        findings.error("RCY-M015", document.place_of(positions.too_deep))
        findings.stop_on_errors()
    try:
        values = tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise _syntax_findings(document, positions, error) from error
    document.values = _plain_table(values, document, findings)
    findings.stop_on_errors()
    return document


def _syntax_findings(
    document: TomlDocument, positions: Positions, error: Exception
) -> DiagnosticsError:
    findings = Findings()
    for path, first, second in positions.duplicates:
        findings.error(
            "RCY-M011",
            document.place_of(second),
            key=key_text(path),
            first=document.place_of(first).line,
        )
    message = str(error)
    # tomllib tells a duplicate by its effect; the scan has told it by its cause.
    if not (findings.all and message.startswith("Cannot ")):
        findings.error("RCY-M012", _syntax_place(document, message), reason=_AT.sub("", message))
    return DiagnosticsError(findings.all)


def _syntax_place(document: TomlDocument, message: str) -> Place:
    match = _AT.search(message)
    if match is None:
        return Place(document.label)
    if match["line"]:
        return Place(document.label, int(match["line"]), int(match["column"]))
    return document.end_place()


def key_text(path: KeyPath) -> str:
    """``settings.caisse.rates[2]``: how a person would say where."""
    shown = ""
    for part in path:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown[:200]


def _plain_table(
    table: Mapping[str, Any], document: TomlDocument, findings: Findings, path: KeyPath = ()
) -> dict[str, Any]:
    return {key: _plain(value, document, findings, (*path, key)) for key, value in table.items()}


def _plain(value: Any, document: TomlDocument, findings: Findings, path: KeyPath) -> Any:
    """``value`` made of tables, arrays, texts, booleans and numbers that JSON can hold too.

    The depth was bounded by the scan, so recursion is safe here.
    """
    if isinstance(value, dict):
        return _plain_table(value, document, findings, path)
    if isinstance(value, list):
        return [_plain(item, document, findings, (*path, at)) for at, item in enumerate(value)]
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        findings.error("RCY-M016", document.value_place(path), key=key_text(path))
    if isinstance(value, float) and not isfinite(value):
        findings.error("RCY-M016", document.value_place(path), key=key_text(path))
    return value
