"""Where every key and value of a TOML text stands. ``tomllib`` decides what is TOML; it keeps
no positions, so this walks the same text beside it and only looks at its shape.

It never recurses, takes time linear in the text, and stops quietly at the first thing it does
not understand: ``tomllib`` has the words for that.
"""

import re
import tomllib
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_DEPTH = 64
"""Levels of tables and arrays. Deeper than any manifest; far from what a stack can hold."""

KeyPath = tuple[str | int, ...]


class Span(NamedTuple):
    """Offsets in the text: from ``start`` up to, not including, ``end``."""

    start: int
    end: int


@dataclass(slots=True)
class Positions:
    """What a scan found.

    Attributes:
        keys: Key path to where its key is first written (for ``[a.b]``: the part itself).
        values: Key path to its value.
        duplicates: Keys written twice: the path, the first and the second time.
        too_deep: Where nesting passes ``MAX_DEPTH``, or None.
    """

    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    duplicates: list[tuple[KeyPath, Span, Span]] = field(default_factory=list)
    too_deep: Span | None = None


_TRIVIA = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BLANK = re.compile(r"[ \t]*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']++|'(?!''))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*+|[^\s,\[\]{}#]++")


class _StopScanError(Exception):
    """The text is not TOML from here on, or nests too deep."""


@dataclass(slots=True)
class _Open:
    """An array or inline table whose end has not been reached."""

    path: KeyPath
    start: int
    is_array: bool
    items: int = 0


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Positions()
        self.array_lengths: dict[KeyPath, int] = {}
        self.headers: dict[KeyPath, Span] = {}

    def scan(self) -> Positions:
        header: KeyPath = ()
        try:
            while True:
                self.skip(_TRIVIA)
                if self.at >= len(self.text):
                    break
                if self.peek() == "[":
                    header = self.table_header()
                else:
                    self.key_value(header)
        except _StopScanError:
            pass
        return self.found

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise _StopScanError
        self.at += len(mark)

    def table_header(self) -> KeyPath:
        start = self.at
        is_array = self.text.startswith("[[", self.at)
        self.expect("[[" if is_array else "[")
        path = self.key_path(())
        self.expect("]]" if is_array else "]")
        span = Span(start, self.at)
        if is_array:
            number = self.array_lengths.get(path, 0)
            self.array_lengths[path] = number + 1
            path = (*path, number)
            self.found.keys[path] = span
        elif path in self.headers:
            self.found.duplicates.append((path, self.headers[path], span))
        self.headers.setdefault(path, span)
        self.found.values.setdefault(path, span)
        return path

    def key_value(self, table: KeyPath) -> None:
        path = self.key_path(table)
        self.expect("=")
        self.skip(_BLANK)
        self.value(path)

    def key_path(self, table: KeyPath) -> KeyPath:
        """Read ``a."b".c``; remember where each part is written first."""
        path = table
        while True:
            self.skip(_BLANK)
            start = self.at
            path = (*path, self.key_part())
            if len(path) > 2 * MAX_DEPTH:
                self.stop_too_deep(start)
            span = Span(start, self.at)
            self.found.keys.setdefault(path, span)
            self.skip(_BLANK)
            if self.peek() != ".":
                self.note_duplicate(path, span)
                return path
            self.at += 1
            if path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)

    def note_duplicate(self, path: KeyPath, span: Span) -> None:
        if path in self.found.values and path not in self.headers:
            self.found.duplicates.append((path, self.found.keys[path], span))

    def key_part(self) -> str:
        match = _BARE_KEY.match(self.text, self.at)
        if match is None:
            match = _STRING.match(self.text, self.at)
        if match is None:
            raise _StopScanError
        self.at = match.end()
        return _unquoted(match.group())

    def stop_too_deep(self, start: int) -> None:
        self.found.too_deep = Span(start, start + 1)
        raise _StopScanError

    def value(self, path: KeyPath) -> None:
        """Read one value and all it holds; the stack of open brackets is a list, not calls."""
        opened: list[_Open] = []
        inner: KeyPath | None = path
        while inner is not None:
            inner = self.one_value(inner, opened)
            if inner is None:
                inner = self.next_item(opened)

    def one_value(self, path: KeyPath, opened: list[_Open]) -> KeyPath | None:
        """Read a scalar, or open a bracket and give the path of its first item, if any."""
        start = self.at
        mark = self.peek()
        if mark and mark in "[{":
            if len(opened) >= MAX_DEPTH:
                self.stop_too_deep(start)
            self.at += 1
            opened.append(_Open(path, start, mark == "["))
            return self.item_path(opened[-1])
        match = _STRING.match(self.text, start) or _SCALAR.match(self.text, start)
        if match is None:
            raise _StopScanError
        self.at = match.end()
        self.found.values.setdefault(path, Span(start, self.at))
        return None

    def item_path(self, within: _Open) -> KeyPath | None:
        """The path of the item that begins here; None when the bracket closes here."""
        self.skip(_TRIVIA)
        if self.peek() == ("]" if within.is_array else "}"):
            return None
        if within.is_array:
            within.items += 1
            return (*within.path, within.items - 1)
        path = self.key_path(within.path)
        self.expect("=")
        self.skip(_BLANK)
        return path

    def next_item(self, opened: list[_Open]) -> KeyPath | None:
        """After a value: the path of the next one, closing what closes; None at the end."""
        while opened:
            self.skip(_TRIVIA)
            within = opened[-1]
            if self.peek() == ",":
                self.at += 1
                path = self.item_path(within)
                if path is not None:
                    return path
            self.expect("]" if within.is_array else "}")
            self.found.values.setdefault(within.path, Span(within.start, self.at))
            opened.pop()
        return None


def _unquoted(text: str) -> str:
    if text[0] not in "\"'":
        return text
    if text[0] == "'" or "\\" not in text:
        return text[1:-1]
    try:
        value = tomllib.loads(f"key = {text}")["key"]
    except ValueError as error:
        raise _StopScanError from error
    return str(value)


def scan_toml(text: str) -> Positions:
    """The place of every key and value up to the first thing that is not TOML."""
    return _Scanner(text).scan()
