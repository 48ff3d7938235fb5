"""A problem: what is asked, of which catalog, on which host; what each release then needs."""

from collections.abc import Mapping
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import DiagnosticsError, Place
from recyclic.model.package import (
    CORE,
    PAHEKO,
    PYTHON,
    ROOT,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import Override, Request
from recyclic.model.resolution import Displaced
from recyclic.resolve.known_versions import KnownVersions, is_exact
from recyclic.resolve.preferences import HostFacts, Preferences, still_counting
from recyclic.resolve.readable import Readable
from recyclic.resolve.relation import Need, NeedKind, Relation
from recyclic.resolve.term import indexes, state_of
from recyclic.resolve.tolerated import tolerated

_ROOT_VERSION = Version("0")
_HOST_KINDS = {PackageKind.CORE, PackageKind.PAHEKO, PackageKind.PYTHON, PackageKind.ROOT}


Amendments = Mapping[tuple[Place, Package], Requirement | None]
"""Lines to be read differently, for trying out changes: a line and what it asks for now, to what
it would ask for, or None for a line that is gone."""


class Problem:
    """Everything the resolver may look at; every answer is the same each time.

    Omissions, overrides, features and deferred requirements are dealt with here, so that
    nothing after this needs to know of them.
    """

    def __init__(
        self,
        request: Request,
        catalog: Catalog,
        host: HostFacts,
        preferences: Preferences,
        amendments: Amendments | None = None,
    ) -> None:
        self._amendments = amendments or {}
        self.request = request
        self.catalog = catalog
        self.host = host
        self.preferences = still_counting(preferences, request)
        self._overrides = {override.package: override for override in request.overrides}
        self._omitted = frozenset(omission.package for omission in request.omissions)
        self._needs: dict[tuple[Package, Version], tuple[Need, ...]] = {}
        self._capabilities: dict[tuple[Package, str], Mapping[Version, Version | None]] = {}
        # What the requested bundle asks for opens versions too, and which of its versions fit
        # depends on what the request itself opens: two passes.
        self._opened: dict[Package, set[Version]] = {}
        self._known: dict[Package, KnownVersions] = {}
        # By identity, since the same lines are asked about again and again: a requirement that
        # is held here keeps its id.
        self._met: dict[int, tuple[Requirement, tuple[tuple[Package, int], ...]]] = {}
        self._open_versions()
        for requirement in self.requested_requirements():
            self._open_named(requirement)
        self._known.clear()
        states = [self.preferences.standing()]
        if self.preferences.displaced:
            states.append(self.preferences.went_from())
        found = [each for state in states for each in tolerated(self, state)]
        for package, version in found:
            self._opened.setdefault(package, set()).add(version)
        if found:
            self._known.clear()
            self._met.clear()

    @property
    def requested(self) -> Package | None:
        """The bundle asked for: in relations and explanations it is the root itself."""
        return self.request.bundle.package if self.request.bundle else None

    def is_root(self, package: Package) -> bool:
        """True for the root and the requested bundle, which speaks for it."""
        return package == ROOT or package == self.requested

    def depender(self, package: Package) -> Package:
        """Who is named as asking: the root for the requested bundle."""
        return ROOT if self.is_root(package) else package

    def relation(self, package: Package, requirement: Requirement) -> Relation | None:
        """Who asks of whom; None between the root and its own bundle, unless there is none."""
        depender, target = self.depender(package), requirement.package
        own = depender is ROOT and requirement == self.request.bundle
        return None if own and self.meeting(requirement) else Relation(depender, target)

    def speakers(self, depender: Package) -> tuple[Package, ...]:
        """Who asks in the name of a depender: the requested bundle speaks for the root, too."""
        return (ROOT, self.requested) if depender == ROOT and self.requested else (depender,)

    def unknown(self, package: Package) -> bool:
        """True when nothing of that name is known, nor anything that provides it."""
        return not self.known(package).versions and not self.providers(package)

    def amended(self, amendments: Amendments, request: Request | None = None) -> "Problem":
        """The same problem with some lines read differently, or another request."""
        request = request or self.request
        return Problem(request, self.catalog, self.host, self.preferences, amendments)

    def readable(self) -> "Problem":
        """The same problem where releases with mistakes ask nothing."""
        catalog = Readable(self.catalog)
        return Problem(self.request, catalog, self.host, self.preferences, self._amendments)

    def mistaken(self, versions: Mapping[Package, Version]) -> bool:
        """True when one of those releases was met and cannot be read."""
        catalog = self.catalog
        return isinstance(catalog, Readable) and not catalog.mistaken.isdisjoint(versions.items())

    def forgetting(self) -> "Problem":
        """The same problem for somebody who does not know what was displaced."""
        preferences = replace(self.preferences, displaced={})
        return Problem(self.request, self.catalog, self.host, preferences, self._amendments)

    def on_top_of(self, versions: Mapping[Package, Version], displaced: Displaced) -> "Problem":
        """The same problem with an answer as its lock, and nothing to upgrade any more."""
        locked = {p: version for p, version in versions.items() if p.kind not in _HOST_KINDS}
        strategy = self.preferences.strategy
        preferences = Preferences(locked=locked, displaced=displaced, strategy=strategy)
        return Problem(self.request, self.catalog, self.host, preferences, self._amendments)

    def omitted(self, package: Package) -> bool:
        """True when the profile leaves it out."""
        return package in self._omitted

    def override(self, package: Package) -> Override | None:
        """The profile's override of that package, if there is one."""
        return self._overrides.get(package)

    def known(self, package: Package) -> KnownVersions:
        """Its versions; one for the root, the core, Python and Paheko."""
        known = self._known.get(package)
        if known is None:
            opened = self._opened.get(package, set())
            known = KnownVersions(self._versions(package), opened)
            self._known[package] = known
        return known

    def opened(self) -> dict[Package, list[Version]]:
        """The pre-releases and withdrawn versions that fit everyone, sorted."""
        found = {}
        for package in sorted(self._opened):
            known = self.known(package)
            versions = [known.versions[index] for index in indexes(known.opened)]
            doubtful = [each for each in versions if self.is_doubtful(package, each)]
            if doubtful:
                found[package] = doubtful
        return found

    def is_doubtful(self, package: Package, version: Version) -> bool:
        """True for a pre-release and for what was withdrawn; False where that cannot be read."""
        try:
            release = self.release(package, version)
        except DiagnosticsError:
            return False
        return release is not None and (version.is_prerelease or release.yanked is not None)

    def release(self, package: Package, version: Version) -> Release | None:
        """The manifest, or None for what is given by the host."""
        return None if package.kind in _HOST_KINDS else self.catalog.release(package, version)

    def yanked(self, package: Package, version: Version) -> bool:
        """True when that release was withdrawn and nobody who may has asked for it."""
        release = self.release(package, version)
        if release is None or release.yanked is None:
            return False
        known = self.known(package)
        return not known.state(version) & known.opened

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

    def requested_requirements(self) -> tuple[Requirement, ...]:
        """What the request and every fitting version of the requested bundle ask for directly."""
        found = list(self.request.requirements)
        if self.request.bundle is not None:
            package = self.request.bundle.package
            known = self.known(package)
            fitting = known.fitting(self.request.bundle.specifier)
            for version in known.versions:
                if known.state(version) & fitting:
                    found.extend(self.requirements(package, version))
        return tuple(found)

    def meeting(self, requirement: Requirement) -> tuple[tuple[Package, int], ...]:
        """Who can meet it, the named package first, then providers by name; with which versions.

        Empty when nobody can. Yanked releases count here: only decoding tells them.
        """
        known = self._met.get(id(requirement))
        if known is None:
            known = self._met[id(requirement)] = (requirement, self._find_meeting(requirement))
        return known[1]

    def _find_meeting(self, requirement: Requirement) -> tuple[tuple[Package, int], ...]:
        found = [
            (requirement.package, self.known(requirement.package).fitting(requirement.specifier))
        ]
        if self.override(requirement.package) is None:
            for package in self.providers(requirement.package):
                offered = self.offering(package, requirement)
                found.append((package, offered & self.known(package).fitting(SpecifierSet())))
        return tuple(each for each in found if each[1])

    def acceptable(self, requirement: Requirement) -> tuple[tuple[Package, int], ...]:
        """Like :meth:`meeting`, without yanked versions; reads every release that fits."""
        exact = is_exact(requirement.specifier)
        found = []
        for package, fitting in self.meeting(requirement):
            exactly = exact and package == requirement.package
            accepted = fitting if exactly else fitting & ~self._yanked(package, fitting)
            if accepted:
                found.append((package, accepted))
        return tuple(found)

    def allows(self, requirement: Requirement, package: Package, state: int) -> bool:
        """False when that one version of who could meet it was withdrawn."""
        (index,) = indexes(state)
        exactly = package == requirement.package and is_exact(requirement.specifier)
        return exactly or not self.yanked(package, self.known(package).versions[index])

    def _yanked(self, package: Package, among: int) -> int:
        known, found = self.known(package), 0
        for index in indexes(among):
            if self.yanked(package, known.versions[index]):
                found |= state_of(index)
        return found

    def providers(self, package: Package) -> tuple[Package, ...]:
        """Other modules of which some release provides a capability of that name, by name."""
        if package.kind is not PackageKind.MODULE:
            return ()
        pairs = self.catalog.providers(package.name)
        return tuple(sorted({found for found, _ in pairs} - {package})) if pairs else ()

    def offering(self, package: Package, requirement: Requirement) -> int:
        """Versions of ``package`` that provide the required capability at a fitting version."""
        name = requirement.package.name
        offers = self._capabilities.get((package, name))
        if offers is None:
            offers = self._capabilities[package, name] = self._find_offers(package, name)
        known, found = self.known(package), 0
        for version, offered in offers.items():
            if offered is None:
                fits = not requirement.specifier
            else:
                fits = requirement.specifier.contains(offered, prereleases=True)
            if fits:
                found |= known.state(version)
        return found

    def _find_offers(self, package: Package, name: str) -> Mapping[Version, Version | None]:
        return {
            version: capability.version
            for found, version in self.catalog.providers(name)
            if found == package
            for capability in self.catalog.release(package, version).provides
            if capability.name == name
        }

    def _versions(self, package: Package) -> tuple[Version, ...]:
        if package == ROOT:
            return (_ROOT_VERSION,)
        if package == CORE:
            return (self.host.core,)
        if package == PYTHON:
            return (self.host.python,)
        if package == PAHEKO:
            return (self.host.paheko,) if self.host.paheko else ()
        return self.catalog.versions(package)

    def _open_versions(self) -> None:
        """What is overridden or named by the request."""
        for override in self.request.overrides:
            self._opened.setdefault(override.package, set()).add(override.version)
        for requirement in (self.request.bundle, *self.request.requirements):
            if requirement is not None:
                self._open_named(requirement)

    def _open_named(self, requirement: Requirement) -> None:
        """Who asks for a pre-release, or exactly for one version, opens what the line names."""
        specifier, package = requirement.specifier, requirement.package
        exact = is_exact(specifier)
        if not specifier.prereleases and not exact:
            return
        for version in self._versions(package):
            if (exact or version.is_prerelease) and specifier.contains(version, prereleases=True):
                self._opened.setdefault(package, set()).add(version)

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
