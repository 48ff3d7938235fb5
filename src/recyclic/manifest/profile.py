"""A profile and everything it extends, laid over each other.

The nearest wins: the profile itself, then what it extends in the order named, then what those
extend. Tables are laid over each other key by key; a text, number, boolean or array replaces
what lies below it, also when it is ``false``, ``0`` or ``""``.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from recyclic.manifest.decode import PREFIX_KINDS
from recyclic.manifest.document import TomlDocument, parse_toml
from recyclic.manifest.findings import Findings
from recyclic.manifest.source import read_source
from recyclic.manifest.texts import prefixed_name
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import ProfileWire
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place
from recyclic.model.package import Package, PackageKind, Requirement
from recyclic.model.profile import (
    DataWish,
    Erasure,
    FeatureChoice,
    Omission,
    Override,
    PahekoHost,
    Request,
)
from recyclic.model.settings import LayeredValue, lay_under, merge_tables


@dataclass(frozen=True, slots=True)
class ProfileLayer:
    """One file of a profile."""

    path: Path
    document: TomlDocument
    wire: ProfileWire


def load_profile(path: Path) -> Request:
    """What the profile in ``path`` asks for, with all it extends laid under it.

    Raises:
        DiagnosticsError: with everything that is wrong in any of the files, a file that
            ``extends`` names but is not there, and a circle of ``extends``, named in full.
    """
    layers, findings = read_layers(path)
    findings.stop_on_errors()
    if _first(layers, "site") is None:
        findings.error("RCY-M020", Place(str(path), 1, 1), key="site")
    if _first(layers, "bundle") is None and not _asks_for_anything(layers):
        findings.error("RCY-M020", Place(str(path), 1, 1), key="bundle")
    findings.stop_on_errors()
    return _request(path, layers)


def check_profile(path: Path) -> list[Diagnostic]:
    """Every finding in a profile and in what it extends; one that others extend may be partial."""
    return read_layers(path)[1].all


def _asks_for_anything(layers: list[ProfileLayer]) -> bool:
    return any(layer.wire.modules or layer.wire.bundles or layer.wire.paheko for layer in layers)


def read_layers(path: Path) -> tuple[list[ProfileLayer], Findings]:
    """The profile and what it extends, nearest first, each file once; and what is wrong."""
    findings = Findings()
    layers: list[ProfileLayer] = []
    extends: dict[str, list[tuple[str, Place]]] = {}
    waiting: list[tuple[Path, Place | None]] = [(path, None)]
    while waiting:
        current, asked_at = waiting.pop(0)
        real = _real(current)
        if real in extends:
            continue
        extends[real] = []
        document = _read_document(current, asked_at, findings)
        if document is None:
            continue
        wire = validate(ProfileWire, document.values, document, findings)
        if wire is not None:
            layers.append(ProfileLayer(current, document, wire))
        for text, place in _extends_of(document):
            base = _beside(current, text)
            extends[real].append((_real(base), place))
            waiting.append((base, place))
    _check_circles(extends, findings)
    return layers, findings


def _check_circles(extends: dict[str, list[tuple[str, Place]]], findings: Findings) -> None:
    """One finding for each line that leads back to a file it came from."""
    done: set[str] = set()
    for start in extends:
        if start in done:
            continue
        trail, stack = [start], [iter(extends[start])]
        while stack:
            base, place = next(stack[-1], (None, None))
            if base is None:
                done.add(trail.pop())
                stack.pop()
            elif base in trail:
                circle = [*trail[trail.index(base) :], base]
                findings.error("RCY-M017", place, circle=" -> ".join(_short(circle)))
            elif base not in done:
                trail.append(base)
                stack.append(iter(extends[base]))


def _short(paths: list[str]) -> list[str]:
    """Paths relative to the folder they share."""
    shared = os.path.commonpath([Path(path).parent for path in paths])
    return [os.path.relpath(path, shared) for path in paths]


def _beside(path: Path, text: str) -> Path:
    """``text`` relative to the file it is written in, as a person would type it."""
    return Path(os.path.normpath(path.parent / text))


def _real(path: Path) -> str:
    """The one name of a file, whatever links lead to it; as given where it can have none."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a null character
        return str(path)


def _extends_of(document: TomlDocument) -> Iterator[tuple[str, Place]]:
    """What a file extends, each with its line: also when other things in it are wrong."""
    named = document.values.get("extends")
    for at, text in enumerate(named if isinstance(named, list) else []):
        if isinstance(text, str):
            yield text, document.value_place(("extends", at))


def _read_document(path: Path, asked_at: Place | None, findings: Findings) -> TomlDocument | None:
    try:
        return parse_toml(read_source(path))
    except DiagnosticsError as error:
        if asked_at is None:
            findings.extend(error.diagnostics)
        else:
            findings.extend(_asked_for(found, asked_at) for found in error.diagnostics)
        return None


def _asked_for(found: Diagnostic, asked_at: Place) -> Diagnostic:
    """A file that cannot be read at all is a mistake of the line that names it."""
    if found.place is not None and found.place.line:
        return found
    return Diagnostic("RCY-M018", place=asked_at, facts=found.facts, causes=(found,))


def _first(layers: list[ProfileLayer], key: str) -> Any:
    """The nearest value of a top-level key, or None."""
    return next((getattr(layer.wire, key) for layer in layers if _has(layer, key)), None)


def _has(layer: ProfileLayer, *path: str) -> bool:
    wire: Any = layer.wire
    for part in path:
        if part not in wire.model_fields_set:
            return False
        wire = getattr(wire, part)
    return wire is not None


