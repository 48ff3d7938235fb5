"""The kinds of value a manifest may hold, as pydantic checks them and as the JSON Schemas say."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pydantic import PlainValidator, WithJsonSchema

from recyclic.manifest.texts import (
    LONGEST_VERSION,
    NamedRange,
    PrefixedRange,
    checked_name,
    module_or_capability,
    parse_named_range,
    parse_specifier,
    parse_version,
    prefixed_name,
    prefixed_range,
    python_requirement,
    refuse,
    require_text,
    toml_type,
)
from recyclic.model.names import (
    BundleName,
    EventName,
    ExtensionName,
    ModuleName,
    Name,
    SiteName,
)
from recyclic.model.permission import SECTIONS
from recyclic.model.profile import DataWish
from recyclic.model.settings import is_secret_reference

VERSION_PATTERN = r"^\s*v?[0-9][0-9A-Za-z.!+_-]*\s*$"
SPECIFIER_PATTERN = r"^\s*(\*|(~=|==|!=|<=|>=|<|>|===).*)?\s*$"
REQUIREMENT_PATTERN = r"^\s*[A-Za-z_][A-Za-z0-9._-]*\s*(\*|((~=|==|!=|<=|>=|<|>|===).*))?$"


def _named(check: Callable[[str], Name]) -> Callable[[object], NamedRange]:
    def validate(value: object) -> NamedRange:
        name, specifier = parse_named_range(require_text(value))
        return NamedRange(check(name), specifier)

    return validate


def _name(kind: type[Name]) -> Callable[[object], Name]:
    return lambda value: checked_name(kind, require_text(value))


def _specifier_or_off(value: object) -> SpecifierSet | bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise refuse(
            "RCY-M021", expected='a range such as ">=1.0", or false', found=toml_type(value)
        )
    return parse_specifier(require_text(value))


def _version_or_out(value: object) -> str | Literal[False]:
    if value is False:
        return False
    text = require_text(value)
    parse_version(text)
    return text


def _extension_wish(value: object) -> SpecifierSet | bool | DataWish:
    if not isinstance(value, dict):
        return _specifier_or_off(value)
    for key in value:
        if key != "data":
            raise refuse("RCY-M022", found=str(key), known=["data"], what="key")
    if value.get("data") != DataWish.DELETE:
        found = str(value.get("data", ""))[:LONGEST_VERSION]
        raise refuse("RCY-M022", found=found, known=[each.value for each in DataWish], what="data")
    return DataWish.DELETE


def _section(value: object) -> str:
    text = require_text(value)
    if text not in SECTIONS:
        raise refuse("RCY-M022", found=text, known=list(SECTIONS), what="section")
    return text


def _event_schema(value: object) -> str | dict[str, Any] | None:
    """A schema's file name, or the schema itself."""
    if value is None or isinstance(value, dict):
        return value
    return require_text(value)


def _secret_or_text(value: object) -> str | dict[str, str]:
    """A text, or a reference to a secret."""
    if isinstance(value, dict) and is_secret_reference(value):
        return value
    if isinstance(value, dict):
        raise refuse("RCY-M028", found=sorted(str(key) for key in value)[:5])
    return require_text(value)


def _secret(value: object) -> dict[str, str]:
    """A reference to a secret, which is never written down itself."""
    if isinstance(value, dict) and is_secret_reference(value):
        return value
    if isinstance(value, dict):
        raise refuse("RCY-M028", found=sorted(str(key) for key in value)[:5])
    raise refuse("RCY-M060")


def _sha256(value: object) -> str:
    text = require_text(value)
    if re.fullmatch("[0-9a-f]{64}", text) is None:
        raise refuse("RCY-M033", found=text[:100])
    return text


def _tree_hash(value: object) -> str:
    text = require_text(value)
    if re.fullmatch("sha256:[0-9a-f]{64}", text) is None:
        raise refuse("RCY-M033", found=text[:100])
    return text


def _format_one(value: object) -> int:
    if type(value) is not int or value != 1:
        raise refuse("RCY-M032", found=str(value)[:100], known=[1])
    return 1


def _yanked(value: object) -> str | bool:
    return value if isinstance(value, bool) else require_text(value)


def _text_schema(pattern: str = "", **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **({"pattern": pattern} if pattern else {}), **more})


def _reference_schema(*keys: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "object",
            "properties": {key: {"type": "string"}},
            "required": [key],
            "additionalProperties": False,
        }
        for key in keys
    ]


def _name_schema(kind: type[Name]) -> WithJsonSchema:
    return _text_schema(f"^{kind.pattern.pattern}$", maxLength=100)


