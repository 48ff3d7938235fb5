"""JSON from bytes, strictly: no duplicate keys, no NaN, nothing nested beyond measure."""

import re
from typing import Any

import orjson

from recyclic.manifest.json_places import JsonPlaces, walk_entries
from recyclic.manifest.source import decode_source
from recyclic.manifest.toml_scanner import MAX_DEPTH
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place

_PERHAPS_KEY = re.compile(rb'"[ \t\r\n]*+:')


def parse_json(label: str, content: bytes) -> Any:
    """The value in ``content``.

    Raises:
        DiagnosticsError: not JSON, a key written twice, or nested too deeply.
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _syntax_error(label, content, error) from error
    keys = _count_keys(label, content, document)
    # Every key is a quote before a colon, so fewer keys than such quotes is the only sign of a
    # duplicate; texts like ":a" give a false alarm, which the slow way settles.
    if keys != len(_PERHAPS_KEY.findall(content)):
        _refuse_duplicates(label, content)
    return document


def _syntax_error(label: str, content: bytes, error: orjson.JSONDecodeError) -> DiagnosticsError:
    decode_source(label, content)
    code = "RCY-M015" if "depth limit" in error.msg else "RCY-M014"
    place = Place(label, error.lineno, error.colno)
    return DiagnosticsError([Diagnostic(code, place=place, facts={"reason": error.msg})])


def _count_keys(label: str, content: bytes, document: Any) -> int:
    """How many keys all objects have together; refuses what is nested too deeply."""
    count, depth = 0, 0
    level = [document] if type(document) in _CONTAINERS else []
    while level:
        if depth > MAX_DEPTH:
            raise DiagnosticsError([Diagnostic("RCY-M015", place=_deep_place(label, content))])
        below: list[Any] = []
        for value in level:
            if type(value) is dict:
                count += len(value)
                below += [each for each in value.values() if type(each) in _CONTAINERS]
            else:
                below += [each for each in value if type(each) in _CONTAINERS]
        level, depth = below, depth + 1
    return count


_CONTAINERS = (dict, list)


def _deep_place(label: str, content: bytes) -> Place:
    depth = 0
    for token in re.finditer(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', content):
        mark = token.group()
        depth += mark in (b"{", b"[")
        depth -= mark in (b"}", b"]")
        if depth > MAX_DEPTH:
            before = content[: token.start()]
            column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
            return Place(label, before.count(b"\n") + 1, column)
    return Place(label)


def _refuse_duplicates(label: str, content: bytes) -> None:
    places = JsonPlaces(label, lambda: content)
    found = []
    for path, key, _, repeated in walk_entries(content.decode("utf-8"), 0, MAX_DEPTH):
        if repeated:
            place = places.place_of(key)
            first = places.key_place(path)
            facts = {"key": ".".join(str(part) for part in path)[:200], "first": first.line}
            found.append(Diagnostic("RCY-M011", place=place, facts=facts))
    if found:
        raise DiagnosticsError(found)
