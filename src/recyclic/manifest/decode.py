"""Wire models to model values: names get their kind, every requirement gets its line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.manifest.findings import Findings
from recyclic.manifest.texts import NamedRange, PrefixedRange
from recyclic.manifest.toml_scanner import KeyPath
from recyclic.manifest.validate import Placed
from recyclic.manifest.wire import (
    BundleWire,
    DependenciesWire,
    EntryWire,
    EventWire,
    ExtensionEntryWire,
    ModuleWire,
    Wire,
)
from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    CORE,
    PAHEKO,
    PYTHON,
    Artifact,
    Capability,
    EventContract,
    ExtensionKind,
    Origin,
    Package,
    PackageKind,
    Permissions,
    PythonRequirement,
    Release,
    Requirement,
)
from recyclic.model.permission import LEVELS_OF_SECTION

PREFIX_KINDS = {
    "": PackageKind.MODULE,
    "paheko": PackageKind.EXTENSION,
    "bundle": PackageKind.BUNDLE,
}


SchemaReader = Callable[[str, Place], Mapping[str, Any] | None]
"""Reads a schema that is named by its file; None when it cannot."""


def decode_module(
    name: str,
    wire: ModuleWire,
    placed: Placed,
    origin: Origin,
    findings: Findings,
    read_schema: SchemaReader = lambda _text, _place: None,
) -> Release:
    """The release that a module.toml declares; contradictions in it go to ``findings``."""
    wanted, path = wire.dependencies, "dependencies"
    return Release(
        package=Package(PackageKind.MODULE, name),
        version=wire.version,
        place=placed.value_place(("version",)),
        origin=origin,
        label=wire.name,
        description=wire.description,
        requires=(
            *_requirements(PackageKind.MODULE, wanted.modules, placed, (path, "modules")),
            *_requirements(PackageKind.EXTENSION, wanted.paheko, placed, (path, "paheko")),
            *_platform(wanted, placed),
        ),
        optional=_requirements(PackageKind.MODULE, wanted.optional, placed, (path, "optional")),
        conflicts=_requirements(PackageKind.MODULE, wanted.conflicts, placed, (path, "conflicts")),
        provides=_capabilities(wanted.provides, placed, findings),
        python=tuple(
            PythonRequirement(text, placed.value_place(("dependencies", "python", at)))
            for at, text in enumerate(wanted.python)
        ),
        permissions=_permissions(wire, placed, findings),
        ui_routes=_placed_texts(wire.ui.routes, placed, ("ui", "routes")),
        ui_slots=_placed_texts(wire.ui.slots, placed, ("ui", "slots")),
        ui_shared_slots=_placed_texts(wire.ui.shared_slots, placed, ("ui", "shared_slots")),
        emits=_contracts(wire.events.emits, placed, ("events", "emits"), read_schema),
        consumes=_contracts(wire.events.consumes, placed, ("events", "consumes"), read_schema),
        settings_schema=wire.settings,
        setting_places=_property_places(name, wire, placed),
        startup_timeout_s=(
            wire.runtime.startup_timeout_s if "runtime" in wire.model_fields_set else None
        ),
        counts=wire.counts,
        yanked=_yanked(wire),
        artifact=_artifact(wire),
    )


def _property_places(name: str, wire: ModuleWire, placed: Placed) -> dict[tuple[str, ...], Place]:
    """Where each setting is declared, by ``(module, key)``."""
    properties = (wire.settings or {}).get("properties")
    if not isinstance(properties, dict):
        return {}
    return {(name, key): placed.key_place(("settings", "properties", key)) for key in properties}


def _yanked(wire: Wire) -> str | None:
    """The reason, ``"yanked"`` when none was given, or None."""
    if not isinstance(wire, EntryWire) or wire.yanked is False:
        return None
    return "yanked" if wire.yanked is True else wire.yanked


def _artifact(wire: Wire) -> Artifact | None:
    if not isinstance(wire, EntryWire) or wire.artifact is None:
        return None
    artifact = wire.artifact
    return Artifact(artifact.url or artifact.path or "", artifact.sha256, artifact.size)


def _requirements(
    kind: PackageKind, ranges: Iterable[NamedRange], placed: Placed, path: KeyPath
) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(Package(kind, str(each.name)), each.specifier, placed.value_place((*path, at)))
        for at, each in enumerate(ranges)
    )


def _platform(wanted: DependenciesWire, placed: Placed) -> list[Requirement]:
    ranges = [
        (CORE, wanted.core, "core"),
        (PYTHON, wanted.python_version, "python_version"),
        (PAHEKO, wanted.paheko_version, "paheko_version"),
    ]
    return [
        Requirement(package, specifier, placed.value_place(("dependencies", key)))
        for package, specifier, key in ranges
        if key in wanted.model_fields_set
    ]


def _capabilities(
    provides: Iterable[NamedRange], placed: Placed, findings: Findings
) -> tuple[Capability, ...]:
    found = []
    for at, each in enumerate(provides):
        place = placed.value_place(("dependencies", "provides", at))
        try:
            version = exact_version(each.specifier)
        except ValueError:
            findings.error("RCY-M030", place, text=f"{each.name}{each.specifier}")
        else:
            found.append(Capability(each.name, version, place))
    return tuple(found)


def exact_version(specifier: SpecifierSet) -> Version | None:
    """The version of ``==1.0``; None of the empty set.

    Raises:
        ValueError: for every other range.
    """
    parts = list(specifier)
    if not parts:
        return None
    if len(parts) > 1 or parts[0].operator != "==" or parts[0].version.endswith(".*"):
        raise ValueError(str(specifier))
    return Version(parts[0].version)


def _permissions(wire: ModuleWire, placed: Placed, findings: Findings) -> Permissions | None:
    if wire.permissions is None:
        return None
    section, level = wire.permissions.section, wire.permissions.level
    place = placed.value_place(("permissions", "level"))
    if level not in LEVELS_OF_SECTION[section]:
        known = list(LEVELS_OF_SECTION[section])
        findings.error("RCY-M031", place, section=section, level=level, known=known)
    return Permissions(section, level, place)


def _placed_texts(
    texts: Iterable[str], placed: Placed, path: KeyPath
) -> tuple[tuple[str, Place], ...]:
    return tuple((text, placed.value_place((*path, at))) for at, text in enumerate(texts))


def _contracts(
    entries: Iterable[str | EventWire], placed: Placed, path: KeyPath, read_schema: SchemaReader
) -> tuple[EventContract, ...]:
    contracts = []
    for at, entry in enumerate(entries):
        place = placed.value_place((*path, at))
        if isinstance(entry, EventWire):
            schema: Mapping[str, Any] | None
            if isinstance(entry.schema_, str):
                schema = read_schema(entry.schema_, placed.value_place((*path, at, "schema")))
            else:
                schema = entry.schema_
            contracts.append(EventContract(entry.name, place, entry.version, schema))
        else:
            contracts.append(EventContract(entry, place))
    return tuple(contracts)


def decode_bundle(wire: BundleWire, placed: Placed, origin: Origin) -> Release:
    """The release that a bundle declares."""
    platform = [
        (CORE, wire.requires.core, "core"),
        (PYTHON, wire.requires.python, "python"),
        (PAHEKO, wire.requires.paheko, "paheko"),
    ]
    return Release(
        package=Package(PackageKind.BUNDLE, wire.name),
        version=wire.version,
        place=placed.value_place(("version",)),
        origin=origin,
        label=wire.name,
        description=wire.description,
        requires=(
            *_requirements(PackageKind.BUNDLE, wire.include, placed, ("include",)),
            *_table(PackageKind.MODULE, wire.modules, placed, "modules"),
            *_table(PackageKind.EXTENSION, wire.paheko, placed, "paheko"),
            *(
                Requirement(package, specifier, placed.value_place(("requires", key)))
                for package, specifier, key in platform
                if key in wire.requires.model_fields_set
            ),
        ),
        conflicts=_prefixed(wire.conflicts, placed, ("conflicts",)),
        features={
            name: _prefixed(ranges, placed, ("features", name))
            for name, ranges in wire.features.items()
        },
        settings={str(module): table for module, table in wire.settings.items()},
        setting_places=setting_places(wire.settings, placed),
        yanked=_yanked(wire),
        artifact=_artifact(wire),
    )


def _table(
    kind: PackageKind, ranges: Mapping[Any, SpecifierSet], placed: Placed, key: str
) -> list[Requirement]:
    return [
        Requirement(Package(kind, str(name)), specifier, placed.key_place((key, name)))
        for name, specifier in ranges.items()
    ]


def _prefixed(
    ranges: Iterable[PrefixedRange], placed: Placed, path: KeyPath
) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            Package(PREFIX_KINDS[each.prefix], str(each.name)),
            each.specifier,
            placed.value_place((*path, at)),
        )
        for at, each in enumerate(ranges)
    )


def setting_places(
    settings: Mapping[Any, Mapping[str, Any]], placed: Placed
) -> dict[tuple[str, ...], Place]:
    """Where each module's table and each key in it is set, by ``(module, key, ...)``."""
    return {path: placed.key_place(("settings", *path)) for path in _key_paths(settings)}


