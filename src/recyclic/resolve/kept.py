"""What a resolution should leave as it is, and what it displaced all the same.

A lock that an addition changed remembers what stood before, so that taking the addition back gives
the first lock again. Each package has one target: the state it had before anything displaced it,
else the one it has now. A resolution moves as few packages off their targets as it can. Those it
did move are what the next one remembers; an entry ends when its target holds again, when the
package is to be upgraded, and when nothing that is asked for leads to it any more.

A second provider of what a kept one provides is a move as well: its target is to stay out. Whoever
was chosen before is then chosen again.
"""

from collections.abc import Mapping

from packaging.version import Version

from recyclic.model.package import ROOT, Package
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
            _, beside = self._reached({**self.targets, **present})
            self.targets |= dict.fromkeys(sorted(beside), ABSENT)

    def moved(self, versions: Mapping[Package, Version]) -> int:
        """How many packages of an answer are off their targets."""
        now = self._states(versions)
        return sum(state != self.targets.get(package, state) for package, state in now.items())

    def displaced(self, versions: Mapping[Package, Version]) -> dict[Package, Version | None]:
        """What the next resolution has to know: the targets that an answer does not hold."""
        now = self._states(versions)
        off = {
            package: target
            for package, target in sorted(self.targets.items())
            if now.get(package, ABSENT) != target
        }
        if not off.keys() - self._asked_otherwise():
            return {}
        came_in = {package: now[package] for package in self._came_in if package in now}
        reached, _ = self._reached({**self.targets, **came_in})
        return {
            package: None if target == ABSENT else self._version(package, target)
            for package, target in off.items()
            if target == ABSENT or package in reached
        }

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
        target = ABSENT if asked is None else self.targets.get(asked.package, ABSENT)
        if asked is None or target == ABSENT:
            return set()
        before = self._version(asked.package, target)
        return set() if asked.specifier.contains(before, prereleases=True) else {asked.package}

    def _reached(self, through: Mapping[Package, int]) -> tuple[set[Package], set[Package]]:
        """Who is reached from the root at those states, and who could take the place of a
        provider among them without having a target."""
        problem, reached, beside = self._problem, set[Package](), set[Package]()
        root = problem.known(ROOT).everything
        todo = [ROOT, *([problem.requested] if problem.requested else [])]
        while todo:
            package = todo.pop()
            state = root if package == ROOT else through.get(package, ABSENT)
            if package in reached or state == ABSENT:
                continue
            reached.add(package)
            for requirement in problem.requirements(package, self._version(package, state)):
                meeting = problem.meeting(requirement)
                there = [each for each, accepted in meeting if accepted & through.get(each, 0)]
                todo += there
                if there and len(meeting) > 1:
                    beside.update(each for each, _ in meeting if each not in self.targets)
        return reached, beside
