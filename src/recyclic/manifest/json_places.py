"""Where the values of a JSON text stand; looked for only when somebody needs to be told.

The text has been parsed before, so it is JSON; it is walked token by token, never recursively.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property

from recyclic.manifest.toml_scanner import KeyPath, Span
from recyclic.model.diagnostic import DiagnosticsError, Place

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]:,]|[^\s{}\[\]:,"]++')


class JsonPlaces:
    """Places in one JSON text, by key path. The first question reads the text once (about a
    second for 10 MB); each question after reads one entry again.

    Args:
        label: The file's path as it was given.
        read: Gives the text's bytes, once, when the first place is looked for.
        depth: How many levels from the top are remembered; deeper ones are walked on demand.
    """

    def __init__(self, label: str, read: Callable[[], bytes], depth: int = 3) -> None:
        self.label = label
        self._read = read
        self._depth = depth
        self._known: dict[tuple[KeyPath, int], Place] = {}

    @cached_property
    def _text(self) -> str:
        try:
            return self._read().decode("utf-8")
        except (DiagnosticsError, UnicodeDecodeError):  # it was replaced since it was read
            return ""

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    @cached_property
    def _outline(self) -> dict[KeyPath, tuple[Span, Span]]:
        try:
            return dict(outline_json(self._text, self._depth))
        except (IndexError, ValueError):  # likewise: no place is better than a wrong one
            return {}

    def find(self, path: KeyPath) -> tuple[Span, Span] | None:
        """Key and value of ``path``, or None when it is not there."""
        known = len(path)
        while known and path[:known] not in self._outline:
            known -= 1
        around = self._outline[path[:known]] if known else (Span(0, 0), Span(0, len(self._text)))
        rest = path[known:]
        if not rest:
            return around
        if known < self._depth and isinstance(rest[0], str):
            return None
        start, end = around[1]
        inside = walk_json(self._text[start:end], 0, len(rest)).get(rest)
        if inside is None:
            return None
        key, value = inside
        return Span(key.start + start, key.end + start), Span(
            value.start + start, value.end + start
        )

    def key_place(self, path: KeyPath) -> Place:
        """Where the key at ``path`` is written, or the nearest thing around it that is."""
        return self._remembered(path, 0)

    def value_place(self, path: KeyPath) -> Place:
        """Where the value at ``path`` is written, or the nearest thing around it that is."""
        return self._remembered(path, 1)

    def _remembered(self, path: KeyPath, which: int) -> Place:
        found = self._known.get((path, which))
        if found is None:
            found = self._known[path, which] = self._place(path, which)
        return found

    def _place(self, path: KeyPath, which: int) -> Place:
        while path:
            found = self.find(path)
            if found is not None:
                return self.place_of(found[which])
            path, which = path[:-1], 0
        return Place(self.label, 1, 1)

    def place_of(self, span: Span) -> Place:
        """``span`` as line and column."""
        line = bisect_right(self._line_starts, span.start)
        column = span.start - self._line_starts[line - 1] + 1
        first_line = self._text[span.start : span.end].partition("\n")[0]
        return Place(self.label, line, column, max(1, len(first_line)))


def walk_json(text: str, start: int, depth: int) -> dict[KeyPath, tuple[Span, Span]]:
    """Key and value of everything at most ``depth`` levels below the value at ``start``.

    An item of an array has the same span for both. Of a key written twice the first is kept.
    """
    found: dict[KeyPath, tuple[Span, Span]] = {}
    for path, key, value, _ in walk_entries(text, start, depth):
        found.setdefault(path, (key, value))
    return found


def walk_entries(text: str, start: int, depth: int) -> list[tuple[KeyPath, Span, Span, bool]]:
    """As :func:`walk_json`, as a list in the order in which values end, and whether the key
    was written before in the same object."""
    entries: list[tuple[KeyPath, Span, Span, bool]] = []
    opened: list[_Open] = []
    for token in _TOKEN.finditer(text, start):
        mark = token.group()
        if mark in "{[":
            opened.append(_Open(token.start(), mark == "["))
        elif mark in "}]":
            closed = opened.pop()
            if not opened:
                break
            _note(entries, opened, Span(closed.start, token.end()), depth)
        elif mark == ",":
            opened[-1].next_item()
        elif mark != ":":
            if opened and opened[-1].wants_key():
                opened[-1].set_key(mark, Span(token.start(), token.end()))
            elif opened:
                _note(entries, opened, Span(token.start(), token.end()), depth)
    return entries


_STRING = r'"(?:[^"\\]++|\\.)*+"'
_FLAT_ARRAY = rf"\[(?:[^\[\]{{}}\"]++|{_STRING})*+\]"
_FLAT_OBJECT = rf"\{{(?:[^\[\]{{}}\"]++|{_STRING}|{_FLAT_ARRAY})*+\}}"
_SHALLOW = re.compile(
    rf"\{{(?:[^\[\]{{}}\"]++|{_STRING}|{_FLAT_ARRAY}|{_FLAT_OBJECT})*+\}}"
    rf"|{_FLAT_ARRAY}|{_STRING}|[^\s,\[\]{{}}\"]++"
)
_KEY = re.compile(rf"\s*+({_STRING})\s*+:\s*+")
_BRACKET = re.compile(rf"{_STRING}|[{{}}\[\]]")
_COMMA = re.compile(r"\s*+,?")


def outline_json(text: str, depth: int) -> Iterator[tuple[KeyPath, tuple[Span, Span]]]:
    """Key and value of the members of objects, down to ``depth`` levels; repeated keys, last.

    What lies deeper is skipped in one step where it is shallow, as an index's entries are: so
    an index of 16 MB takes a third of a second, not three.
    """
    opened: list[tuple[KeyPath, Span, int]] = []
    path: KeyPath = ()
    at = text.find("{") + 1
    while at:
        match = _KEY.match(text, at)
        if match is None:
            if not opened:
                return
            path, key, start = opened.pop()
            at = text.index("}", at) + 1
            yield path, (key, Span(start, at))
            path = path[:-1]
        else:
            key, at = Span(*match.span(1)), match.end()
            path = (*path, _decoded(match[1]))
            if len(path) < depth and text[at] == "{":
                opened.append((path, key, at))
                at += 1
                continue
            start, at = at, _skip_value(text, at)
            yield path, (key, Span(start, at))
            path = path[:-1]
        comma = _COMMA.match(text, at)
        at = comma.end() if comma else at


def _skip_value(text: str, at: int) -> int:
    """The end of the value that starts at ``at``."""
    shallow = _SHALLOW.match(text, at)
    if shallow is not None:
        return shallow.end()
    level = 0
    for token in _BRACKET.finditer(text, at):
        level += (token.group() in "{[") - (token.group() in "}]")
        if level == 0:
            return token.end()
    return len(text)


class _Open:
    """An object or array whose end has not been reached."""

    __slots__ = ("key", "key_span", "number", "seen", "start")

    def __init__(self, start: int, is_array: bool) -> None:
        self.start = start
        self.number = 0 if is_array else -1
        self.key: str | None = None
        self.key_span: Span | None = None
        self.seen: set[str] = set()

    def wants_key(self) -> bool:
        return self.number < 0 and self.key is None

    def set_key(self, token: str, span: Span) -> None:
        self.key, self.key_span = _decoded(token), span

    def next_item(self) -> None:
        if self.number >= 0:
            self.number += 1
        self.key = None

    def step(self) -> str | int:
        return self.number if self.number >= 0 else str(self.key)

    def is_repeated(self) -> bool:
        if self.number >= 0:
            return False
        step = str(self.key)
        repeated = step in self.seen
        self.seen.add(step)
        return repeated


def _decoded(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    import json

    return str(json.loads(token))


def _note(
    entries: list[tuple[KeyPath, Span, Span, bool]], opened: list[_Open], span: Span, depth: int
) -> None:
    if len(opened) <= depth:
        path = tuple(each.step() for each in opened)
        repeated = opened[-1].is_repeated()
        entries.append((path, opened[-1].key_span or span, span, repeated))


class EntryPlaces:
    """The places within one entry of a larger file: paths are told from ``prefix``."""

    __slots__ = ("places", "prefix")

    def __init__(self, places: JsonPlaces, prefix: KeyPath) -> None:
        self.places = places
        self.prefix = prefix

    def key_place(self, path: KeyPath) -> Place:
        """A place that is looked up when it is shown."""
        return LaterPlace(self, path, True)

    def value_place(self, path: KeyPath) -> Place:
        """A place that is looked up when it is shown."""
        return LaterPlace(self, path, False)


class LaterPlace(Place):
    """A place whose line and column are found on first use: most are never shown.

    Two are equal when they stand for the same path in the same file, and sort by their paths;
    so comparing, hashing and sorting, which solvers do by the thousand, never read the file.
    """

    __slots__ = ("_at",)
    _at: tuple[EntryPlaces, KeyPath, bool]

    def __init__(self, entry: EntryPlaces, path: KeyPath, is_key: bool) -> None:
        object.__setattr__(self, "_at", (entry, path, is_key))

    def _found(self) -> Place:
        entry, path, is_key = self._at
        look = entry.places.key_place if is_key else entry.places.value_place
        return look((*entry.prefix, *path))

    @property
    def file(self) -> str:
        return self._at[0].places.label

    @property
    def line(self) -> int:
        return self._found().line

    @property
    def column(self) -> int:
        return self._found().column

    @property
    def length(self) -> int:
        return self._found().length

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LaterPlace):
            return self._identity() == other._identity()
        return isinstance(other, Place) and self._found() == other

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, KeyPath, bool]:
        entry, path, is_key = self._at
        return (entry.places.label, (*entry.prefix, *path), is_key)

    def __lt__(self, other: Place) -> bool:
        if not isinstance(other, LaterPlace):
            return self._found() < other
        return self._order() < other._order()

    def __le__(self, other: Place) -> bool:
        return self == other or self < other

    def __gt__(self, other: Place) -> bool:
        return not self <= other

    def __ge__(self, other: Place) -> bool:
        return not self < other

    def _order(self) -> tuple[str, list[tuple[bool, int, str]], bool]:
        """By file, then by path: positions as numbers, before names."""
        file, path, is_key = self._identity()
        steps = [(False, each, "") if isinstance(each, int) else (True, 0, each) for each in path]
        return (file, steps, is_key)

    def __repr__(self) -> str:
        return repr(self._found())
