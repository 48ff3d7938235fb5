"""What the rules look at: a resolution, and the request it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from recyclic.catalog.answers import Answers
from recyclic.model.diagnostic import Diagnostic
from recyclic.model.package import Package, PackageKind, Release
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.settings_schema import schema_findings


@dataclass(frozen=True)
class Subject:
    """A resolution with its settings laid, and the request it answers."""

    resolution: Resolution
    request: Request

    @cached_property
    def answers(self) -> Answers:
        """Who answers which requirement."""
        return Answers(self.resolution)

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """Everything that is in, sorted."""
        return tuple(release for _, release in sorted(self.resolution.releases.items()))

    @cached_property
    def modules(self) -> tuple[Release, ...]:
        """The enabled modules, by name."""
        return tuple(each for each in self.releases if each.package.kind is PackageKind.MODULE)

    @cached_property
    def schema_findings(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        """What is wrong with each module's schemas, of settings and of events; by module."""
        found = {release.package.name: tuple(schema_findings(release)) for release in self.modules}
        return {name: findings for name, findings in found.items() if findings}

    @cached_property
    def overridden(self) -> frozenset[Package]:
        """What the profile fixes whatever anyone requires."""
        return frozenset(override.package for override in self.resolution.overrides)

    @cached_property
    def omitted(self) -> frozenset[Package]:
        """What the profile leaves out."""
        return frozenset(omission.package for omission in self.request.omissions)