_RANGE_EXAMPLES = [">=1.0,<2", "*"]

Text = Annotated[str, PlainValidator(require_text), _text_schema()]
SectionText = Annotated[str, PlainValidator(_section), _text_schema(enum=list(SECTIONS))]
VersionValue = Annotated[
    Version,
    PlainValidator(lambda value: parse_version(require_text(value))),
    _text_schema(VERSION_PATTERN, examples=["1.0.0"]),
]
Range = Annotated[
    SpecifierSet,
    PlainValidator(lambda value: parse_specifier(require_text(value))),
    _text_schema(SPECIFIER_PATTERN, examples=_RANGE_EXAMPLES),
]
RangeOrOff = Annotated[
    SpecifierSet | bool,
    PlainValidator(_specifier_or_off),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": SPECIFIER_PATTERN}, {"type": "boolean"}]}
    ),
]
ExtensionWish = Annotated[
    SpecifierSet | bool | DataWish,
    PlainValidator(_extension_wish),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": SPECIFIER_PATTERN},
                {"type": "boolean"},
                {
                    "type": "object",
                    "description": "Left out, and what it keeps in Paheko deleted. One-way.",
                    "properties": {"data": {"enum": [each.value for each in DataWish]}},
                    "required": ["data"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
ModuleRange = Annotated[
    NamedRange, PlainValidator(_named(module_or_capability)), _text_schema(REQUIREMENT_PATTERN)
]
CapabilityRange = Annotated[
    NamedRange, PlainValidator(_named(module_or_capability)), _text_schema(REQUIREMENT_PATTERN)
]
ExtensionRange = Annotated[
    NamedRange,
    PlainValidator(_named(lambda text: checked_name(ExtensionName, text))),
    _text_schema(REQUIREMENT_PATTERN),
]
BundleRange = Annotated[
    NamedRange,
    PlainValidator(_named(lambda text: checked_name(BundleName, text))),
    _text_schema(REQUIREMENT_PATTERN),
]
AnyRange = Annotated[PrefixedRange, PlainValidator(prefixed_range), _text_schema()]
PythonRange = Annotated[str, PlainValidator(python_requirement), _text_schema()]
ModuleKey = Annotated[
    Name, PlainValidator(lambda value: module_or_capability(require_text(value))), _text_schema()
]
PrefixedKey = Annotated[
    str,
    PlainValidator(lambda value: (prefixed_name(require_text(value)), value)[1]),
    _text_schema(),
]
LockKey = Annotated[
    str,
    PlainValidator(
        lambda value: (prefixed_name(require_text(value).removeprefix("module:")), value)[1]
    ),
    _text_schema(),
]
ExtensionKey = Annotated[
    ExtensionName, PlainValidator(_name(ExtensionName)), _name_schema(ExtensionName)
]
BundleKey = Annotated[BundleName, PlainValidator(_name(BundleName)), _name_schema(BundleName)]
SiteKey = Annotated[SiteName, PlainValidator(_name(SiteName)), _name_schema(SiteName)]
EventKey = Annotated[EventName, PlainValidator(_name(EventName)), _name_schema(EventName)]
EventSchema = Annotated[
    str | dict[str, Any] | None,
    PlainValidator(_event_schema),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
]
SecretOrText = Annotated[
    str | dict[str, str],
    PlainValidator(_secret_or_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, *(_reference_schema("env", "file"))]}),
]
Secret = Annotated[
    dict[str, str],
    PlainValidator(_secret),
    WithJsonSchema({"anyOf": _reference_schema("env", "file")}),
]
TreeHash = Annotated[str, PlainValidator(_tree_hash), _text_schema("^sha256:[0-9a-f]{64}$")]
ModuleId = Annotated[ModuleName, PlainValidator(_name(ModuleName)), _name_schema(ModuleName)]
VersionText = Annotated[
    str,
    PlainValidator(lambda value: (parse_version(require_text(value)), value)[1]),
    _text_schema(VERSION_PATTERN),
]
VersionOrOut = Annotated[
    str | Literal[False],
    PlainValidator(_version_or_out),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": VERSION_PATTERN}, {"const": False}]}),
]
Sha256 = Annotated[str, PlainValidator(_sha256), _text_schema("^[0-9a-f]{64}$")]
FormatOne = Annotated[int, PlainValidator(_format_one), WithJsonSchema({"const": 1})]
Yanked = Annotated[
    str | bool,
    PlainValidator(_yanked),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "boolean"}]}),
]
