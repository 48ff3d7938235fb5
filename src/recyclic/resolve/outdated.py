"""What is newer than the answer, and what holds it back."""

from dataclasses import dataclass, replace

from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.package import Package
from recyclic.model.profile import Request
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.resolve.preferences import ALL, HostFacts, Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.resolve import resolve


@dataclass(frozen=True, slots=True)
class Outdated:
    """One package of which something newer is known.

    Attributes:
        reachable: Its version if nothing locked or installed were kept; None when it would go.
        newest: The newest one that a requirement without bounds would accept.
        held_by: Who asks for it in a way that excludes the newest; empty when what excludes it
            is something that the newest itself needs.
        behind: How many versions lie between, the newest counted.
    """

    package: Package
    current: Version
    reachable: Version | None
    newest: Version
    held_by: tuple[RequiredBy, ...]
    behind: int


def outdated(
    request: Request,
    catalog: Catalog,
    host: HostFacts,
    preferences: Preferences,
    resolution: Resolution,
) -> tuple[Outdated, ...]:
    """Packages of ``resolution`` of which something newer is known, sorted.

    Raises:
        NoSolutionError: the request has no answer any more.
    """
    fresh = resolve(request, catalog, host, replace(preferences, upgrade=ALL))
    return held_back(Problem(request, catalog, host, preferences), resolution, fresh)


def held_back(problem: Problem, resolution: Resolution, fresh: Resolution) -> tuple[Outdated, ...]:
    """The same from two answers that are there already."""
    found = []
    for package, current in resolution.versions.items():
        newer = [version for version in _acceptable(problem, package) if version > current]
        if newer:
            found.append(
                Outdated(
                    package,
                    current,
                    fresh.versions.get(package),
                    newer[-1],
                    _holders(problem, resolution, package, newer[-1]),
                    len(newer),
                )
            )
    return tuple(found)


def _acceptable(problem: Problem, package: Package) -> list[Version]:
    """Final releases that were not withdrawn; pre-releases where there is nothing else."""
    versions = [
        version
        for version in problem.known(package).versions
        if not problem.yanked(package, version)
    ]
    finals = [version for version in versions if not version.is_prerelease]
    return finals or versions


def _holders(
    problem: Problem, resolution: Resolution, package: Package, newest: Version
) -> tuple[RequiredBy, ...]:
    known = problem.known(package)
    return tuple(
        asked
        for asked in resolution.required_by.get(package, ())
        if asked.requirement.package == package
        and not known.fitting(asked.requirement.specifier) & known.state(newest)
    )
