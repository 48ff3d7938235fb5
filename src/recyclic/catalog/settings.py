"""Settings in layers: a module's own defaults, under the bundles', under the profile's."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, PackageKind, Release
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.settings import LayeredValue, PlaceOf, SettingsByModule, lay_under


def lay_settings(resolution: Resolution, request: Request) -> SettingsByModule:
    """Every enabled module's settings, each with who set it and whom it beat.

    Nearest wins: profile, then the bundle asked for, then the bundles it includes (fewest steps
    first), then the defaults of the module's schema. Tables are laid over each other key by key;
    every other value replaces the one below, also when it is ``false``, ``0`` or ``""``.
    """
    bundles = bundles_nearest_first(resolution, request)
    return {
        package.name: _settings_of(release, request, bundles)
        for package, release in sorted(resolution.releases.items())
        if package.kind is PackageKind.MODULE
    }


def bundles_nearest_first(resolution: Resolution, request: Request) -> tuple[Release, ...]:
    """The bundles in ``resolution`` by their distance from the request, then as written."""
    asked = [request.bundle, *request.requirements]
    waiting = [each.package for each in asked if each and each.package.kind is PackageKind.BUNDLE]
    found: dict[Package, Release] = {}
    while waiting:
        package = waiting.pop(0)
        release = resolution.releases.get(package)
        if release is None or package in found:
            continue
        found[package] = release
        waiting += [
            each.package for each in release.requires if each.package.kind is PackageKind.BUNDLE
        ]
    return tuple(found.values())


def _settings_of(
    module: Release, request: Request, bundles: tuple[Release, ...]
) -> dict[str, LayeredValue]:
    name = module.package.name
    laid = dict(request.settings.get(name, {}))
    for bundle in bundles:
        for key, value in bundle.settings.get(name, {}).items():
            place_of = partial(_place_in, bundle, (name, key))
            laid[key] = lay_under(laid.get(key), value, place_of, f"bundle:{bundle.package.name}")
    for key, value, place in schema_defaults(module):
        laid[key] = lay_under(laid.get(key), value, _always(place), f"module:{name}")
    return dict(sorted(laid.items()))


def _place_in(bundle: Release, setting: tuple[str, str], path: tuple[str, ...]) -> Place:
    return bundle.setting_places.get((*setting, *path), bundle.place)


def _always(place: Place) -> PlaceOf:
    return lambda _path: place


def schema_defaults(module: Release) -> Iterator[tuple[str, Any, Place]]:
    """Each setting for which the module's schema has a default, and where that is written."""
    for key, schema in properties_of(module.settings_schema).items():
        if isinstance(schema, Mapping) and "default" in schema:
            place = module.setting_places.get((module.package.name, key), module.place)
            yield key, schema["default"], place


def properties_of(schema: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The ``properties`` of an object's schema; empty when it has none."""
    properties = (schema or {}).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}
