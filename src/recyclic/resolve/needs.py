"""What each release asks of others, once everything that bends it is taken into account."""

from collections.abc import Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import PAHEKO, ROOT, Package, PackageKind, Release, Requirement
from recyclic.model.profile import Override, Request
from recyclic.resolve.preferences import HostFacts
from recyclic.resolve.relation import Need, NeedKind

HOST_KINDS = {PackageKind.CORE, PackageKind.PAHEKO, PackageKind.PYTHON, PackageKind.ROOT}
"""What is given, not chosen, and has no manifest."""

Amendments = Mapping[tuple[Place, Package], Requirement | None]
"""Lines to be read differently, for trying out changes: a line and what it asks for now, to what
it would ask for, or None for a line that is gone."""


class Needs:
    """The needs of every release, and of the root.

    Omissions, overrides, features and deferred requirements are dealt with here, so that
    nothing after this needs to know of them.
    """

    def __init__(
        self, request: Request, catalog: Catalog, host: HostFacts, amendments: Amendments
    ) -> None:
        self.request = request
        self.catalog = catalog
        self.host = host
        self._amendments = amendments
        self._overrides = {override.package: override for override in request.overrides}
        self._omitted = frozenset(omission.package for omission in request.omissions)
        self._needs: dict[tuple[Package, Version], tuple[Need, ...]] = {}

    def omitted(self, package: Package) -> bool:
        """True when the profile leaves it out."""
        return package in self._omitted

    def override(self, package: Package) -> Override | None:
        """The profile's override of that package, if there is one."""
        return self._overrides.get(package)

    def release(self, package: Package, version: Version) -> Release | None:
        """The manifest, or None for what is given by the host."""
        return None if package.kind in HOST_KINDS else self.catalog.release(package, version)

    def needs(self, package: Package, version: Version) -> tuple[Need, ...]:
        """What one release asks of others, in an order that no file decides."""
        key = (package, version)
        needs = self._needs.get(key)
        if needs is None:
            needs = self._needs[key] = self._find_needs(package, version)
        return needs

    def requirements(self, package: Package, version: Version) -> tuple[Requirement, ...]:
        """Only what must be met by something present."""
        return tuple(
            need.requirement
            for need in self.needs(package, version)
            if need.kind is NeedKind.REQUIRES
        )

    def _find_needs(self, package: Package, version: Version) -> tuple[Need, ...]:
        if package == ROOT:
            asked = (self.request.bundle, *self.request.requirements)
            needs = [Need(NeedKind.REQUIRES, found) for found in asked if found is not None]
        else:
            release = self.release(package, version)
            needs = self._release_needs(release) if release is not None else []
        if self._amendments:
            needs = [amended for need in needs if (amended := self._amended(need)) is not None]
        kept = [self._overridden(need) for need in needs if not self._dropped(package, need)]
        if len({need.requirement.package for need in kept}) == len(kept):
            # The rest of the key is dear, and cannot matter.
            return tuple(sorted(kept, key=lambda need: need.requirement.package))
        return tuple(sorted(kept, key=Need.sort_key))

    def _release_needs(self, release: Release) -> list[Need]:
        needs = [Need(NeedKind.REQUIRES, found) for found in release.requires]
        needs += [Need(NeedKind.OPTIONAL, found) for found in release.optional]
        needs += [Need(NeedKind.CONFLICTS, found) for found in release.conflicts]
        if release.package.kind is PackageKind.BUNDLE:
            for choice in self.request.features:
                if choice.bundle == release.package.name:
                    chosen = release.features.get(choice.feature, ())
                    needs += [Need(NeedKind.REQUIRES, found) for found in chosen]
        return needs

    def _dropped(self, package: Package, need: Need) -> bool:
        """Not checked at all: what Paheko should be where there is none; what a bundle wants
        and the profile leaves out."""
        target = need.requirement.package
        if target == PAHEKO and self.host.paheko is None:
            return True
        if need.kind is not NeedKind.REQUIRES:
            return False
        return package.kind is PackageKind.BUNDLE and target in self._omitted

    def _amended(self, need: Need) -> Need | None:
        key = (need.requirement.place, need.requirement.package)
        if key not in self._amendments:
            return need
        amended = self._amendments[key]
        return None if amended is None else Need(need.kind, amended)

    def _overridden(self, need: Need) -> Need:
        override = self._overrides.get(need.requirement.package)
        if override is None or need.kind is NeedKind.CONFLICTS:
            return need
        exactly = SpecifierSet(f"=={override.version}")
        return Need(need.kind, Requirement(override.package, exactly, override.place))
