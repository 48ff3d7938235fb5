"""What a text in a manifest may stand for: a version, a range, a name, or one after the other.

A check that fails raises a pydantic error whose type is our own code, with our facts; so every
mistake of a file comes out of one validation, and its place is found from pydantic's path.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic_core import PydanticCustomError

from recyclic.errors import RecyclicError
from recyclic.model.names import (
    BundleName,
    CapabilityName,
    ExtensionName,
    InvalidNameError,
    ModuleName,
    Name,
)

_LONGEST_TEXT = 1000
"""Characters of a requirement; also keeps hostile digits away from ``int``."""

LONGEST_VERSION = 128
"""Characters of a version."""


class NamedRange(NamedTuple):
    """``caisse>=0.1``: a name that was not checked yet for its kind, and a range."""

    name: str
    specifier: SpecifierSet


class PrefixedRange(NamedTuple):
    """``paheko:caisse>=0.8``: as :class:`NamedRange`, and what the prefix says it is."""

    prefix: str
    name: str
    specifier: SpecifierSet


def refuse(code: str, **facts: Any) -> PydanticCustomError:
    """The error of a check: ``code`` of ours, what it is about, and no words."""
    return PydanticCustomError(code, "see the facts", facts)


def require_text(value: object) -> str:
    """``value`` itself when it is a text of sensible length."""
    if not isinstance(value, str):
        raise refuse("RCY-M021", expected="text", found=toml_type(value))
    if len(value) > _LONGEST_TEXT:
        raise refuse("RCY-M023", limit=_LONGEST_TEXT, found=len(value))
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
    if len(text) > LONGEST_VERSION:
        raise refuse("RCY-M024", text=f"{text[:LONGEST_VERSION]}...")
    try:
        return Version(text)
    except (InvalidVersion, ValueError) as error:
        raise refuse("RCY-M024", text=text) from error


@lru_cache(maxsize=8192)
def parse_specifier(text: str) -> SpecifierSet:
    """``text`` as a PEP 440 range; ``""`` and ``"*"`` mean any version.

    Raises:
        PydanticCustomError: RCY-M025, with the range that was probably meant.
    """
    try:
        return SpecifierSet("" if text.strip() == "*" else text)
    except (InvalidSpecifier, ValueError) as error:
        raise refuse("RCY-M025", text=text, meant=_meant_range(text)) from error


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
        raise refuse("RCY-M026", text=text)
    return NamedRange(match[1], parse_specifier(match[2]))


def checked_name(kind: type[Name], text: str) -> Name:
    """``text`` as a name of that kind.

    Raises:
        PydanticCustomError: with the code that says what is wrong with it.
    """
    try:
        return kind(text)
    except InvalidNameError as error:
        raise _name_refusal(error) from error


def _name_refusal(error: RecyclicError) -> PydanticCustomError:
    return refuse(error.code, **error.facts)


def module_or_capability(text: str) -> Name:
    """A module's name, or a capability's: a module may depend on either."""
    try:
        return ModuleName(text)
    except InvalidNameError as error:
        try:
            return CapabilityName(text)
        except InvalidNameError:
            raise _name_refusal(error) from error


_PREFIXES: dict[str, Callable[[str], Name]] = {
    "": module_or_capability,
    "paheko": lambda text: checked_name(ExtensionName, text),
    "bundle": lambda text: checked_name(BundleName, text),
}


def prefixed_range(value: object) -> PrefixedRange:
    """``paheko:caisse>=0.8`` in three.

    Raises:
        PydanticCustomError: it is no text, no name, no range, or the prefix is unknown.
    """
    name, specifier = parse_named_range(require_text(value))
    prefix, separator, rest = name.rpartition(":")
    check = _PREFIXES.get(prefix)
    if check is None or (separator and not prefix):
        raise refuse("RCY-M022", found=prefix, known=["paheko", "bundle"], what="prefix")
    return PrefixedRange(prefix, check(rest), specifier)


def prefixed_name(text: str) -> tuple[str, Name]:
    """``paheko:caisse`` as prefix and name; no prefix for a module."""
    found = prefixed_range(text)
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
        raise refuse("RCY-M027", text=text, reason=reason) from error
    return text
