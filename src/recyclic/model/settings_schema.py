"""A module's settings against its JSON Schema: what does not fit, without ever showing a value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from recyclic.model.diagnostic import Diagnostic, Place
from recyclic.model.package import Release
from recyclic.model.settings import is_secret_reference

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

_DEEPEST = 64

SettingPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """One value that does not fit.

    Attributes:
        path: Keys and positions from the settings' top.
        rule: The schema's keyword that is broken, ``type`` or ``required``.
        expected: What the keyword asks for, as text.
    """

    path: SettingPath
    rule: str
    expected: str


def schema_mistakes(schema: Mapping[str, Any]) -> list[Misfit]:
    """What makes ``schema`` itself no JSON Schema (draft 2020-12) of an object.

    A reference to another document is a mistake: nothing is ever fetched.
    """
    from jsonschema_rs import ReferencingError, ValidationError

    plain = _as_json(schema)
    found = _sorted_misfits(_meta_schema().iter_errors(plain), {})
    if not found:
        try:
            schema_validator(plain)
        except (ValidationError, ReferencingError) as error:
            found.append(Misfit((), "$ref", error.message))
    if not found and schema.get("type", "object") != "object":
        found.append(Misfit(("type",), "type", "object"))
    return found


def misfits(values: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Misfit]:
    """Every value of ``values`` that does not fit; references to secrets fit everywhere.

    ``schema`` is one in which ``schema_mistakes`` finds nothing.
    """
    known, wanted = without_references(dict(values), {"type": "object", **schema})
    plain = _as_json(wanted)
    return _sorted_misfits(schema_validator(plain).iter_errors(_as_json(known)), plain)


def schema_validator(schema: Mapping[str, Any]) -> "Draft202012Validator":
    """What checks values against ``schema``, formats included, from this machine alone.

    Raises:
        ValidationError, ReferencingError: ``schema`` is no JSON Schema, or refers to elsewhere.
    """
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(
        dict(schema), validate_formats=True, formats={"uri": _is_uri}, offline=True
    )


def _meta_schema() -> "Draft202012Validator":
    return schema_validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def _is_uri(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _sorted_misfits(errors: Iterable["ValidationError"], schema: Mapping[str, Any]) -> list[Misfit]:
    found = {
        Misfit(_blamed_path(error), error.kind.name, _expected(error, schema)) for error in errors
    }
    return sorted(found, key=lambda one: ([str(part) for part in one.path], one.rule, one.expected))


def _blamed_path(error: "ValidationError") -> SettingPath:
    """Where the mistake is: of a missing key, the key itself."""
    path = tuple(error.instance_path)
    missing = error.kind.value if error.kind.name == "required" else None
    return path if missing is None else (*path, str(missing))


def _expected(error: "ValidationError", schema: Mapping[str, Any]) -> str:
    """What the broken keyword asks for, in one line."""
    match error.kind.name:
        case "additionalProperties":
            wanted: Any = sorted(_properties_at(schema, error.schema_path[:-1]))
        case "anyOf" | "oneOf":
            wanted = _of_the_alternatives(error.kind)
        case _:
            wanted = error.kind.value
    if isinstance(wanted, (list, tuple)):
        return ", ".join(str(item) for item in wanted)[:200]
    return str(wanted)[:200]


def _properties_at(schema: Any, path: Iterable[str | int]) -> Iterable[str]:
    for part in path:
        schema = schema[part]
    return schema.get("properties") or ()


def _of_the_alternatives(kind: "ValidationErrorKind") -> list[str]:
    """What each alternative asks for, once each, in their order."""
    every = [error.kind.value for errors in kind.value for error in errors]
    flat = [item for value in every for item in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(str(item) for item in flat))


def _as_json(value: Any) -> Any:
    """``value`` as JSON has it: a tuple is a list; a date is like no value of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in value]
    return _NO_JSON if isinstance(value, (date, time)) else value


_NO_JSON: Mapping[str, Any] = {"a date of TOML": None}


def without_references(
    values: dict[str, Any], schema: Mapping[str, Any], depth: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``values`` without what only the site's boot can know, and ``schema`` not asking for it."""
    properties: dict[str, Any] = dict(schema.get("properties") or {})
    kept: dict[str, Any] = {}
    hidden: set[str] = set()
    for key, value in values.items():
        inner = properties.get(key)
        if is_secret_reference(value):
            hidden.add(key)
        elif isinstance(value, dict) and isinstance(inner, Mapping) and depth < _DEEPEST:
            kept[key], properties[key] = without_references(value, inner, depth + 1)
        else:
            kept[key] = value
    wanted = dict(schema)
    if "properties" in schema:
        wanted["properties"] = properties
    if isinstance(required := schema.get("required"), list):
        wanted["required"] = [key for key in required if key not in hidden]
    return kept, wanted


def secret_paths(schema: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, ...]]:
    """The settings that the schema marks ``secret = true``, however deep."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or depth > _DEEPEST:
        return
    for key, inner in properties.items():
        if not isinstance(inner, Mapping):
            continue
        if inner.get("secret") is True:
            yield (key,)
        for path in secret_paths(inner, depth + 1):
            yield (key, *path)


def schema_findings(module: Release) -> Iterator[Diagnostic]:
    """The mistakes of a module's own schemas, and secrets that it gives as defaults."""
    for event in (*module.emits, *module.consumes):
        for mistake in schema_mistakes(event.schema) if event.schema is not None else []:
            facts = {
                "module": module.package.name,
                "event": event.name,
                "path": dotted(mistake.path) or "$",
                "expected": mistake.expected,
            }
            yield Diagnostic("RCY-C023", place=event.place, facts=facts)
    schema, name = module.settings_schema, module.package.name
    if schema is None:
        return
    for mistake in schema_mistakes(schema):
        facts = {
            "module": name,
            "path": dotted(mistake.path) or "settings",
            "expected": mistake.expected,
        }
        yield Diagnostic("RCY-C014", place=_property_place(module, mistake.path), facts=facts)
    for path in secret_paths(schema):
        if _default_at(schema, path) is not None:
            place = _property_place(module, ("properties", *path))
            yield Diagnostic("RCY-C012", place=place, facts={"module": name, "key": dotted(path)})


def _property_place(module: Release, path: SettingPath) -> Place:
    key = str(path[1]) if len(path) > 1 and path[0] == "properties" else ""
    return module.setting_places.get((module.package.name, key), module.place)


def _default_at(schema: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    for key in path:
        schema = schema["properties"][key]
    default = schema.get("default")
    return None if is_secret_reference(default) else default


def dotted(path: SettingPath) -> str:
    """``rates[2].label``: the way to a value, as a person would say it."""
    shown = ""
    for part in path:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown
