"""What would help: small changes to the lines involved, each tried before it is offered.

Where several things are wrong that have nothing to do with each other, no change to one of them
helps. Then each gets a change that would do if it were alone, and all of them are offered as one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import ROOT, Package, PackageKind, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.conflict import Conflict
from recyclic.resolve.derivation import ordered
from recyclic.resolve.fix import Fix, Patch
from recyclic.resolve.kernel import smallest_conflict
from recyclic.resolve.nearest import nearest_names
from recyclic.resolve.needs import Amendments
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Need, NeedKind, Relation, name_of
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

_MOST_TOGETHER = 5
"""No fix changes more lines than this."""

_SLICE = 4_000
"""Work between two looks at the clock."""

_ANY = SpecifierSet()


@dataclass(frozen=True, slots=True)
class _Change:
    """A line read differently: what is written now, and what would be."""

    old: Requirement
    new: Requirement | None


_Works = tuple[Sequence[_Change], dict[Package, Version]]
"""Changes, and an answer there is after them."""


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

    found: tuple[Fix, ...]
    complete: bool


def fixes(problem: Problem, conflict: Conflict, effort: Effort) -> Fixes:
    """Small changes after each of which there is an answer.

    Tried are the lines of the request and of bundles that are part of the conflict: another
    name that looks alike, a wider range, no omission, no requirement; two of them when one is
    not enough; and a change for each of several conflicts.
    """
    tries = _Tries(problem, conflict, effort)
    return Fixes(tries.found(), not tries.cut_short)


class _Tries:
    def __init__(self, problem: Problem, conflict: Conflict, effort: Effort) -> None:
        self.cut_short = False
        self._problem = problem
        self._conflict = conflict
        self._budget = effort.budget
        self._clock = effort.clock
        self._end = effort.clock() + SECONDS if effort.clock else 0.0
        self._lines = list(_lines(problem, ordered(conflict.relations)))
        self._found: list[Fix] = []
        # What else is taken to be read differently, whatever is tried.
        self._besides: Amendments = {}

    def found(self) -> tuple[Fix, ...]:
        self._without_choices()
        for changes, answer in self._kept_lines():
            self._offer(changes, answer)
        if not self._found:
            for pair in combinations(self._lines, 2):
                for changes, answer in self._wider(pair):
                    self._offer(changes, answer)
        for changes, answer in self._fewer_lines():
            self._offer(changes, answer)
        if not self._found and self._conflict.others:
            self._one_for_each()
        return tuple(self._found)

    def _kept_lines(self) -> Iterator[_Works]:
        for line in self._lines:
            yield from self._renamed(line)
        for line in self._lines:
            yield from self._wider([line])

    def _fewer_lines(self) -> Iterator[_Works]:
        for line in self._lines:
            if line != self._problem.request.bundle:
                yield from self._works([_Change(line, None)])

    def _one_for_each(self) -> None:
        """A change for one conflict after the other, the others' lines read as if they were not."""
        conflict, changes = self._conflict, list[_Change]()
        while len(changes) + len(conflict.others) < _MOST_TOGETHER:
            lines = _lines(self._problem, ordered(conflict.relations))
            changed = [each.old for each in changes]
            self._lines = [each for each in lines if each not in changed]
            needs = _asked(self._problem, conflict.others)
            ignored = [_Change(need.requirement, None) for need in needs]
            self._besides = _amendments([*ignored, *changes])
            change, _ = next(chain(self._kept_lines(), self._fewer_lines()), (None, None))
            if change is None:
                return
            changes += change
            self._besides = {}
            answer = self._answer(_amendments(changes))
            if answer is not None:
                self._lines = [each.old for each in changes]
                self._offer(changes, answer)
            if answer is not None or self.cut_short:
                return
            conflict = smallest_conflict(self._problem.amended(_amendments(changes)))

    def _without_choices(self) -> None:
        request, concerned = self._problem.request, self._concerned()
        for omission in request.omissions:
            if omission.package not in concerned:
                continue
            kept = tuple(each for each in request.omissions if each != omission)
            answer = self._answer({}, replace(request, omissions=kept))
            if answer is not None:
                patch = Patch(omission.place, omission.package, "false", None)
                self._offer_patches([patch], answer)
        for override in request.overrides:
            if override.package not in concerned:
                continue
            others = tuple(each for each in request.overrides if each != override)
            answer = self._answer({}, replace(request, overrides=others))
            if answer is not None:
                patch = Patch(override.place, override.package, str(override.version), None)
                self._offer_patches([patch], answer)

    def _concerned(self) -> set[Package]:
        """Whoever the conflict asks for, or could be met by: it stays whatever others do."""
        asked = {relation.dependency for relation in self._conflict.relations}
        return asked.union(*(self._problem.providers(package) for package in asked))

    def _renamed(self, line: Requirement) -> Iterator[_Works]:
        if not self._problem.unknown(line.package):
            return
        for name in nearest_names(self._problem.catalog, line.package):
            package = Package(line.package.kind, name)
            yield from self._works([_Change(line, replace(line, package=package))])

    def _wider(self, lines: Sequence[Requirement]) -> Iterator[_Works]:
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
        yield from self._works(changes)

    def _works(self, changes: Sequence[_Change]) -> Iterator[_Works]:
        """Those changes with the answer they lead to, if they do."""
        answer = self._answer(_amendments(changes))
        if answer is not None:
            yield changes, answer

    def _answer(
        self, amendments: Amendments, request: Request | None = None
    ) -> dict[Package, Version] | None:
        if len(self._found) >= MOST or self.cut_short:
            return None
        search = Search(self._problem.amended({**self._besides, **amendments}, request))
        before = 0
        while not self._is_over():
            try:
                verdict = search.any(min(_SLICE, self._budget))
            except DiagnosticsError:  # it leads to a release with mistakes: that is no way out
                return None
            self._budget -= search.solver.work - before
            before = search.solver.work
            if not isinstance(verdict, OutOfBudget):
                if not isinstance(verdict, Solved):
                    return None
                versions = search.versions(verdict.states)
                return None if self._problem.mistaken(versions) else versions
        self.cut_short = True
        return None

    def _is_over(self) -> bool:
        return self._budget <= 0 or (self._clock is not None and self._clock() > self._end)

    def _offer(self, changes: Sequence[_Change], answer: dict[Package, Version]) -> None:
        self._offer_patches([_patch(change) for change in changes], answer)

    def _offer_patches(self, patches: Sequence[Patch], answer: dict[Package, Version]) -> None:
        names = {line.package for line in self._lines}
        versions = tuple(
            (name_of(package), str(version))
            for package, version in sorted(answer.items())
            if package in names
        )
        ordered = tuple(sorted(patches, key=lambda patch: (patch.place, patch.package)))
        self._found.append(Fix(ordered, versions))


