"""What was perhaps meant: the nearest names, the nearest versions."""

from collections.abc import Sequence
from difflib import get_close_matches

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.package import Package

_SHOWN = 3


def nearest_names(catalog: Catalog, package: Package) -> tuple[str, ...]:
    """Up to three known names of the same kind that look like it, the most alike first."""
    return tuple(get_close_matches(package.name, list(catalog.names(package.kind)), _SHOWN, 0.6))


def nearest_versions(known: Sequence[Version], specifiers: Sequence[str]) -> tuple[str, ...]:
    """Up to three known versions next to the bounds that specifiers name, oldest first."""
    bounds = [
        Version(clause.version.removesuffix(".*"))
        for text in specifiers
        for clause in SpecifierSet(text)
        if clause.operator != "==="
    ]
    if not bounds:
        return tuple(str(version) for version in known[-_SHOWN:])
    near: set[Version] = set()
    for bound in bounds:
        below = [version for version in known if version <= bound]
        above = [version for version in known if version > bound]
        near.update([*below[-1:], *above[:1]])
    return tuple(str(version) for version in sorted(near)[-_SHOWN:])
