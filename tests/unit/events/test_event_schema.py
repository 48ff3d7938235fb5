"""Whether a reader of one schema understands payloads of another: computed, not guessed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from recyclic.model.event_schema import ChangeKind, compare, is_compatible

SALE = {
    "type": "object",
    "required": ["total"],
    "properties": {"total": {"type": "integer", "minimum": 0}, "note": {"type": "string"}},
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**SALE, **parts}


def with_field(name: str, schema: Any) -> dict[str, Any]:
    return changed(properties={**SALE["properties"], name: schema})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("new", "kind", "breaking"),
    [
        (with_field("tip", {"type": "integer"}), ChangeKind.ADDED, False),
        (changed(properties={"total": SALE["properties"]["total"]}), ChangeKind.REMOVED, False),  # type: ignore[index]
        (changed(required=[]), ChangeKind.MADE_OPTIONAL, True),
        (changed(required=["total", "note"]), ChangeKind.MADE_REQUIRED, False),
        (with_field("note", {"type": "integer"}), ChangeKind.TYPE, True),
        (with_field("total", {"type": "number", "minimum": 0}), ChangeKind.TYPE, True),
        (with_field("total", {"type": "integer"}), ChangeKind.LIMIT, True),
        (with_field("total", {"type": "integer", "minimum": 5}), ChangeKind.LIMIT, False),
        (with_field("note", {"type": "string", "enum": ["a"]}), ChangeKind.VALUES, False),
    ],
)
def test_each_kind_of_change(new: dict[str, Any], kind: ChangeKind, breaking: bool) -> None:
    """One change, of its kind, that breaks readers or does not."""
    [change] = compare(SALE, new)
    assert (change.kind, change.breaking) == (kind, breaking)


def test_a_limit_that_comes_or_goes_is_told_as_none() -> None:
    """On the side where there is none; so are values that may be any."""
    low = {"type": "integer", "minimum": 0}
    [gone] = compare(low, {"type": "integer"})
    [came] = compare({"type": "string"}, {"type": "string", "enum": ["a", 1]})
    assert (gone.old, gone.new) == ("minimum 0", "no minimum")
    assert (came.old, came.new) == ("any", "a, 1")


def test_a_required_field_that_is_gone_breaks() -> None:
    """And the path tells which, also inside lists."""
    old = {"properties": {"lines": {"items": {"required": ["price"], "properties": {"price": {}}}}}}
    new: dict[str, Any] = {"properties": {"lines": {"items": {"properties": {}}}}}
    [change] = compare(old, new)
    assert (change.path, change.kind, change.breaking) == (
        "lines[].price", ChangeKind.REMOVED, True,
    )  # fmt: skip


def test_a_closed_schema_refuses_additions() -> None:
    """additionalProperties = false at the reader makes any new field a break."""
    closed = changed(additionalProperties=False)
    assert not is_compatible(closed, {**with_field("tip", {}), "additionalProperties": False})


def test_no_schema_reads_everything_and_promises_nothing() -> None:
    """A reader without a schema fits all; one with a schema does not fit an emitter without."""
    assert is_compatible(None, SALE)
    assert not is_compatible(SALE, None)


types = st.sampled_from(["integer", "number", "string", "boolean"])
fields = st.fixed_dictionaries(
    {"type": types}, optional={"minimum": st.integers(0, 3), "enum": st.just([1, 2, "a"])}
)
schemas = st.builds(
    lambda properties, required: {
        "type": "object", "properties": properties, "additionalProperties": False,
        "required": sorted(required & properties.keys()),
    },
    st.dictionaries(st.sampled_from("abc"), fields, max_size=3),
    st.sets(st.sampled_from("abc")),
)  # fmt: skip
values = st.sampled_from([0, 1, 2, 3, 1.5, "a", "b", True, False])
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(schemas, schemas, objects)
def test_compatible_means_every_payload_is_understood(
    reads: dict[str, Any], emits: dict[str, Any], payload: dict[str, Any]
) -> None:
    """The promise itself, against a real validator."""
    if is_compatible(reads, emits) and Draft202012Validator(emits).is_valid(payload):
        assert Draft202012Validator(reads).is_valid(payload)


@given(schemas)
def test_nothing_changed_is_no_change(schema: dict[str, Any]) -> None:
    """Reflexive."""
    assert compare(schema, schema) == []
