"""From a version per package to what is really needed of it, and who asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from packaging.version import Version

from recyclic.model.diagnostic import Place
from recyclic.model.package import ROOT, Package, PackageKind, Requirement
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import NeedKind

_KIND_AND_NAME = attrgetter("kind", "name")
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


def states_of(problem: Problem, versions: Mapping[Package, Version]) -> dict[Package, int]:
    """The same versions as states."""
    return {package: problem.known(package).state(each) for package, each in versions.items()}


def meeting_among(
    problem: Problem, requirement: Requirement, present: Mapping[Package, int]
) -> list[Package]:
    """Who of those present, at these states, meets it: the named package first, then by name."""
    found = [
        package
        for package, accepted in problem.meeting(requirement)
        if present.get(package, 0) & accepted
    ]
    if len(found) < 2:
        return found
    # A withdrawn version is in for whoever asked for exactly that; nobody else may count on it.
    return [each for each in found if problem.allows(requirement, each, present[each])]


def needed(
    problem: Problem, versions: Mapping[Package, Version], without: Package | None = None
) -> Needed | None:
    """What the root needs of ``versions``, as few as a walk finds; None when something is unmet.

    What only one can meet is followed first; where there is a choice, who is in already is
    taken.
    """
    found = Needed()
    present = states_of(problem, versions)
    if without is not None:
        del present[without]
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
        for requirement in problem.requirements(package, versions[package]):
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
    shown = sorted(
        (package for package in found.packages if package.kind in _SHOWN), key=_KIND_AND_NAME
    )
    releases = {package: problem.release(package, versions[package]) for package in shown}
    kept = {package: versions[package] for package in found.packages}
    asked: dict[Package, list[RequiredBy]] = {package: [] for package in shown}
    chosen: dict[str, Package] = {}
    for required_by, package in _asked(problem, kept, found):
        if package in asked:
            asked[package].append(required_by)
            if package != required_by.requirement.package:
                chosen[str(required_by.requirement)] = package
    return Resolution(
        versions={package: versions[package] for package in shown},
        releases={package: release for package, release in releases.items() if release},
        required_by={package: _in_order(who) for package, who in asked.items()},
        chosen_providers=dict(sorted(chosen.items())),
        overrides=tuple(sorted(problem.request.overrides, key=lambda found: found.package)),
    )


def _asked(
    problem: Problem, versions: Mapping[Package, Version], found: Needed
) -> Iterator[tuple[RequiredBy, Package]]:
    present = states_of(problem, versions)
    for package in versions:
        depender = problem.depender(package)
        for need in problem.needs(package, versions[package]):
            if need.kind is NeedKind.REQUIRES:
                requirement = need.requirement
                who = meeting_among(problem, requirement, present)
                taken = who[0]
                if len(who) > 1:
                    taken = found.chosen.get(str(requirement), taken)
                yield RequiredBy(depender, requirement), taken


def _in_order(asked: list[RequiredBy]) -> tuple[RequiredBy, ...]:
    """Sorted, each once."""
    if len({each.depender for each in asked}) == len(asked):
        return tuple(sorted(asked, key=lambda each: _KIND_AND_NAME(each.depender)))
    return tuple(sorted(dict.fromkeys(asked), key=_order))


def _order(found: RequiredBy) -> tuple[Package, Package, str, Place]:
    requirement = found.requirement
    specifier = str(requirement.specifier)
    return (found.depender, requirement.package, specifier, requirement.place)
