"""The scan that runs beside ``tomllib`` finds every key and value where it stands."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from recyclic.manifest.json_places import JsonPlaces
from recyclic.manifest.toml_scanner import MAX_DEPTH, KeyPath, scan_toml

keys = st.one_of(
    st.from_regex(r"[a-z_-]{1,5}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=15,
)
tables = st.dictionaries(keys, values, max_size=6)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value that is neither a table nor an array, with the way to it."""
    items = enumerate(value) if isinstance(value, list) else value.items()
    for key, inner in items:
        if isinstance(inner, (dict, list)):
            yield from leaves(inner, (*path, key))
        else:
            yield (*path, key), inner


@given(table=tables, multiline=st.booleans(), indent=st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_every_value_is_found_where_it_stands(
    table: dict[str, Any], multiline: bool, indent: int
) -> None:
    """The text at the place of each leaf, parsed alone, is the leaf's value again."""
    text = tomli_w.dumps(table, multiline_strings=multiline, indent=indent)
    found = scan_toml(text)
    for path, value in leaves(tomllib.loads(text)):
        start, end = found.values[path]
        assert tomllib.loads(f"x = {text[start:end]}")["x"] == value
        if isinstance(path[-1], str):
            start, end = found.keys[path]
            assert tomllib.loads(f"{text[start:end]} = 1") == {path[-1]: 1}
    assert not found.duplicates


@given(text=st.text(st.sampled_from("ab.=[]{}\"'#,\n 1\\"), max_size=60))
@settings(max_examples=500, deadline=None)
def test_no_text_stops_the_scan_with_an_error(text: str) -> None:
    """The scan stops quietly at what is not TOML; on what is, it reaches the end."""
    found = scan_toml(text)
    try:
        table = tomllib.loads(text)
    except ValueError:
        return
    assert {path for path, _ in leaves(table)} <= found.values.keys()


@given(
    more=st.integers(1, 5000),
    nesting=st.sampled_from([("x = ", "[", ""), ("x = ", "{a=", ""), ("", "a.", "a = 1")]),
)
@settings(max_examples=30, deadline=None)
def test_depth_is_bounded(more: int, nesting: tuple[str, str, str]) -> None:
    """However deep a text nests, the scan says so instead of following it."""
    before, opening, after = nesting
    assert scan_toml(before + opening * (2 * MAX_DEPTH + more) + after).too_deep is not None


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=6),
        st.text(st.sampled_from('"\\\\{}[],:a '), max_size=6),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.sampled_from('ab"\\\\:{'), max_size=3), inner, max_size=3),
    ),
    max_leaves=20,
)
json_objects = st.dictionaries(st.text(max_size=4), json_values, max_size=4)


@given(document=json_objects, indent=st.sampled_from([None, 0, 2]), depth=st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_json_values_are_found_where_they_stand(
    document: dict[str, Any], indent: int | None, depth: int
) -> None:
    """The outline, and what lies below it, cut out exactly the text of each key and value."""
    text = json.dumps(document, indent=indent)
    places = JsonPlaces("x.json", text.encode, depth)
    for path in json_paths(document):
        found = places.find(path)
        assert found is not None
        key, value = found
        assert json.loads(text[value.start : value.end]) == at_path(document, path)
        if isinstance(path[-1], str):
            assert json.loads(text[key.start : key.end]) == path[-1]


def json_paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The way to every value below ``value``."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*path, step)
        if isinstance(inner, (dict, list)):
            yield from json_paths(inner, (*path, step))


def at_path(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value[step]
    return value
