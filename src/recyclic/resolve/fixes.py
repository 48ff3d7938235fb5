"""What would help: small changes to the lines involved, each tried before it is offered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.package import ROOT, Package, PackageKind, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.fix import Fix, Patch
from recyclic.resolve.nearest import nearest_names
from recyclic.resolve.problem import Amendments, Problem
from recyclic.resolve.relation import NeedKind, Relation, name_of
from recyclic.resolve.search import Search
from recyclic.resolve.solver import OutOfBudget, Solved
from recyclic.resolve.specifier_text import specifier_text
from recyclic.resolve.widen import widened

MOST = 5
"""No more fixes than this are offered."""

BUDGET = 100_000
"""Work allowed for all tries together, the same on every machine: some three seconds on a small
one."""

SECONDS = 3.0
"""Whoever has a clock stops after that time, on a machine that is smaller still."""

_SLICE = 4_000
"""Work between two looks at the clock."""

_ANY = SpecifierSet()


@dataclass(frozen=True, slots=True)
class _Change:
    """A line read differently: what is written now, and what would be."""

    old: Requirement
    new: Requirement | None


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look.

    Attributes:
        budget: Work allowed for all tries together.
        clock: Gives seconds; None where time does not count. As long as it suffices, what is found
            is the same with and without.
    """

    budget: int = BUDGET
    clock: Callable[[], float] | None = None


@dataclass(frozen=True, slots=True)
class Fixes:
    """What was found.

    Attributes:
        found: Up to five changes after each of which there is an answer, the smallest first.
        complete: False when the search was cut short: there may be others.
    """

    found: tuple[Fix, ...] = ()
    complete: bool = True


def fixes(problem: Problem, relations: Sequence[Relation], effort: Effort) -> Fixes:
    """Small changes after each of which there is an answer.

    Tried are the lines of the request and of bundles that are part of the conflict: another
    name that looks alike, a wider range, no omission, no requirement; two of them when one is
    not enough.
    """
    tries = _Tries(problem, relations, effort)
    return Fixes(tries.found(), not tries.cut_short)


class _Tries:
    def __init__(self, problem: Problem, relations: Sequence[Relation], effort: Effort) -> None:
        self.cut_short = False
        self._problem = problem
        self._budget = effort.budget
        self._clock = effort.clock
        self._end = effort.clock() + SECONDS if effort.clock else 0.0
        self._lines = list(_lines(problem, relations))
        self._found: list[Fix] = []

    def found(self) -> tuple[Fix, ...]:
        self._without_choices()
        for line in self._lines:
            self._renamed(line)
        for line in self._lines:
            self._wider([line])
        if not self._found:
            for pair in combinations(self._lines, 2):
                self._wider(pair)
        for line in self._lines:
            if line != self._problem.request.bundle:
                self._try([_Change(line, None)])
        return tuple(self._found)

    def _without_choices(self) -> None:
        request = self._problem.request
        for omission in request.omissions:
            kept = tuple(each for each in request.omissions if each != omission)
            answer = self._answer({}, replace(request, omissions=kept))
            if answer is not None:
                patch = Patch(omission.place, omission.package, "false", None)
                self._offer([patch], answer)
        for override in request.overrides:
            others = tuple(each for each in request.overrides if each != override)
            answer = self._answer({}, replace(request, overrides=others))
            if answer is not None:
                patch = Patch(override.place, override.package, str(override.version), None)
                self._offer([patch], answer)

    def _renamed(self, line: Requirement) -> None:
        if self._problem.known(line.package).versions or self._problem.providers(line.package):
            return
        for name in nearest_names(self._problem.catalog, line.package):
            package = Package(line.package.kind, name)
            self._try([_Change(line, replace(line, package=package))])

    def _wider(self, lines: Sequence[Requirement]) -> None:
        """Ask for any version, look which one it would be, and let just that one in."""
        if not all(str(line.specifier) for line in lines):
            return
        free = [_Change(line, replace(line, specifier=_ANY)) for line in lines]
        answer = self._answer(_amendments(free))
        if answer is None or not all(line.package in answer for line in lines):
            return
        changes = [
            _Change(line, replace(line, specifier=widened(line.specifier, answer[line.package])))
            for line in lines
        ]
        if not self._try(changes):
            self._try(free)

    def _try(self, changes: Sequence[_Change]) -> bool:
        if len(self._found) >= MOST:
            return False
        answer = self._answer(_amendments(changes))
        if answer is None:
            return False
        self._offer([_patch(change) for change in changes], answer)
        return True

    def _answer(
        self, amendments: Amendments, request: Request | None = None
    ) -> dict[Package, Version] | None:
        if len(self._found) >= MOST or self.cut_short:
            return None
        search = Search(self._problem.amended(amendments, request))
        before = 0
        while not self._is_over():
            verdict = search.any(min(_SLICE, self._budget))
            self._budget -= search.solver.work - before
            before = search.solver.work
            if not isinstance(verdict, OutOfBudget):
                return search.versions(verdict.states) if isinstance(verdict, Solved) else None
        self.cut_short = True
        return None

    def _is_over(self) -> bool:
        return self._budget <= 0 or (self._clock is not None and self._clock() > self._end)

    def _offer(self, patches: Sequence[Patch], answer: dict[Package, Version]) -> None:
        names = {line.package for line in self._lines}
        versions = tuple(
            (name_of(package), str(version))
            for package, version in sorted(answer.items())
            if package in names
        )
        ordered = tuple(sorted(patches, key=lambda patch: (patch.place, patch.package)))
        if all(found.patches != ordered for found in self._found):
            self._found.append(Fix(ordered, versions))


def _lines(problem: Problem, relations: Sequence[Relation]) -> Iterator[Requirement]:
    """The requirements of the request and of bundles among the relations, each once."""
    seen = set()
    for relation in relations:
        for speaker in _speakers(problem, relation.depender):
            known = problem.known(speaker)
            for version in reversed(known.versions):
                for need in problem.needs(speaker, version):
                    requirement = need.requirement
                    key = (requirement.place, requirement.package)
                    same = requirement.package == relation.dependency
                    if same and need.kind is NeedKind.REQUIRES and key not in seen:
                        seen.add(key)
                        yield requirement


def _speakers(problem: Problem, depender: Package) -> tuple[Package, ...]:
    if depender == ROOT:
        return (ROOT, problem.requested) if problem.requested else (ROOT,)
    return (depender,) if depender.kind is PackageKind.BUNDLE else ()


def _amendments(changes: Sequence[_Change]) -> Amendments:
    return {(change.old.place, change.old.package): change.new for change in changes}


def _patch(change: _Change) -> Patch:
    old, new = change.old, change.new
    renamed = new.package.name if new is not None and new.package != old.package else None
    text = None if new is None else specifier_text(new.specifier)
    return Patch(old.place, old.package, specifier_text(old.specifier), text, renamed)
