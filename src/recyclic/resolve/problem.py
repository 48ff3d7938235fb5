"""A problem: what is asked, of which catalog, on which host, and what is preferred."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from packaging.version import Version

from recyclic.model.catalog import Catalog
from recyclic.model.package import ROOT, Package, Requirement
from recyclic.model.profile import Request
from recyclic.model.resolution import Displaced
from recyclic.resolve.candidates import Candidates
from recyclic.resolve.known_versions import is_exact
from recyclic.resolve.needs import HOST_KINDS, Amendments
from recyclic.resolve.preferences import HostFacts, Preferences, still_counting
from recyclic.resolve.readable import Readable
from recyclic.resolve.relation import Relation
from recyclic.resolve.tolerated import tolerated


class Problem(Candidates):
    """Everything the resolver may look at; every answer is the same each time."""

    def __init__(
        self,
        request: Request,
        catalog: Catalog,
        host: HostFacts,
        preferences: Preferences,
        amendments: Amendments | None = None,
    ) -> None:
        super().__init__(request, catalog, host, amendments or {})
        self.preferences = still_counting(preferences, request)
        self.open((override.package, override.version) for override in request.overrides)
        asked = (request.bundle, *request.requirements)
        self.open(each for line in asked if line is not None for each in self._named(line))
        # What the requested bundle asks for opens versions too, and which of its versions fit
        # depends on what the request itself opens.
        self.open(each for line in self.requested_requirements() for each in self._named(line))
        states = [self.preferences.standing()]
        if self.preferences.displaced:
            states.append(self.preferences.went_from())
        self.open([each for state in states for each in tolerated(self, state)])

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
        locked = {p: version for p, version in versions.items() if p.kind not in HOST_KINDS}
        strategy = self.preferences.strategy
        preferences = Preferences(locked=locked, displaced=displaced, strategy=strategy)
        return Problem(self.request, self.catalog, self.host, preferences, self._amendments)

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

    def _named(self, requirement: Requirement) -> Iterator[tuple[Package, Version]]:
        """Who asks for a pre-release, or exactly for one version, opens what the line names."""
        specifier, package = requirement.specifier, requirement.package
        exact = is_exact(specifier)
        if not specifier.prereleases and not exact:
            return
        for version in self._versions(package):
            if (exact or version.is_prerelease) and specifier.contains(version, prereleases=True):
                yield package, version
