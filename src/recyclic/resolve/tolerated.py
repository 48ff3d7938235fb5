"""The pre-releases and withdrawn versions that fit everyone because they are there already.

Neither fits anyone who did not ask for it. One that stands in a lock may be there since somebody
asked for it once, or it was not withdrawn then: it is tolerated, as if the request named it. It is
not where somebody in the same lock asks for it and nobody else counts on it: then it is there for
that one alone, and for as long. So a lock allows what it needs itself, and resolved again it is
the answer again.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import ROOT, Package, Requirement

if TYPE_CHECKING:
    from recyclic.resolve.problem import Problem


def tolerated(
    problem: "Problem", standing: Mapping[Package, Version]
) -> Iterator[tuple[Package, Version]]:
    """Those of the versions standing there. ``problem`` does not open any for their sake."""
    present = {package: problem.known(package).state(each) for package, each in standing.items()}
    doubtful = {
        package: present[package]
        for package, version in standing.items()
        if present[package] and _is_doubtful(problem, package, version)
    }
    if not doubtful:
        return
    asked_for, counted_on = set[Package](), set[Package]()
    for requirement in _requirements(problem, standing, present):
        met = [
            package
            for package, accepted in problem.meeting(requirement)
            if (here := accepted & present.get(package, 0))
            and (package not in doubtful or problem.allows(requirement, package, here))
        ]
        asked_for.update(met)
        if not met:
            counted_on |= {
                package
                for package, state in doubtful.items()
                if _would_meet(problem, requirement, package, state)
            }
    for package in doubtful:
        if package in counted_on or package not in asked_for:
            yield package, standing[package]


def _is_doubtful(problem: "Problem", package: Package, version: Version) -> bool:
    known = problem.known(package)
    return not known.state(version) & known.opened and problem.is_doubtful(package, version)


def _requirements(
    problem: "Problem", standing: Mapping[Package, Version], present: Mapping[Package, int]
) -> Iterator[Requirement]:
    yield from problem.requirements(ROOT, problem.known(ROOT).versions[0])
    for package, version in standing.items():
        if present[package]:
            try:
                yield from problem.requirements(package, version)
            except DiagnosticsError:
                continue


def _would_meet(problem: "Problem", requirement: Requirement, package: Package, state: int) -> bool:
    if package == requirement.package:
        return bool(problem.known(package).within(requirement.specifier) & state)
    if problem.override(requirement.package) is not None:
        return False
    return bool(problem.offering(package, requirement) & state)
