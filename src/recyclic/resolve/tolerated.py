"""The pre-releases and withdrawn versions that fit everyone because they are there already.

Neither fits anyone who did not ask for it. One that stands in a lock may be there since somebody
asked for it once, or it was not withdrawn then: it is tolerated, as if the request named it. It is
not where somebody in the same lock asks for it and nobody else counts on it: then it is there for
that one alone, and for as long. So a lock allows what it needs itself, and resolved again it is
the answer again.
"""

from collections.abc import Iterator, Mapping

from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import ROOT, Package, Requirement
from recyclic.resolve.candidates import Candidates


def tolerated(
    candidates: Candidates, standing: Mapping[Package, Version]
) -> Iterator[tuple[Package, Version]]:
    """Those of the versions standing there. ``candidates`` does not open any for their sake."""
    present = {package: candidates.known(package).state(each) for package, each in standing.items()}
    doubtful = {
        package: present[package]
        for package, version in standing.items()
        if present[package] and _is_doubtful(candidates, package, version)
    }
    if not doubtful:
        return
    asked_for, counted_on = set[Package](), set[Package]()
    for requirement in _requirements(candidates, standing, present):
        met = [
            package
            for package, accepted in candidates.meeting(requirement)
            if (here := accepted & present.get(package, 0))
            and (package not in doubtful or candidates.allows(requirement, package, here))
        ]
        asked_for.update(met)
        if not met:
            counted_on |= {
                package
                for package, state in doubtful.items()
                if _would_meet(candidates, requirement, package, state)
            }
    for package in doubtful:
        if package in counted_on or package not in asked_for:
            yield package, standing[package]


def _is_doubtful(candidates: Candidates, package: Package, version: Version) -> bool:
    known = candidates.known(package)
    return not known.state(version) & known.opened and candidates.is_doubtful(package, version)


def _requirements(
    candidates: Candidates, standing: Mapping[Package, Version], present: Mapping[Package, int]
) -> Iterator[Requirement]:
    yield from candidates.requirements(ROOT, candidates.known(ROOT).versions[0])
    for package, version in standing.items():
        if present[package]:
            try:
                yield from candidates.requirements(package, version)
            except DiagnosticsError:
                continue


def _would_meet(
    candidates: Candidates, requirement: Requirement, package: Package, state: int
) -> bool:
    if package == requirement.package:
        return bool(candidates.known(package).within(requirement.specifier) & state)
    if candidates.override(requirement.package) is not None:
        return False
    return bool(candidates.offering(package, requirement) & state)
