"""Everything known, by package and version: what may be asked, and two ways to answer."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from packaging.version import Version

from recyclic.model.package import Package, PackageKind, Release


class Catalog(Protocol):
    """What the resolver and the rules may ask. All answers are the same on every call.

    Cost follows what is asked: a release is decoded on the first ``release`` call for it, and
    a package nobody asks about costs nothing.
    """

    def versions(self, package: Package) -> tuple[Version, ...]:
        """Known versions, oldest first, yanked ones included; empty when unknown.

        Raises:
            DiagnosticsError: when what is known of ``package`` cannot be read.
        """
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


class UnionCatalog:
    """Several catalogs as one; where two know the same version, the first answers.

    Args:
        catalogs: In order of preference.
        last_resort: Asked for a package only when none of ``catalogs`` knows any version of it.
        authority: What it knows of a package is all there is of it; nobody else is asked.
    """

    def __init__(
        self,
        catalogs: Sequence[Catalog],
        last_resort: Catalog | None = None,
        authority: Catalog | None = None,
    ) -> None:
        self._catalogs = tuple(catalogs)
        self._authority = authority
        self._last_resort = last_resort
        self._versions: dict[Package, tuple[Version, ...]] = {}

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`Catalog`."""
        found = self._versions.get(package) or self._decided(package)
        if found is None:
            known = {version for each in self._catalogs for version in each.versions(package)}
            if not known and self._last_resort is not None:
                known = set(self._last_resort.versions(package))
            found = self._versions[package] = tuple(sorted(known))
        return found

    def _decided(self, package: Package) -> tuple[Version, ...] | None:
        """What the authority knows of it, or None when that is nothing."""
        return (self._authority.versions(package) if self._authority else ()) or None

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`Catalog`."""
        if version not in self.versions(package):
            raise KeyError((package, version))
        if self._authority is not None and self._decided(package):
            return self._authority.release(package, version)
        for each in self._catalogs:
            if version in each.versions(package):
                return each.release(package, version)
        assert self._last_resort is not None
        return self._last_resort.release(package, version)

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`Catalog`.

        A release that an earlier catalog holds under the same version decides alone whether it
        provides: the later one's claim is about other files.
        """
        found: set[tuple[Package, Version]] = set()
        for at, each in enumerate(self._catalogs):
            for package, version in each.providers(capability):
                if not any(version in one.versions(package) for one in self._catalogs[:at]):
                    found.add((package, version))
        return tuple(sorted(found))

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`Catalog`."""
        every = [*self._catalogs, self._last_resort, self._authority]
        return sorted({name for each in every if each is not None for name in each.names(kind)})
