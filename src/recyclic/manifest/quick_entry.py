"""The short way to decode an index's entry: ten times as fast, for entries with nothing unusual.

A solver may ask for every release of an index. So this knows the common shape of a module's
entry and makes exactly the release that the full way makes; at anything else, a mistake
included, it gives up, and the full way decides.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pydantic_core import PydanticCustomError

from recyclic.manifest.decode import exact_version
from recyclic.manifest.json_places import EntryPlaces
from recyclic.manifest.texts import module_or_capability, parse_named_range, python_requirement
from recyclic.model.names import EventName, ExtensionName, InvalidNameError
from recyclic.model.package import (
    Artifact,
    Capability,
    EventContract,
    Origin,
    Package,
    PackageKind,
    Permissions,
    PythonRequirement,
    Release,
    Requirement,
)
from recyclic.model.permission import LEVELS_OF_SECTION

_ENTRY_KEYS = frozenset(
    ["name", "version", "description", "permissions", "ui", "dependencies", "events", "artifact"]
)
_DEPENDENCY_KEYS = frozenset(["modules", "python", "paheko", "optional", "conflicts", "provides"])
_LONGEST_TEXT = 1000
_NOTHING: Mapping[str, Any] = {}


class _UnusualError(Exception):
    """Something that only the full way may judge."""


def quick_module(
    package: Package,
    version: Version,
    key: str,
    entry: Mapping[str, Any],
    placed: EntryPlaces,
    origin: Origin,
) -> Release | None:
    """The release of an entry of the common shape, or None for every other."""
    try:
        return _release(package, version, key, entry, placed, origin)
    except (_UnusualError, PydanticCustomError, InvalidNameError, ValueError, TypeError):
        return None


def _release(
    package: Package,
    version: Version,
    key: str,
    entry: Mapping[str, Any],
    placed: EntryPlaces,
    origin: Origin,
) -> Release:
    if not entry.keys() <= _ENTRY_KEYS or entry.get("version", key) != key:
        raise _UnusualError
    wanted = _table(entry, "dependencies", _DEPENDENCY_KEYS)
    ui = _table(entry, "ui", ("routes", "slots"))
    events = _table(entry, "events", ("emits", "consumes"))
    place, path = placed.value_place, "dependencies"
    return Release(
        package=package,
        version=version,
        place=place(("version",)),
        origin=origin,
        label=_text(entry.get("name", package.name)),
        description=_text(entry.get("description", "")),
        requires=(
            *(
                Requirement(*_module_range(text), place((path, "modules", at)))
                for at, text in enumerate(_list(wanted, "modules"))
            ),
            *(
                Requirement(*_extension_range(text), place((path, "paheko", at)))
                for at, text in enumerate(_list(wanted, "paheko"))
            ),
        ),
        optional=tuple(
            Requirement(*_module_range(text), place((path, "optional", at)))
            for at, text in enumerate(_list(wanted, "optional"))
        ),
        conflicts=tuple(
            Requirement(*_module_range(text), place((path, "conflicts", at)))
            for at, text in enumerate(_list(wanted, "conflicts"))
        ),
        provides=tuple(
            Capability(*_capability(text), place((path, "provides", at)))
            for at, text in enumerate(_list(wanted, "provides"))
        ),
        python=tuple(
            PythonRequirement(_python(text), place((path, "python", at)))
            for at, text in enumerate(_list(wanted, "python"))
        ),
        permissions=_permissions(entry.get("permissions"), placed),
        ui_routes=tuple(
            (_text(text), place(("ui", "routes", at)))
            for at, text in enumerate(_list(ui, "routes"))
        ),
        ui_slots=tuple(
            (_text(text), place(("ui", "slots", at))) for at, text in enumerate(_list(ui, "slots"))
        ),
        emits=tuple(
            EventContract(_event(text), place(("events", "emits", at)))
            for at, text in enumerate(_list(events, "emits"))
        ),
        consumes=tuple(
            EventContract(_event(text), place(("events", "consumes", at)))
            for at, text in enumerate(_list(events, "consumes"))
        ),
        artifact=_artifact(entry.get("artifact")),
    )


def _table(
    entry: Mapping[str, Any], key: str, known: "frozenset[str] | tuple[str, ...]"
) -> Mapping[str, Any]:
    table: Mapping[str, Any] = entry.get(key, _NOTHING)
    if type(table) is not dict or any(each not in known for each in table):
        raise _UnusualError
    return table


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    found = table.get(key)
    if found is None and key not in table:
        return []
    if type(found) is not list:
        raise _UnusualError
    return found


def _text(value: object) -> str:
    if type(value) is not str or len(value) > _LONGEST_TEXT:
        raise _UnusualError
    return value


@lru_cache(maxsize=65536)
def _module_range(text: str) -> tuple[Package, SpecifierSet]:
    name, specifier = parse_named_range(_text(text))
    return Package(PackageKind.MODULE, str(module_or_capability(name))), specifier


@lru_cache(maxsize=4096)
def _extension_range(text: str) -> tuple[Package, SpecifierSet]:
    name, specifier = parse_named_range(_text(text))
    return Package(PackageKind.EXTENSION, str(ExtensionName(name))), specifier


@lru_cache(maxsize=4096)
def _python(text: str) -> str:
    return python_requirement(_text(text))


@lru_cache(maxsize=4096)
def _capability(text: str) -> tuple[str, Version | None]:
    name, specifier = parse_named_range(_text(text))
    return str(module_or_capability(name)), exact_version(specifier)


@lru_cache(maxsize=65536)
def _event(text: str) -> EventName:
    return EventName(_text(text))


def _permissions(table: object, placed: EntryPlaces) -> Permissions | None:
    if table is None:
        return None
    if not isinstance(table, dict) or table.keys() != {"section", "level"}:
        raise _UnusualError
    section, level = _text(table["section"]), _text(table["level"])
    if level not in LEVELS_OF_SECTION.get(section, ()):
        raise _UnusualError
    return Permissions(section, level, placed.value_place(("permissions", "level")))


_HEX = frozenset("0123456789abcdef")


def _artifact(table: object) -> Artifact | None:
    if table is None:
        return None
    if not isinstance(table, dict) or not table.keys() <= {"url", "path", "sha256", "size"}:
        raise _UnusualError
    sha256, size = _text(table.get("sha256")), table.get("size")
    if len(sha256) != 64 or not _HEX.issuperset(sha256):
        raise _UnusualError
    if not (size is None or (type(size) is int and size >= 0)):
        raise _UnusualError
    location = _text(table.get("url", "")) or _text(table.get("path", ""))
    return Artifact(location, sha256, size)
