"""From a version per package to what is really needed of it, and who asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from recyclic.model.package import ROOT, Package, PackageKind, Requirement
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import NeedKind

_SHOWN = (PackageKind.MODULE, PackageKind.EXTENSION, PackageKind.BUNDLE)


@dataclass
class Needed:
    """What is reached from the root, and through whom.

    Attributes:
        packages: Everything that is needed, the root included.
        chosen: Met by a choice among several: the requirement's text to who meets it.
    """

    packages: set[Package] = field(default_factory=set)
    chosen: dict[str, Package] = field(default_factory=dict)


def meeting_among(
    problem: Problem, requirement: Requirement, versions: Mapping[Package, Version]
) -> list[Package]:
    """Who of those present meets it, the named package first, then by name."""
    return [
        package
        for package, accepted in problem.meeting(requirement)
        if package in versions and problem.known(package).state(versions[package]) & accepted
    ]


def needed(
    problem: Problem, versions: Mapping[Package, Version], without: Package | None = None
) -> Needed | None:
    """What the root needs of ``versions``, as few as a walk finds; None when something is unmet.

    What only one can meet is followed first; where there is a choice, who is in already is
    taken.
    """
    found = Needed()
    present = {package: version for package, version in versions.items() if package != without}
    todo, choices = [ROOT], list[tuple[Requirement, list[Package]]]()
    while todo or choices:
        if not todo:
            requirement, who = choices.pop(0)
            taken = next((package for package in who if package in found.packages), who[0])
            found.chosen[str(requirement)] = taken
            todo.append(taken)
        package = todo.pop()
        if package in found.packages:
            continue
        found.packages.add(package)
        for requirement in problem.requirements(package, present[package]):
            who = meeting_among(problem, requirement, present)
            if not who:
                return None
            if len(who) == 1 or who[0] == requirement.package:
                todo.append(who[0])
            else:
                choices.append((requirement, who))
    return found


def unneeded(problem: Problem, versions: Mapping[Package, Version]) -> list[Package]:
    """Packages that can go without anything else being unmet, sorted."""
    found = needed(problem, versions)
    assert found is not None, "the solver's answer meets every requirement"
    kept = found.packages
    for package in sorted(set(found.chosen.values()), reverse=True):
        if package in kept:
            fewer = needed(problem, {each: versions[each] for each in kept}, without=package)
            if fewer is not None:
                kept = fewer.packages
    return sorted(set(versions) - kept)


def resolution_of(problem: Problem, versions: Mapping[Package, Version]) -> Resolution:
    """The answer as everyone after the resolver reads it: only what is needed, sorted."""
    found = needed(problem, versions)
    assert found is not None, "the solver's answer meets every requirement"
    shown = sorted(package for package in found.packages if package.kind in _SHOWN)
    releases = {package: problem.release(package, versions[package]) for package in shown}
    kept = {package: versions[package] for package in found.packages}
    asked: dict[Package, set[RequiredBy]] = {package: set() for package in shown}
    chosen: dict[str, Package] = {}
    for required_by, package in _asked(problem, kept, found):
        if package in asked:
            asked[package].add(required_by)
            if package != required_by.requirement.package:
                chosen[str(required_by.requirement)] = package
    return Resolution(
        versions={package: versions[package] for package in shown},
        releases={package: release for package, release in releases.items() if release},
        required_by={package: tuple(sorted(who, key=_order)) for package, who in asked.items()},
        chosen_providers=dict(sorted(chosen.items())),
        overrides=tuple(sorted(problem.request.overrides, key=lambda found: found.package)),
    )


def _asked(
    problem: Problem, versions: Mapping[Package, Version], found: Needed
) -> Iterator[tuple[RequiredBy, Package]]:
    for package in versions:
        for need in problem.needs(package, versions[package]):
            if need.kind is NeedKind.REQUIRES:
                requirement = need.requirement
                who = meeting_among(problem, requirement, versions)
                taken = found.chosen.get(str(requirement), who[0])
                yield RequiredBy(problem.depender(package), requirement), taken


def _order(found: RequiredBy) -> tuple[Package, Package, str]:
    return (found.depender, found.requirement.package, str(found.requirement.specifier))
