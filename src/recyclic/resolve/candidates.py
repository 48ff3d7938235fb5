"""Who can meet a requirement, and at which versions."""

from collections.abc import Iterable, Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import (
    CORE,
    PAHEKO,
    PYTHON,
    ROOT,
    Package,
    PackageKind,
    Requirement,
)
from recyclic.model.profile import Request
from recyclic.resolve.known_versions import KnownVersions, is_exact
from recyclic.resolve.needs import Amendments, Needs
from recyclic.resolve.preferences import HostFacts
from recyclic.resolve.term import indexes, state_of

_ROOT_VERSION = Version("0")


class Candidates(Needs):
    """The known versions of every package, and which requirement each of them meets.

    Some pre-releases and withdrawn versions may be opened: they meet what any other would.
    """

    def __init__(
        self, request: Request, catalog: Catalog, host: HostFacts, amendments: Amendments
    ) -> None:
        super().__init__(request, catalog, host, amendments)
        self._capabilities: dict[tuple[Package, str], Mapping[Version, Version | None]] = {}
        self._opened: dict[Package, set[Version]] = {}
        self._known: dict[Package, KnownVersions] = {}
        # By identity, since the same lines are asked about again and again: a requirement that
        # is held here keeps its id.
        self._met: dict[int, tuple[Requirement, tuple[tuple[Package, int], ...]]] = {}

    def open(self, versions: Iterable[tuple[Package, Version]]) -> None:
        """From now on these fit everyone."""
        found = list(versions)
        for package, version in found:
            self._opened.setdefault(package, set()).add(version)
        if found:
            self._known.clear()
            self._met.clear()

    def known(self, package: Package) -> KnownVersions:
        """Its versions; one for the root, the core, Python and Paheko."""
        known = self._known.get(package)
        if known is None:
            opened = self._opened.get(package, set())
            known = KnownVersions(self._versions(package), opened)
            self._known[package] = known
        return known

    def yanked(self, package: Package, version: Version) -> bool:
        """True when that release was withdrawn and nobody who may has asked for it."""
        release = self.release(package, version)
        if release is None or release.yanked is None:
            return False
        known = self.known(package)
        return not known.state(version) & known.opened

    def is_doubtful(self, package: Package, version: Version) -> bool:
        """True for a pre-release and for what was withdrawn; False where that cannot be read."""
        try:
            release = self.release(package, version)
        except DiagnosticsError:
            return False
        return release is not None and (version.is_prerelease or release.yanked is not None)

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

    def meeting(self, requirement: Requirement) -> tuple[tuple[Package, int], ...]:
        """Who can meet it, the named package first, then providers by name; with which versions.

        Empty when nobody can. Yanked releases count here: only decoding tells them.
        """
        known = self._met.get(id(requirement))
        if known is None:
            known = self._met[id(requirement)] = (requirement, self._find_meeting(requirement))
        return known[1]

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

    def _find_meeting(self, requirement: Requirement) -> tuple[tuple[Package, int], ...]:
        found = [
            (requirement.package, self.known(requirement.package).fitting(requirement.specifier))
        ]
        if self.override(requirement.package) is None:
            for package in self.providers(requirement.package):
                offered = self.offering(package, requirement)
                found.append((package, offered & self.known(package).fitting(SpecifierSet())))
        return tuple(each for each in found if each[1])

    def _yanked(self, package: Package, among: int) -> int:
        known, found = self.known(package), 0
        for index in indexes(among):
            if self.yanked(package, known.versions[index]):
                found |= state_of(index)
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
