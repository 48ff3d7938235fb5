"""What changed between two schemas of one event's payload, and whether readers still understand it.

The question is always the reader's: it was written for the *old* schema; can every payload that
the *new* one allows still be given to it?
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any] | bool


class ChangeKind(StrEnum):
    """What sort of change. The value is how it is written in JSON."""

    ADDED = "field added"
    REMOVED = "field removed"
    MADE_OPTIONAL = "field made optional"
    MADE_REQUIRED = "field made required"
    TYPE = "type changed"
    VALUES = "allowed values changed"
    LIMIT = "limit changed"
    UNCLEAR = "cannot be compared"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        path: Of the field, ``lines[].price``; "" for the payload itself.
        breaking: A payload allowed now may be one that a reader of the old schema refuses.
        old, new: What is said about it, as text; "" for nothing.
    """

    kind: ChangeKind
    path: str
    breaking: bool
    old: str = ""
    new: str = ""


def compare(old: Schema | None, new: Schema | None) -> list[Change]:
    """All changes from ``old`` to ``new``, in the order of their paths.

    A missing schema (None) allows everything: a reader without one refuses nothing, and payloads
    of an emitter without one may be anything, which breaks every reader that has a schema.
    """
    changes = _compare(_schema(old), _schema(new), "")
    return sorted(changes, key=lambda one: (one.path, one.kind.value))


def is_compatible(reads: Schema | None, emits: Schema | None) -> bool:
    """Whether every payload that ``emits`` allows can be given to a reader of ``reads``."""
    return not any(change.breaking for change in compare(reads, emits))


_LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
_COMBINED = (
    "$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "patternProperties",
    "prefixItems", "contains", "propertyNames", "dependentRequired", "dependentSchemas",
    "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
_ALL_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))


def _schema(schema: Schema | None) -> Mapping[str, Any]:
    if schema is None or schema is True:
        return {}
    return {"not": {}} if schema is False else schema


def _compare(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    if old == new:
        return
    combined = [word for word in _COMBINED if old.get(word) != new.get(word)]
    if combined:
        # A reader without the word asks for nothing there; with it, its answer would need proof.
        breaking = any(word in old for word in combined)
        yield Change(ChangeKind.UNCLEAR, path, breaking, new=", ".join(combined))
    yield from _types(old, new, path)
    yield from _values(old, new, path)
    yield from _limits(old, new, path)
    yield from _fields(old, new, path)
    if "items" in old or "items" in new:
        old_items, new_items = _schema(old.get("items")), _schema(new.get("items"))
        yield from _compare(old_items, new_items, f"{path}[]")


def _allowed_types(schema: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types a schema allows; ``number`` stands for ``integer`` too."""
    named = schema.get("type")
    if named is None:
        return _ALL_TYPES
    types = frozenset([named] if isinstance(named, str) else named)
    return types | {"integer"} if "number" in types else types


def _types(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, now = _allowed_types(old), _allowed_types(new)
    if before != now:
        breaking = not now <= before
        yield Change(ChangeKind.TYPE, path, breaking, _listed(before), _listed(now))


def _listed(types: frozenset[str]) -> str:
    return "any" if types == _ALL_TYPES else ", ".join(sorted(types))


def _choices(schema: Mapping[str, Any]) -> list[Any] | None:
    """The only values allowed, or None when they are not enumerated."""
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _values(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, now = _choices(old), _choices(new)
    if before == now:
        return
    if before is None:
        breaking = False
    else:
        breaking = now is None or any(_typed(one) not in map(_typed, before) for one in now)
    yield Change(ChangeKind.VALUES, path, breaking, _chosen(before), _chosen(now))


def _chosen(values: list[Any] | None) -> str:
    return "any" if values is None else ", ".join(map(str, values))


def _typed(value: Any) -> tuple[bool, Any]:
    """``true`` and ``1`` are equal in Python and different in JSON."""
    return isinstance(value, bool), value


def _limits(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    for word in (*_LOWER_LIMITS, *_UPPER_LIMITS, *_EXACT):
        before, now = old.get(word), new.get(word)
        if before != now:
            breaking = _widens(word, before, now)
            yield Change(
                ChangeKind.LIMIT,
                path,
                breaking,
                f"no {word}" if before is None else f"{word} {before}",
                f"no {word}" if now is None else f"{word} {now}",
            )


def _widens(word: str, before: Any, now: Any) -> bool:
    """Whether a value that the limit ``before`` refuses is allowed ``now``."""
    if before is None:
        return False
    if now is None or word in _EXACT:
        return True
    return bool(now < before if word in _LOWER_LIMITS else now > before)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before: Mapping[str, Any] = old.get("properties", {})
    now: Mapping[str, Any] = new.get("properties", {})
    needed, given = frozenset(old.get("required", ())), frozenset(new.get("required", ()))
    for name in sorted({*before, *now, *needed, *given}):
        inner = f"{path}.{name}" if path else name
        yield from _presence(name, inner, (before, needed), (now, given), old)
        if name in before and name in now:
            yield from _compare(_schema(before[name]), _schema(now[name]), inner)
    yield from _others(old, new, path)


Part = tuple[Mapping[str, Any], frozenset[str]]


def _presence(
    name: str, path: str, before: Part, now: Part, old: Mapping[str, Any]
) -> Iterator[Change]:
    """Whether the field is there at all, and whether it must be."""
    was_known, is_known = name in {*before[0], *before[1]}, name in {*now[0], *now[1]}
    was_needed, is_given = name in before[1], name in now[1]
    if not was_known:
        others = _schema(old.get("additionalProperties", True))
        refused = any(one.breaking for one in _compare(others, _schema(now[0].get(name)), path))
        yield Change(ChangeKind.ADDED, path, breaking=refused)
    elif not is_known:
        yield Change(ChangeKind.REMOVED, path, breaking=was_needed)
    elif was_needed and not is_given:
        yield Change(ChangeKind.MADE_OPTIONAL, path, breaking=True)
    elif is_given and not was_needed:
        yield Change(ChangeKind.MADE_REQUIRED, path, breaking=False)


def _others(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    """Fields that no one named."""
    before, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if before == now or before is True:
        return
    if now is False:
        return
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        yield from _compare(before, now, f"{path}.*" if path else "*")
        return
    old_text, new_text = f"additionalProperties {before}", f"additionalProperties {now}"
    yield Change(ChangeKind.LIMIT, path, True, old_text, new_text)
