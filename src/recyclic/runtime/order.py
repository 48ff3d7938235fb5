"""Checks config.toml's boot order against what the modules on disk say. Nothing is sorted here."""

from collections.abc import Iterable, Mapping

from packaging.version import Version

from recyclic.runtime.descriptor import ModuleDescriptor, Need
from recyclic.runtime.errors import (
    ConflictingModuleError,
    DependencyMissingError,
    DependencyTooLateError,
    DependencyVersionError,
    ModuleError,
    WrongVersionError,
)


def check_order(
    descriptors: Iterable[ModuleDescriptor], expected: Mapping[str, str]
) -> dict[str, ModuleError]:
    """What is wrong with a boot order, by module; empty when it holds.

    A dependency is checked against the version of the code on disk, which is what will run.

    Args:
        descriptors: In boot order.
        expected: Version by module, as config.toml states it.
    """
    order = tuple(descriptors)
    suppliers = _suppliers(order)
    found: dict[str, ModuleError] = {}
    for place, descriptor in enumerate(order):
        error = _wrong_version(descriptor, expected) or _first_unmet(descriptor, place, suppliers)
        if error is not None:
            found[descriptor.name] = error
    return found


_Supplier = tuple[int, str, str | None]
"""Place in the order, module, and the version it supplies the name at (None: any)."""


def _suppliers(order: tuple[ModuleDescriptor, ...]) -> dict[str, list[_Supplier]]:
    """Who supplies each name: the module of that name and every provider of it."""
    suppliers: dict[str, list[_Supplier]] = {}
    for place, descriptor in enumerate(order):
        offered = [(descriptor.name, descriptor.version), *descriptor.provides]
        for name, version in offered:
            suppliers.setdefault(name, []).append((place, descriptor.name, version))
    return suppliers


def _wrong_version(descriptor: ModuleDescriptor, expected: Mapping[str, str]) -> ModuleError | None:
    stated = expected.get(descriptor.name)
    if (
        stated is None
        or descriptor.version is None
        or Version(stated) == Version(descriptor.version)
    ):
        return None
    return WrongVersionError(module=descriptor.name, expected=stated, found=descriptor.version)


def _first_unmet(
    descriptor: ModuleDescriptor, place: int, suppliers: Mapping[str, list[_Supplier]]
) -> ModuleError | None:
    for need in descriptor.requires:
        error = _unmet(descriptor.name, place, need, suppliers.get(need.name, []))
        if error is not None:
            return error
    for need in descriptor.optional:
        present = suppliers.get(need.name, [])
        error = _unmet(descriptor.name, place, need, present) if present else None
        if error is not None:
            return error
    for need in descriptor.conflicts:
        for _place, other, version in suppliers.get(need.name, []):
            if other != descriptor.name and _fits(need, version):
                return ConflictingModuleError(module=descriptor.name, other=other)
    return None


def _unmet(module: str, place: int, need: Need, present: list[_Supplier]) -> ModuleError | None:
    """None when a fitting supplier stands before ``place``."""
    others = [supplier for supplier in present if supplier[1] != module]
    if not others:
        return DependencyMissingError(module=module, needs=str(need))
    fitting = [supplier for supplier in others if _fits(need, supplier[2])]
    if not fitting:
        return DependencyVersionError(module=module, needs=str(need), found=str(others[0][2]))
    if all(supplier[0] > place for supplier in fitting):
        return DependencyTooLateError(module=module, needs=fitting[0][1])
    return None


def _fits(need: Need, version: str | None) -> bool:
    """An unknown version fits only a need for any version."""
    if version is None:
        return not need.specifier
    return need.specifier.contains(version, prereleases=True)
