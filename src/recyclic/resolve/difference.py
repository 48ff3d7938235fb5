"""What differs between two answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from recyclic.model.package import Package


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One package that differs; a version is None where it is not in."""

    package: Package
    before: Version | None
    after: Version | None


def difference(
    before: Mapping[Package, Version], after: Mapping[Package, Version]
) -> tuple[VersionChange, ...]:
    """Every package that is not at the same version in both, sorted."""
    return tuple(
        VersionChange(package, before.get(package), after.get(package))
        for package in sorted({*before, *after})
        if before.get(package) != after.get(package)
    )
