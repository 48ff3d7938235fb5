"""What a right answer is, said a second time and plainly: shares no code with the solver.

`violations` checks one answer; `every_answer` tries all combinations; `satisfiable` asks a SAT
solver. They agree with each other before the resolver is judged by any of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pysat.examples.optux import OptUx
from pysat.formula import WCNF
from pysat.solvers import Cadical153

from recyclic.model.package import (
    CORE,
    PAHEKO,
    PYTHON,
    ROOT,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import Request
from recyclic.resolve.preferences import HostFacts, Preferences

Versions = Mapping[Package, Version]
Key = tuple[Package, Version]
Pair = tuple[Package, Package]
GIVEN = (CORE, PYTHON, PAHEKO)


def exact(specifier: SpecifierSet) -> bool:
    return any(c.operator in ("==", "===") and "*" not in c.version for c in specifier)


class Reference:
    """One problem, as sets of releases and plain loops."""

    def __init__(
        self,
        request: Request,
        releases: tuple[Release, ...],
        host: HostFacts,
        preferences: Preferences | None = None,
    ) -> None:
        self.request = request
        self.host = host
        self.preferences = preferences or Preferences()
        self.releases = {(found.package, found.version): found for found in releases}
        self.packages = sorted({found.package for found in releases})
        self.root = [*([request.bundle] if request.bundle else []), *request.requirements]
        self.named = list(request.requirements)
        if request.bundle:
            for found in releases:
                if found.package == request.bundle.package:
                    self.named += self.requirements(found)
        self.named += [request.bundle] if request.bundle else []
        self.tolerated: set[Key] = set()
        kept = self.preferences
        back = {each: stood[0] for each, stood in kept.displaced.items() if not kept.lets_go(each)}
        now = {**kept.installed, **kept.locked}
        self.tolerated = self._tolerated(now) | self._tolerated({**now, **back})

    def versions(self, package: Package) -> list[Version]:
        return sorted(version for found, version in self.releases if found == package)

    def _tolerated(self, stood: Mapping[Package, Version | None]) -> set[Key]:
        """What fits everyone because it is there: nobody there asks for it, or somebody there has
        nothing else."""
        state = {each: v for each, v in stood.items() if v and (each, v) in self.releases}
        asked = [
            *self.root,
            *(r for key in state.items() for r in self.requirements(self.releases[key])),
        ]
        asking = {key for key in state.items() if any(self.meets(each, *key) for each in asked)}
        unmet = [each for each in asked if not self.met(each, state)]
        found = {key for key in state.items() if key not in asking}
        for key in asking:
            self.tolerated = {key}
            found |= {key for each in unmet if self.meets(each, *key)}
        self.tolerated = set()
        return found

    def opened(self, package: Package, version: Version) -> bool:
        """There already, overridden, or named by the people who ask."""
        overridden = [o.version for o in self.request.overrides if o.package == package]
        if (package, version) in self.tolerated or version in overridden:
            return True
        return any(
            exact(asked.specifier) or bool(asked.specifier.prereleases and version.is_prerelease)
            for asked in self.named
            if asked.package == package and asked.specifier.contains(version, prereleases=True)
        )

    def requirements(self, release: Release) -> list[Requirement]:
        asked = list(release.requires)
        if release.package.kind is PackageKind.BUNDLE:
            omitted = {omission.package for omission in self.request.omissions}
            for choice in self.request.features:
                if choice.bundle == release.package.name:
                    asked += release.features.get(choice.feature, ())
            asked = [each for each in asked if each.package not in omitted]
        return [each for each in asked if each.package != PAHEKO or self.host.paheko]

    def meets(self, requirement: Requirement, package: Package, version: Version) -> bool:
        """Is ``package`` at ``version`` what ``requirement`` asks for?"""
        specifier = requirement.specifier
        for override in self.request.overrides:
            if override.package == requirement.package:
                return package == requirement.package and version == override.version
        named = package == requirement.package
        if named and not specifier.contains(version, prereleases=True):
            return False
        if not named and not self.offers(requirement, package, version):
            return False
        if self.opened(package, version):
            return True
        if self.releases[package, version].yanked is not None and not (named and exact(specifier)):
            return False
        only_pre = all(each.is_prerelease for each in self.versions(package))
        return not version.is_prerelease or only_pre or bool(named and specifier.prereleases)

    def met(self, requirement: Requirement, answer: Versions) -> bool:
        given = {CORE: self.host.core, PYTHON: self.host.python, PAHEKO: self.host.paheko}
        if requirement.package in given:
            version = given[requirement.package]
            return version is not None and requirement.specifier.contains(version, prereleases=True)
        return any(self.meets(requirement, *each) for each in answer.items())

    def violations(self, answer: Versions) -> list[str]:
        """Everything that is wrong with an answer; empty for a right one."""
        omitted = {omission.package for omission in self.request.omissions}
        wrong = [f"root needs {asked}" for asked in self.root if not self.met(asked, answer)]
        wrong += [f"{package} was left out" for package in answer if package in omitted]
        for package, version in answer.items():
            release = self.releases[package, version]
            wrong += [
                f"{package} {version} needs {asked}"
                for asked in self.requirements(release)
                if not self.met(asked, answer)
            ]
            wrong += self.quarrels(release, answer)
        return wrong

    def quarrels(self, release: Release, answer: Versions) -> list[str]:
        """What of ``answer`` may not stand beside ``release``."""
        found = []
        for asked in release.optional:
            present = answer.get(asked.package)
            if present is not None and not self.fits(asked, present):
                found.append(f"{release.package} wants {asked} if at all")
        for asked in release.conflicts:
            for other, version in answer.items():
                named = other == asked.package
                if named and asked.specifier.contains(version, prereleases=True):
                    found.append(f"{release.package} conflicts with {other} {version}")
                if not named and other != release.package and self.offers(asked, other, version):
                    found.append(f"{release.package} conflicts with what {other} provides")
        return found

    def fits(self, asked: Requirement, version: Version) -> bool:
        for override in self.request.overrides:
            if override.package == asked.package:
                return version == override.version
        return asked.specifier.contains(version, prereleases=True)

    def offers(self, asked: Requirement, package: Package, version: Version) -> bool:
        """Does that release provide the capability that ``asked`` names, fitting?"""
        if asked.package.kind is not PackageKind.MODULE:
            return False
        return any(
            asked.specifier.contains(offered.version, prereleases=True)
            if offered.version
            else not asked.specifier
            for offered in self.releases[package, version].provides
            if offered.name == asked.package.name
        )

    def every_answer(self) -> Iterator[dict[Package, Version]]:
        """All right answers, by trying every combination of versions and absences."""
        choices = [[None, *self.versions(package)] for package in self.packages]
        for combination in product(*choices):
            answer = {p: v for p, v in zip(self.packages, combination, strict=True) if v}
            if not self.violations(answer):
                yield answer

    def satisfiable(self) -> bool:
        """Is there any right answer? Asked of a SAT solver, one variable a release."""
        hard, soft = self.clauses()
        with Cadical153(bootstrap_with=[*hard, *(clause for _, clause in soft)]) as solver:
            return bool(solver.solve())

    def satisfiable_with(self, relations: set[Pair]) -> bool:
        """Is there an answer when only those relations count?"""
        hard, soft = self.clauses()
        kept = [clause for pair, clause in soft if pair in relations]
        with Cadical153(bootstrap_with=[*hard, *kept]) as solver:
            return bool(solver.solve())

    def newer_in_order(self, order: Sequence[Package], answer: Versions) -> Package | None:
        """The first in ``order`` of which some right answer has a newer version, all before it
        being as in ``answer``."""
        hard, soft = self.clauses()
        number = {key: at for at, key in enumerate(sorted(self.releases), 1)}
        with Cadical153(bootstrap_with=[*hard, *(clause for _, clause in soft)]) as solver:
            for package in order:
                newer = [number[package, v] for v in self.versions(package) if v > answer[package]]
                if any(solver.solve(assumptions=[each]) for each in newer):
                    return package
                solver.add_clause([number[package, answer[package]]])
        return None

    def clauses(self) -> tuple[list[list[int]], list[tuple[Pair, list[int]]]]:
        """The facts, and for every relation (depender, dependency) what it adds to them."""
        variable = {key: number for number, key in enumerate(sorted(self.releases), 1)}
        hard: list[list[int]] = []
        for package in self.packages:
            mine = [variable[package, version] for version in self.versions(package)]
            hard += [[-a, -b] for i, a in enumerate(mine) for b in mine[:i]]
        omitted = {omission.package for omission in self.request.omissions}
        hard += [[-number] for (package, _), number in variable.items() if package in omitted]
        soft = [((ROOT, asked.package), self._clause(asked, variable)) for asked in self.root]
        for key, release in self.releases.items():
            for asked in self.requirements(release):
                clause = [-variable[key], *self._clause(asked, variable)]
                soft.append(((key[0], asked.package), clause))
            for other in self.releases:
                soft += self._quarrels(release, other, variable)
        return hard, soft

    def smallest_conflict(self) -> set[Pair]:
        """The fewest relations that cannot all hold, found by another exact method."""
        hard, soft = self.clauses()
        top = len(self.releases)
        pairs = sorted({pair for pair, _ in soft})
        switch = {pair: top + number for number, pair in enumerate(pairs, 1)}
        formula = WCNF()
        formula.extend(hard)
        formula.extend([[-switch[pair], *clause] for pair, clause in soft])
        for pair in pairs:
            formula.append([switch[pair]], weight=1)
        with OptUx(formula) as search:
            return {pairs[number - 1] for number in search.compute() or ()}

    def _quarrels(
        self, release: Release, other: Key, variable: Mapping[Key, int]
    ) -> Iterator[tuple[Pair, list[int]]]:
        """Two releases that may not stand side by side, as far as the first is concerned."""
        key = (release.package, release.version)
        if key[0] == other[0] and key != other:
            return
        for asked in (*release.optional, *release.conflicts):
            alone = replace(
                release,
                optional=(asked,) if asked in release.optional else (),
                conflicts=(asked,) if asked in release.conflicts else (),
            )
            if self.quarrels(alone, dict([other])):
                yield (key[0], asked.package), [-variable[key], -variable[other]]

    def _clause(
        self, asked: Requirement, variable: Mapping[tuple[Package, Version], int]
    ) -> list[int]:
        if asked.package in GIVEN:
            return [1, -1] if self.met(asked, {}) else []
        return [number for key, number in variable.items() if self.meets(asked, *key)]
