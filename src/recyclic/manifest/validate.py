"""A wire model from a table; every mistake pydantic finds becomes a finding with its place."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recyclic.manifest.document import key_text
from recyclic.manifest.findings import Findings
from recyclic.manifest.texts import toml_type
from recyclic.manifest.toml_scanner import KeyPath
from recyclic.manifest.wire import TABLE_TAG, TEXT_TAG
from recyclic.model.diagnostic import Place

WireModel = TypeVar("WireModel", bound=BaseModel)


class Placed(Protocol):
    """A parsed file that knows where things stand."""

    def key_place(self, path: KeyPath) -> Place: ...

    def value_place(self, path: KeyPath) -> Place: ...


def validate(
    model: type[WireModel],
    table: Mapping[str, Any],
    placed: Placed,
    findings: Findings,
) -> WireModel | None:
    """``table`` as ``model``, or None after adding every mistake to ``findings``."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _add(findings, model, placed, detail)
    return None


_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "an integer",
    "float_type": "a number",
    "list_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}

_IS_KEY = "[key]"
"""What pydantic ends the path with when it is a table's key that is wrong."""


def _add(findings: Findings, model: type[BaseModel], placed: Placed, detail: ErrorDetails) -> None:
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    path = _without_tags(detail["loc"])
    is_key = kind != "extra_forbidden" and path[-1:] == (_IS_KEY,)
    path = path[:-1] if is_key else path
    place = placed.key_place(path) if is_key else placed.value_place(path)
    key = key_text(path)
    if kind.startswith("RCY-"):
        findings.error(kind, place, key=key, **context)
    elif kind == "missing":
        findings.error("RCY-M020", placed.value_place(path[:-1]), key=key)
    elif kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        findings.unknown_key(placed.key_place(path), key, str(path[-1]), known)
    elif kind in _EXPECTED:
        findings.error("RCY-M021", place, key=key, expected=_EXPECTED[kind], found=toml_type(found))
    elif kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        findings.error(
            "RCY-M022", place, key=key, found=str(found)[:100], known=expected.split(", "), what=key
        )
    else:
        findings.error("RCY-M029", place, key=key, reason=detail["msg"])


def _without_tags(path: KeyPath) -> KeyPath:
    """``path`` as the file has it: pydantic's tags follow the position in an array."""
    before = ("", *path)
    return tuple(
        part
        for previous, part in zip(before, path, strict=False)
        if not (isinstance(previous, int) and part in (TEXT_TAG, TABLE_TAG))
    )


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that are allowed in the table at ``path``."""
    for part in path:
        inner = _inner_model(model, part)
        model = inner if inner is not None else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _inner_model(model: type[BaseModel], part: str | int) -> type[BaseModel] | None:
    field = model.model_fields.get(str(part))
    return _find_model(field.annotation) if field is not None else None


def _find_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, (_find_model(inner) for inner in get_args(annotation))), None)
