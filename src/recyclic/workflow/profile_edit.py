"""One setting more, or another value, in the text of a profile; every other byte stays."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from recyclic.manifest.toml_scanner import Positions, Span, scan_toml
from recyclic.site.config_file import inline_value, toml_key

_LINE_END = re.compile(r"[^\n]*(?:\n|\Z)")


class UnknownShapeError(ValueError):
    """The text is written in a way that cannot be edited without rewriting it."""


def with_setting(text: str, path: tuple[str, ...], value: Any) -> str:
    """``text`` of a profile with ``settings.PATH`` set to ``value``.

    In its place when it stands there, else at the end of its module's table, else in a new table
    at the end.

    Raises:
        UnknownShapeError: the result would not say that, or would say something else as well.
    """
    full = ("settings", *path)
    found = scan_toml(text)
    if full in found.values:
        edited = _replaced(text, found.values[full], inline_value(value))
    elif (table := _table_above(text, found, full)) is not None:
        edited = _added(text, found, table, full, value)
    else:
        edited = _with_table(text, full, value)
    if not _says(edited, text, full, value):
        raise UnknownShapeError(".".join(full))
    return edited


def lines_for(path: tuple[str, ...], value: Any) -> str:
    """The setting as a table of its own, to be put into a profile by hand."""
    return f"[settings.{toml_key(path[0])}]\n{_entry(path[1:], value)}"


def _entry(keys: tuple[str, ...], value: Any) -> str:
    return f"{'.'.join(map(toml_key, keys))} = {inline_value(value)}"


def _replaced(text: str, span: Span, new: str) -> str:
    return text[: span.start] + new + text[span.end :]


def _table_above(text: str, found: Positions, full: tuple[str, ...]) -> tuple[str, ...] | None:
    """The nearest table around ``full`` with a header of its own, or None."""
    for length in range(len(full) - 1, 1, -1):
        span = found.values.get(full[:length])
        if span is not None and _is_header(text, span):
            return full[:length]
    return None


def _is_header(text: str, span: Span) -> bool:
    start = text.rfind("\n", 0, span.start) + 1
    return text[span.start] == "[" and not text[start : span.start].strip()


def _added(
    text: str, found: Positions, table: tuple[str, ...], full: tuple[str, ...], value: Any
) -> str:
    """A line behind the last one of the table, where a person would write it."""
    header = found.values[table]
    own = [
        span.end
        for path, span in found.values.items()
        if path[: len(table)] == table and path != table and not _is_header(text, span)
    ]
    following = [
        span.start
        for span in found.values.values()
        if span.start > header.start and _is_header(text, span)
    ]
    limit = min(following, default=len(text))
    last = max([header.end, *(end for end in own if header.end < end <= limit)])
    return _with_line(text, last, _entry(full[len(table) :], value))


def _with_line(text: str, after: int, line: str) -> str:
    rest = _LINE_END.match(text, after)
    at = rest.end() if rest else len(text)
    end = "\r\n" if "\r\n" in text else "\n"
    before = text[:at] if not text[:at] or text[:at].endswith("\n") else text[:at] + end
    return f"{before}{line}{end}{text[at:]}"


def _with_table(text: str, full: tuple[str, ...], value: Any) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    before = text if not text or text.endswith("\n") else text + end
    gap = end if before else ""
    return before + gap + lines_for(full[1:], value).replace("\n", end) + end


def _says(edited: str, text: str, full: tuple[str, ...], value: Any) -> bool:
    """True when the new text differs from the old one in this value alone."""
    expected: dict[str, Any] = tomllib.loads(text)
    table = expected
    for key in full[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, Mapping):
            return False
    table[full[-1]] = value
    try:
        return tomllib.loads(edited) == expected
    except tomllib.TOMLDecodeError:
        return False