def _key_paths(table: Mapping[Any, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of ``table`` and of the tables in it, however deep."""
    for key, value in table.items():
        yield (*prefix, key)
        if isinstance(value, dict):
            yield from _key_paths(value, (*prefix, key))


def decode_extension(
    name: str, wire: ExtensionEntryWire, placed: Placed, origin: Origin
) -> Release:
    """The release of a Paheko extension that an index or our own facts declare."""
    wanted, path = wire.dependencies, "dependencies"
    return Release(
        package=Package(PackageKind.EXTENSION, name),
        version=wire.version,
        place=placed.key_place(()),
        origin=origin,
        label=wire.name,
        description=wire.description,
        requires=(
            *_requirements(PackageKind.MODULE, wanted.modules, placed, (path, "modules")),
            *_requirements(PackageKind.EXTENSION, wanted.paheko, placed, (path, "paheko")),
            *minimum_paheko(wire.min_version, placed.value_place(("min_version",))),
        ),
        optional=_requirements(PackageKind.EXTENSION, wanted.optional, placed, (path, "optional")),
        conflicts=_requirements(
            PackageKind.EXTENSION, wanted.conflicts, placed, (path, "conflicts")
        ),
        extension_kind=ExtensionKind(wire.kind),
        yanked=_yanked(wire),
        artifact=_artifact(wire),
    )


def minimum_paheko(version: Version | None, place: Place) -> list[Requirement]:
    """``min_version`` as a requirement on Paheko itself."""
    if version is None:
        return []
    return [Requirement(PAHEKO, SpecifierSet(f">={version}"), place)]
