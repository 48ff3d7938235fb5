"""A module's settings against its JSON Schema: what does not fit, without ever showing a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from recyclic.model.diagnostic import Diagnostic, Place
from recyclic.model.package import Release
from recyclic.model.settings import is_secret_reference

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
    """What makes ``schema`` itself no JSON Schema (draft 2020-12) of an object."""
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    found = [
        Misfit(tuple(error.absolute_path), str(error.validator), _expected(error.validator_value))
        for error in checker.iter_errors(_as_json(schema))
    ]
    if not found and schema.get("type", "object") != "object":
        found.append(Misfit(("type",), "type", "object"))
    return found


def misfits(values: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Misfit]:
    """Every value of ``values`` that does not fit; references to secrets fit everywhere."""
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "regex", "time"))
    formats.checks("uri", raises=ValueError)(_is_uri)
    known, wanted = without_references(dict(values), {"type": "object", **schema})
    errors = Draft202012Validator(wanted, format_checker=formats).iter_errors(known)
    return sorted(
        {
            Misfit(_blamed_path(error), str(error.validator), _expected_of(error))
            for error in errors
        },
        key=lambda misfit: ([str(part) for part in misfit.path], misfit.rule, misfit.expected),
    )


def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and (parts.netloc or parts.path))


def _blamed_path(error: Any) -> SettingPath:
    """Where the mistake is: of a missing key, the key itself."""
    path = tuple(error.absolute_path)
    if error.validator == "required":
        return (*path, _missing_key(error))
    return path


def _missing_key(error: Any) -> str:
    return next(
        (str(key) for key in error.validator_value if error.message.startswith(f"{key!r} ")), "?"
    )


def _expected_of(error: Any) -> str:
    if error.validator == "additionalProperties":
        known = (error.schema.get("properties") or {}) if isinstance(error.schema, dict) else {}
        return _expected(sorted(known))
    return _expected(error.validator_value)


def _expected(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)[:200]
    return str(value)[:200]


def _as_json(value: Any) -> Any:
    """``value`` with its tuples as lists, which is all that JSON Schema knows."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in value]
    return value


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
