"""Every known release by package and version; immutable; answers look-ups."""

from collections.abc import Iterable
from typing import Protocol

from packaging.version import Version

from recyclic.model.package import Package, PackageKind, Release


class Catalog(Protocol):
    """What the resolver and the rules may ask. All answers are the same on every call.

    Cost follows what is asked: a release is decoded on the first ``release`` call for it, and
    a package nobody asks about costs nothing.
    """

    def versions(self, package: Package) -> tuple[Version, ...]:
        """Known versions, oldest first, yanked ones included; empty when unknown."""
        ...

    def release(self, package: Package, version: Version) -> Release:
        """The manifest of one known version.

        Raises:
            KeyError: when that version is not known.
            DiagnosticsError: when its entry is malformed.
        """
        ...

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """Releases that provide ``capability``, sorted by package, then version."""
        ...

    def names(self, kind: PackageKind) -> Iterable[str]:
        """Every known name of a kind, sorted: for "did you mean" only."""
        ...


class MemoryCatalog:
    """A catalog of releases that are all decoded already."""

    def __init__(self, releases: Iterable[Release]) -> None:
        by_package: dict[Package, dict[Version, Release]] = {}
        provided: dict[str, set[tuple[Package, Version]]] = {}
        for release in releases:
            by_package.setdefault(release.package, {})[release.version] = release
            for capability in release.provides:
                provided.setdefault(capability.name, set()).add((release.package, release.version))
        self._releases = by_package
        self._versions = {package: tuple(sorted(found)) for package, found in by_package.items()}
        self._providers = {name: tuple(sorted(found)) for name, found in provided.items()}

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`Catalog`."""
        return self._versions.get(package, ())

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`Catalog`."""
        return self._releases[package][version]

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`Catalog`."""
        return self._providers.get(capability, ())

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`Catalog`."""
        return sorted(package.name for package in self._releases if package.kind is kind)
