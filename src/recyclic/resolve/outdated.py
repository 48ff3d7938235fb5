"""What is newer than the answer, and what holds it back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import Diagnostic, Severity
from recyclic.model.package import Package
from recyclic.model.profile import Request
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.resolve.preferences import ALL, HostFacts, Preferences, Strategy
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import name_of
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


def held_back(
    problem: Problem,
    resolution: Resolution,
    fresh: Resolution,
    packages: Iterable[Package] | None = None,
) -> tuple[Outdated, ...]:
    """The same from two answers that are there already; of these packages only, where given."""
    found = []
    for package in resolution.versions if packages is None else packages:
        current = resolution.versions[package]
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


FAR_BEHIND = 5
"""So many newer versions make a choice worth a word: nobody expects it who reads the newest's
notes."""


def far_behind(
    request: Request,
    catalog: Catalog,
    host: HostFacts,
    preferences: Preferences,
    resolution: Resolution,
) -> tuple[Diagnostic, ...]:
    """A warning for each package that was chosen anew and is far behind its newest, with why.

    What is only kept as it was, and what was asked for at its lowest, is no surprise.
    """
    if preferences.strategy is not Strategy.HIGHEST:
        return ()
    chosen = [
        package
        for package, version in resolution.versions.items()
        if preferences.preferred(package) != version and len(catalog.versions(package)) > FAR_BEHIND
    ]
    if not chosen:
        return ()
    problem = Problem(request, catalog, host, preferences)
    found = held_back(problem, resolution, resolution, chosen)
    return tuple(_warning(resolution, one) for one in found if one.behind >= FAR_BEHIND)


def _warning(resolution: Resolution, one: Outdated) -> Diagnostic:
    facts = {
        "name": name_of(one.package),
        "current": str(one.current),
        "newest": str(one.newest),
        "behind": one.behind,
    }
    if one.held_by:
        facts["held_by"] = ", ".join(
            f"{name_of(asked.depender)} ({asked.requirement})" for asked in one.held_by
        )
        return Diagnostic("RCY-D013", Severity.WARNING, one.held_by[0].requirement.place, facts)
    asked_at = (asked.requirement.place for asked in resolution.required_by.get(one.package, ()))
    return Diagnostic("RCY-D014", Severity.WARNING, next(asked_at, None), facts)


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