def _request(path: Path, layers: list[ProfileLayer]) -> Request:
    asked, omitted = _wishes(layers)
    return Request(
        site=str(_first(layers, "site")),
        bundle=_bundle(layers),
        requirements=tuple(asked),
        omissions=tuple(omitted),
        erasures=tuple(_erasures(layers)),
        overrides=tuple(_overrides(layers)),
        features=tuple(_features(layers)),
        settings=_settings(layers),
        paheko=_paheko_host(layers),
        events_url=_events(layers).get("url"),
        events_place=_events_place(layers),
        events=_events(layers),
        catalog_sources=_catalog_sources(path, layers),
        files=tuple(str(layer.path) for layer in layers),
        places=_places(layers),
    )


def _places(layers: list[ProfileLayer]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for layer in layers:
        for path in _copied(layer.document.values):
            places.setdefault(".".join(path), layer.document.key_place(path))
    return places


def _copied(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The keys of a profile whose values config.toml repeats."""
    if "site" in values:
        yield ("site",)
    for key in values.get("events", {}):
        yield ("events", key)
    for key in values.get("hosts", {}).get("paheko", {}):
        yield ("hosts", "paheko", key)


def _bundle(layers: list[ProfileLayer]) -> Requirement | None:
    for layer in layers:
        if layer.wire.bundle is not None:
            name, specifier = layer.wire.bundle
            place = layer.document.value_place(("bundle",))
            return Requirement(Package(PackageKind.BUNDLE, str(name)), specifier, place)
    return None


_WISH_TABLES = (
    ("modules", PackageKind.MODULE),
    ("paheko", PackageKind.EXTENSION),
    ("bundles", PackageKind.BUNDLE),
)


def _wishes(layers: list[ProfileLayer]) -> tuple[list[Requirement], list[Omission]]:
    """What is added or tightened, and what is left out; ``true`` asks for any version."""
    asked, omitted = [], []
    for table, kind in _WISH_TABLES:
        for layer, path, wish in _nearest_of(layers, table):
            package = Package(kind, str(path[1]))
            place = layer.document.key_place(path)
            if wish is False or wish is DataWish.DELETE:
                omitted.append(Omission(package, place))
            else:
                specifier = SpecifierSet() if wish is True else wish
                asked.append(Requirement(package, specifier, place))
    return asked, omitted


def _erasures(layers: list[ProfileLayer]) -> Iterator[Erasure]:
    for layer, path, wish in _nearest_of(layers, "paheko"):
        if wish is DataWish.DELETE:
            package = Package(PackageKind.EXTENSION, str(path[1]))
            yield Erasure(package, layer.document.key_place(path))


def _nearest_of(
    layers: list[ProfileLayer], table: str
) -> Iterator[tuple[ProfileLayer, tuple[str, str], Any]]:
    """Each key of a table in the nearest file that has it: file, key path, value."""
    seen: set[str] = set()
    for layer in layers:
        entries: Mapping[str, Any] = getattr(layer.wire, table)
        for name, value in entries.items():
            if name not in seen:
                seen.add(name)
                yield layer, (table, name), value


def _overrides(layers: list[ProfileLayer]) -> Iterator[Override]:
    for layer, path, version in _nearest_of(layers, "override"):
        prefix, name = prefixed_name(path[1])
        package = Package(PREFIX_KINDS[prefix], str(name))
        yield Override(package, version, layer.document.key_place(path))


def _features(layers: list[ProfileLayer]) -> Iterator[FeatureChoice]:
    for layer, path, names in _nearest_of(layers, "features"):
        for at, name in enumerate(names):
            place = layer.document.value_place((*path, at))
            yield FeatureChoice(path[1], str(name), place)


def _settings(layers: list[ProfileLayer]) -> dict[str, dict[str, LayeredValue]]:
    merged: dict[str, dict[str, LayeredValue]] = {}
    for layer in layers:
        label = f"profile:{layer.path.name}"
        for module, table in layer.wire.settings.items():
            into = merged.setdefault(str(module), {})
            for key, value in table.items():
                place_of = partial(_place_in, layer, ("settings", module, key))
                into[key] = lay_under(into.get(key), value, place_of, label)
    return merged


def _place_in(layer: ProfileLayer, setting: tuple[str, ...], path: tuple[str, ...]) -> Place:
    return layer.document.key_place((*setting, *path))


def _paheko_host(layers: list[ProfileLayer]) -> PahekoHost | None:
    found: dict[str, Any] = {}
    place: Place | None = None
    for layer in layers:
        host = layer.wire.hosts.paheko
        if host is None:
            continue
        place = place or layer.document.key_place(("hosts", "paheko"))
        for key in sorted(host.model_fields_set):
            value = getattr(host, key)
            if key in ("root", "config"):
                value = os.path.normpath(layer.path.parent.absolute() / value)
            found.setdefault(key, tuple(value) if isinstance(value, list) else value)
    return PahekoHost(place=place, **found) if place is not None else None


def _events(layers: list[ProfileLayer]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        table = layer.document.values.get("events", {})
        merged = merge_tables(merged, table)
    return merged


def _events_place(layers: list[ProfileLayer]) -> Place | None:
    for layer in layers:
        if _has(layer, "events", "url"):
            return layer.document.value_place(("events", "url"))
    return None


def _catalog_sources(path: Path, layers: list[ProfileLayer]) -> tuple[str, ...]:
    """The nearest list of sources, relative to the folder of the profile itself."""
    for layer in layers:
        if _has(layer, "catalog", "sources"):
            folder = os.path.relpath(layer.path.parent, path.parent)
            return tuple(
                os.path.normpath(Path(folder) / source) for source in layer.wire.catalog.sources
            )
    return ()
