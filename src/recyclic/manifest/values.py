"""The kinds of text a manifest may hold, each checked and turned into its value on the way in.

A check that fails raises a pydantic error whose type is our own code, with our facts; so every
mistake of a file comes out of one validation, and its place is found from pydantic's path.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from recyclic.errors import RecyclicError
from recyclic.model.names import (
    BundleName,
    CapabilityName,
    EventName,
    ExtensionName,
    InvalidNameError,
    ModuleName,
    Name,
    SiteName,
)
from recyclic.model.permission import SECTIONS
from recyclic.model.profile import DataWish
from recyclic.model.settings import is_secret_reference

_LONGEST_TEXT = 1000
"""Characters of a requirement; also keeps hostile digits away from ``int``."""

_LONGEST_VERSION = 128

VERSION_PATTERN = r"^\s*v?[0-9][0-9A-Za-z.!+_-]*\s*$"
SPECIFIER_PATTERN = r"^\s*(\*|(~=|==|!=|<=|>=|<|>|===).*)?\s*$"
REQUIREMENT_PATTERN = r"^\s*[A-Za-z_][A-Za-z0-9._-]*\s*(\*|((~=|==|!=|<=|>=|<|>|===).*))?$"


class NamedRange(NamedTuple):
    """``caisse>=0.1``: a name that was not checked yet for its kind, and a range."""

    name: str
    specifier: SpecifierSet


class PrefixedRange(NamedTuple):
    """``paheko:caisse>=0.8``: as :class:`NamedRange`, and what the prefix says it is."""

    prefix: str
    name: str
    specifier: SpecifierSet


def _refuse(code: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError(code, "see the facts", facts)


def require_text(value: object) -> str:
    """``value`` itself when it is a text of sensible length."""
    if not isinstance(value, str):
        raise _refuse("RCY-M021", expected="text", found=toml_type(value))
    if len(value) > _LONGEST_TEXT:
        raise _refuse("RCY-M023", limit=_LONGEST_TEXT, found=len(value))
    return value


def toml_type(value: object) -> str:
    """What a person who writes TOML calls the type of ``value``."""
    names: dict[type, str] = {
        bool: "true or false",
        int: "an integer",
        float: "a number",
        str: "text",
        list: "an array",
        dict: "a table",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


@lru_cache(maxsize=8192)
def parse_version(text: str) -> Version:
    """``text`` as a PEP 440 version.

    Raises:
        PydanticCustomError: RCY-M024.
    """
    if len(text) > _LONGEST_VERSION:
        raise _refuse("RCY-M024", text=f"{text[:_LONGEST_VERSION]}...")
    try:
        return Version(text)
    except (InvalidVersion, ValueError) as error:
        raise _refuse("RCY-M024", text=text) from error


@lru_cache(maxsize=8192)
def parse_specifier(text: str) -> SpecifierSet:
    """``text`` as a PEP 440 range; ``""`` and ``"*"`` mean any version.

    Raises:
        PydanticCustomError: RCY-M025, with the range that was probably meant.
    """
    try:
        return SpecifierSet("" if text.strip() == "*" else text)
    except (InvalidSpecifier, ValueError) as error:
        raise _refuse("RCY-M025", text=text, meant=_meant_range(text)) from error


def _meant_range(text: str) -> str:
    """PEP 440 for forgotten commas, a caret, a tilde, a lone ``=`` or a bare version;
    ``">=1.0,<2"`` failing all."""
    with_commas = re.sub(r"(?<=[\w*])\s+(?=[<>=!~])", ",", text.strip())
    if with_commas != text and _is_range(with_commas):
        return with_commas
    match = re.fullmatch(r"\s*(\^|~>?|=|)\s*v?(\d{1,9}(?:\.\d{1,9}){0,3})\s*", text)
    if match is None:
        return ">=1.0,<2"
    mark, version = match[1], match[2]
    parts = [int(part) for part in version.split(".")]
    if mark in ("", "="):
        return f"=={version}"
    if mark != "^":
        return f"~={version}" if len(parts) > 1 else f">={version},<{parts[0] + 1}"
    at = next((at for at, part in enumerate(parts) if part), len(parts) - 1)
    above = ".".join(str(part) for part in [*parts[:at], parts[at] + 1])
    return f">={version},<{above}"


def _is_range(text: str) -> bool:
    try:
        SpecifierSet(text)
    except (InvalidSpecifier, ValueError):
        return False
    return True


_NAMED = re.compile(r"\s*([^\s<>=!~^*;@(\[]+)\s*(.*?)\s*", re.DOTALL)


def parse_named_range(text: str) -> NamedRange:
    """``caisse>=0.1,<1`` in two.

    Raises:
        PydanticCustomError: RCY-M026 without a name, RCY-M025 for its range.
    """
    match = _NAMED.fullmatch(text)
    if match is None:
        raise _refuse("RCY-M026", text=text)
    return NamedRange(match[1], parse_specifier(match[2]))


def _checked_name(kind: type[Name], text: str) -> Name:
    try:
        return kind(text)
    except InvalidNameError as error:
        raise _name_refusal(error) from error


def _name_refusal(error: RecyclicError) -> PydanticCustomError:
    return _refuse(error.code, **error.facts)


def module_or_capability(text: str) -> Name:
    """A module's name, or a capability's: a module may depend on either."""
    try:
        return ModuleName(text)
    except InvalidNameError as error:
        try:
            return CapabilityName(text)
        except InvalidNameError:
            raise _name_refusal(error) from error


def _named(check: Callable[[str], Name]) -> Callable[[object], NamedRange]:
    def validate(value: object) -> NamedRange:
        name, specifier = parse_named_range(require_text(value))
        return NamedRange(check(name), specifier)

    return validate


def _name(kind: type[Name]) -> Callable[[object], Name]:
    return lambda value: _checked_name(kind, require_text(value))


_PREFIXES: dict[str, Callable[[str], Name]] = {
    "": module_or_capability,
    "paheko": lambda text: _checked_name(ExtensionName, text),
    "bundle": lambda text: _checked_name(BundleName, text),
}


def _prefixed(value: object) -> PrefixedRange:
    name, specifier = parse_named_range(require_text(value))
    prefix, separator, rest = name.rpartition(":")
    check = _PREFIXES.get(prefix)
    if check is None or (separator and not prefix):
        raise _refuse("RCY-M022", found=prefix, known=["paheko", "bundle"], what="prefix")
    return PrefixedRange(prefix, check(rest), specifier)


def prefixed_name(text: str) -> tuple[str, Name]:
    """``paheko:caisse`` as prefix and name; no prefix for a module."""
    found = _prefixed(text)
    return found.prefix, module_or_capability(found.name) if not found.prefix else Name(found.name)


def python_requirement(value: object) -> str:
    """A PEP 508 requirement, as written.

    Raises:
        PydanticCustomError: RCY-M027.
    """
    text = require_text(value)
    try:
        Pep508Requirement(text)
    except (InvalidRequirement, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise _refuse("RCY-M027", text=text, reason=reason) from error
    return text


def _specifier_or_off(value: object) -> SpecifierSet | bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise _refuse(
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
            raise _refuse("RCY-M022", found=str(key), known=["data"], what="key")
    if value.get("data") != DataWish.DELETE:
        found = str(value.get("data", ""))[:_LONGEST_VERSION]
        raise _refuse("RCY-M022", found=found, known=[each.value for each in DataWish], what="data")
    return DataWish.DELETE


def _section(value: object) -> str:
    text = require_text(value)
    if text not in SECTIONS:
        raise _refuse("RCY-M022", found=text, known=list(SECTIONS), what="section")
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
        raise _refuse("RCY-M028", found=sorted(str(key) for key in value)[:5])
    return require_text(value)


def _secret(value: object) -> dict[str, str]:
    """A reference to a secret, which is never written down itself."""
    if isinstance(value, dict) and is_secret_reference(value):
        return value
    if isinstance(value, dict):
        raise _refuse("RCY-M028", found=sorted(str(key) for key in value)[:5])
    raise _refuse("RCY-M060")


def _sha256(value: object) -> str:
    text = require_text(value)
    if re.fullmatch("[0-9a-f]{64}", text) is None:
        raise _refuse("RCY-M033", found=text[:100])
    return text


def _tree_hash(value: object) -> str:
    text = require_text(value)
    if re.fullmatch("sha256:[0-9a-f]{64}", text) is None:
        raise _refuse("RCY-M033", found=text[:100])
    return text


def _format_one(value: object) -> int:
    if type(value) is not int or value != 1:
        raise _refuse("RCY-M032", found=str(value)[:100], known=[1])
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
    PlainValidator(_named(lambda text: _checked_name(ExtensionName, text))),
    _text_schema(REQUIREMENT_PATTERN),
]
BundleRange = Annotated[
    NamedRange,
    PlainValidator(_named(lambda text: _checked_name(BundleName, text))),
    _text_schema(REQUIREMENT_PATTERN),
]
AnyRange = Annotated[PrefixedRange, PlainValidator(_prefixed), _text_schema()]
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