def _lines(problem: Problem, relations: Sequence[Relation]) -> Iterator[Requirement]:
    """The requirements of the request and of bundles among the relations, each once."""
    own = [each for each in relations if each.depender == ROOT or _is_bundle(each.depender)]
    return (need.requirement for need in _asked(problem, own) if need.kind is NeedKind.REQUIRES)


def _asked(problem: Problem, relations: Sequence[Relation]) -> Iterator[Need]:
    """Everything those relations stand for, each line once."""
    seen = set()
    for relation in relations:
        for speaker in problem.speakers(relation.depender):
            known = problem.known(speaker)
            for version in reversed(known.versions):
                for need in problem.needs(speaker, version):
                    requirement = need.requirement
                    key = (requirement.place, requirement.package)
                    if requirement.package == relation.dependency and key not in seen:
                        seen.add(key)
                        yield need


def _is_bundle(package: Package) -> bool:
    return package.kind is PackageKind.BUNDLE


def _amendments(changes: Sequence[_Change]) -> Amendments:
    return {(change.old.place, change.old.package): change.new for change in changes}


def _patch(change: _Change) -> Patch:
    old, new = change.old, change.new
    renamed = new.package.name if new is not None and new.package != old.package else None
    text = None if new is None else specifier_text(new.specifier)
    return Patch(old.place, old.package, specifier_text(old.specifier), text, renamed)
