"""Which packages of a resolution a requirement is about."""

from collections import defaultdict

from recyclic.model.package import Package, PackageKind, Requirement
from recyclic.model.resolution import Resolution


class Answers:
    """Look-ups in one resolution."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._providers: dict[str, list[Package]] = defaultdict(list)
        for package, release in sorted(resolution.releases.items()):
            for offer in release.provides:
                self._providers[offer.name].append(package)

    def named(self, package: Package) -> tuple[Package, ...]:
        """The package itself if it is in, then every module that provides its name."""
        itself = [package] if package in self._resolution.versions else []
        if package.kind is not PackageKind.MODULE:
            return tuple(itself)
        return (*itself, *self._providers.get(package.name, ()))

    def to(self, requirement: Requirement) -> tuple[Package, ...]:
        """Who answers a requirement: the provider chosen for it, else the package itself, else
        every module that provides its name."""
        package = requirement.package
        providers = self._resolution.chosen_providers
        # A requirement's text is dear, and most answers hold no choice.
        chosen = providers.get(str(requirement)) if providers else None
        if package.kind is PackageKind.MODULE and chosen in self._resolution.versions:
            return () if chosen is None else (chosen,)
        if package in self._resolution.versions:
            return (package,)
        return self.named(package)

    def fits(self, requirement: Requirement, package: Package) -> bool:
        """True when ``package``, at its version, is what ``requirement`` describes: by its own
        name, or by a capability (one without a version is only ever "any version")."""
        contains = requirement.specifier.contains
        if package == requirement.package:
            return contains(self._resolution.versions[package], prereleases=True)
        return any(
            not requirement.specifier
            if offer.version is None
            else contains(offer.version, prereleases=True)
            for offer in self._resolution.releases[package].provides
            if offer.name == requirement.package.name
        )
