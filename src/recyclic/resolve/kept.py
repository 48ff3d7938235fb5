"""What a resolution should leave as it is, and what it displaced all the same.

A lock that an addition changed remembers what stood before, so that taking the addition back gives
the first lock again. Each package has one target: the state it had before anything displaced it,
else the one it has now. A resolution moves as few packages off their targets as it can, and of
those as many as it can to where they stood next. Those it did move are what the next one remembers;
an entry ends when its target holds again, when the package is to be upgraded, and when nothing that
is asked for leads to it any more. What went with a displaced package and came back by itself stays
remembered as long as that one is displaced: it may go again.

A second provider of what a kept one provides is a move as well: its target is to stay out. Whoever
was chosen before is then chosen again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set

from packaging.version import Version

from recyclic.model.package import ROOT, Package
from recyclic.model.resolution import Displaced
from recyclic.resolve.problem import Problem
from recyclic.resolve.term import ABSENT, indexes


class Kept:
    """The targets of one problem.

    Attributes:
        targets: For each package with a target that can be had, that state; :data:`ABSENT` for
            one that should stay out.
    """

    def __init__(self, problem: Problem) -> None:
        preferences = problem.preferences
        self._problem = problem
        self._came_in = preferences.came_in()
        present = self._states({p: preferences.present(p) for p in self._came_in})
        self.targets = self._states({p: preferences.preferred(p) for p in preferences.keeps()})
        self.targets |= dict.fromkeys(self._came_in, ABSENT)
        if self.targets:
            _, beside = self._reached({**self.targets, **present}, [ROOT])
            self.targets |= dict.fromkeys(sorted(beside), ABSENT)

    def moved(self, versions: Mapping[Package, Version]) -> list[int]:
        """How many packages of an answer are off their targets, then how many of these have not
        even got back to where they stood next, and so on: the less the better."""
        back = [self._back(package, state) for package, state in self._states(versions).items()]
        return [sum(each > times for each in back) for times in range(max(back, default=0))]

    def _back(self, package: Package, state: int) -> int:
        """0 on the target or without one; else how many places it stood at before are better."""
        if state == self.targets.get(package, state):
            return 0
        return max(1, sum(1 for _ in self._since(package, state)))

    def displaced(self, versions: Mapping[Package, Version]) -> Displaced:
        """What the next resolution has to know: the targets that an answer does not hold, and
        where those packages stood since, unless that is where they are."""
        now = self._states(versions)
        off = {p for p, target in self.targets.items() if now.get(p, ABSENT) != target}
        if not off - self._asked_otherwise():
            return {}
        missed = self._missed(off, now)
        found: dict[Package, tuple[Version | None, ...]] = {}
        for package in sorted(off | missed):
            state = now.get(package, ABSENT)
            if package not in off:
                found[package] = (self._version(package, state), None)
            elif state != ABSENT or package in missed:
                found[package] = tuple(self._since(package, state))
        return found

    def _missed(self, off: Set[Package], now: Mapping[Package, int]) -> set[Package]:
        """Packages that went with others: they are out, or were out and others brought them in.

        What is out now is missed only where it would be needed: if everything else were at its
        target, or, when it went just now, if everything were as it was.
        """
        preferences = self._problem.preferences
        came_in = {package: now[package] for package in self._came_in if package in now}
        through = {**self.targets, **came_in}
        reached, _ = self._reached(through, [ROOT])
        present = self._states({p: preferences.present(p) for p in self.targets})
        stayed = {p: state for p, state in present.items() if self.targets[p] != ABSENT}
        stood, _ = self._reached(stayed, [ROOT], rather=now)
        led_to, _ = self._reached(through, [p for p in off if p in reached])
        out = off - now.keys()
        known = {p for p in self.targets if preferences.recalled(p)}
        back = {p for p in known - off if None in preferences.stood(p)}
        return (out & known & reached) | (out & stood) | (back & led_to)

    def _since(self, package: Package, state: int) -> Iterator[Version | None]:
        """Where it stood before it first had that state, each place once."""
        known, seen = self._problem.known(package), set[int]()
        for before in self._problem.preferences.stood(package):
            stood = ABSENT if before is None else known.state(before)
            if stood == state:
                return
            if stood not in seen:
                seen.add(stood)
                yield before

    def _states(self, versions: Mapping[Package, Version | None]) -> dict[Package, int]:
        """The known ones of those versions as states."""
        found = {
            package: self._problem.known(package).state(version)
            for package, version in versions.items()
            if version is not None
        }
        return {package: state for package, state in found.items() if state}

    def _version(self, package: Package, state: int) -> Version:
        (index,) = indexes(state)
        return self._problem.known(package).versions[index]

    def _asked_otherwise(self) -> set[Package]:
        """The requested bundle, where the request itself asks for another version of it: that
        alone is nothing to go back to."""
        asked = self._problem.request.bundle
        if asked is None or (target := self.targets.get(asked.package, ABSENT)) == ABSENT:
            return set()
        before = self._version(asked.package, target)
        return set() if asked.specifier.contains(before, prereleases=True) else {asked.package}

    def _reached(
        self,
        through: Mapping[Package, int],
        start: Iterable[Package],
        rather: Collection[Package] = (),
    ) -> tuple[set[Package], set[Package]]:
        """Who is reached at those states, and who could take the place of a provider among them
        without having a target."""
        problem, reached, beside = self._problem, set[Package](), set[Package]()
        root = problem.known(ROOT).everything
        todo = [*start]
        if ROOT in todo and problem.requested:
            todo.append(problem.requested)
        while todo:
            package = todo.pop()
            state = root if package == ROOT else through.get(package, ABSENT)
            if package in reached or state == ABSENT:
                continue
            reached.add(package)
            for requirement in problem.requirements(package, self._version(package, state)):
                meeting = problem.meeting(requirement)
                there = [each for each, accepted in meeting if accepted & through.get(each, 0)]
                todo += [each for each in there if each in rather] or there
                if there:
                    beside.update(each for each, _ in meeting if each not in self.targets)
        return reached, beside
