"""The search for the best answer: keep what is there, then newest, then nothing superfluous."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from recyclic.model.package import Package
from recyclic.model.resolution import Displaced, Former
from recyclic.resolve.answer import needed, unneeded
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.hitting_set import smallest_hitting_set
from recyclic.resolve.kept import Kept
from recyclic.resolve.patience import Patience
from recyclic.resolve.polish import Polish
from recyclic.resolve.problem import Problem
from recyclic.resolve.reporter import Reporter
from recyclic.resolve.solver import Refused, Solved, Solver, Verdict
from recyclic.resolve.term import ABSENT, Term, indexes

_ROUNDS = 4
"""How often an answer that displaced something is resolved again. It has settled once it is its own
answer, nearly always at the first time."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best answer.

    Attributes:
        versions: Of everything that is in.
        displaced: What it moved, to what stood before: see :mod:`recyclic.resolve.kept`.
        problem: What it answers: what that tolerates is part of it.
        before: The locks it came from: see :mod:`recyclic.resolve.going_back`.
    """

    versions: Mapping[Package, Version]
    displaced: Displaced
    problem: Problem = field(compare=False)
    before: tuple[Former, ...] = ()


def best_answer(problem: Problem) -> Best | None:
    """The best answer, which is also the best one on top of itself; None when there is none.

    What is locked and was not needed in the end may have decided which of several packages moved.
    The next resolution would not know of it, so the answer is looked at without it here.
    """
    best = _once(problem)
    for _ in range(_ROUNDS):
        if best is None or not best.displaced:
            break
        again = _once(problem.on_top_of(best.versions, best.displaced))
        if again is None or again == best or needed(problem, again.versions) is None:
            break  # the last: what a lock alone makes possible, like a pre-release, is none yet
        best = again
    return best


def _once(problem: Problem) -> Best | None:
    """Where something was displaced, an answer that goes back is compared with one that stays:
    going back is worth it only when it holds more targets."""
    search = Search(problem)
    versions = search.best()
    if problem.preferences.displaced:
        staying = Search(problem.forgetting()).best()
        if staying is not None and (
            versions is None or search.kept.moved(staying) <= search.kept.moved(versions)
        ):
            versions = staying
    if versions is None:
        return None
    displaced = _allowed_back(problem, versions, search.kept.displaced(versions))
    return Best(versions, displaced, problem)


def _allowed_back(
    problem: Problem, versions: Mapping[Package, Version], displaced: Displaced
) -> Displaced:
    """Without what was not tolerated and would be as soon as it is only remembered: who asked for
    it is gone."""
    first = {package: stood[0] for package, stood in displaced.items()}
    doubtful = [each for each, v in first.items() if v and problem.is_doubtful(each, v)]
    if not doubtful:
        return displaced
    then = problem.on_top_of(versions, displaced)
    gone = {
        package
        for package in doubtful
        if then.known(package).opened
        & ~problem.known(package).opened
        & problem.known(package).state(first[package] or Version("0"))
    }
    return {package: stood for package, stood in displaced.items() if package not in gone}


class Search:
    """One problem's solver, and the questions put to it in turn.

    Attributes:
        kept: What it leaves as it is, as far as that can be.
        solver: It keeps what it learned from question to question.
    """

    def __init__(self, problem: Problem, reporter: Reporter | None = None) -> None:
        self._problem = problem
        self.kept = Kept(problem)
        self._provider = CatalogProvider(problem, targets=self.kept.targets)
        self.solver = Solver(self._provider, Patience(reporter))

    def best(self) -> dict[Package, Version] | None:
        """The version of every package that is in, or None when there is no answer.

        Raises:
            TooHardError: neither was found in bounded time.
        """
        verdict = self.solver.solve()
        if not isinstance(verdict, Solved):
            return None
        states: Mapping[int, int]
        held, states = self._keep_most(verdict.states)
        while True:
            states = self._without_superfluous(held, states)
            polish = Polish(self._problem, self._provider, self.solver, held)
            polished = polish.polished(states)
            if polished is states or not unneeded(self._problem, self.versions(polished)):
                return self.versions(polished)
            states = polished

    def any(self, budget: int) -> Verdict:
        """Some answer, not the best one. Out of budget, asking again goes on where it stopped."""
        return self.solver.solve(budget=budget)

    def _keep_most(self, states: dict[int, int]) -> tuple[list[Term], dict[int, int]]:
        """Move as few of the locked and installed packages as possible.

        Each is assumed to stay or to go. Assumptions that cannot all hold are a core; a
        smallest set that meets every core is a smallest set of packages that must move.
        """
        cores: list[frozenset[int]] = []
        moved: frozenset[int] = frozenset()
        kept = self._provider.kept_states()
        while _moved(states, kept) - moved:
            assumptions = _staying(kept, moved)
            verdict = self.solver.solve(assumptions)
            if isinstance(verdict, Solved):
                states = verdict.states
            elif isinstance(verdict, Refused):
                cores.append(frozenset(assumptions[index][0] for index in verdict.core))
                moved = smallest_hitting_set(cores)
            kept = self._provider.kept_states()
        return _staying(kept, moved), states

    def _without_superfluous(
        self, held: list[Term], states: Mapping[int, int]
    ) -> Mapping[int, int]:
        """Take out what nothing needs and solve again: it may have held others back.

        What was taken out is added to what is held.
        """
        while superfluous := unneeded(self._problem, self.versions(states)):
            held += [(self._provider.number(package), ABSENT) for package in superfluous]
            verdict = self.solver.solve(tuple(held))
            assert isinstance(verdict, Solved), "what was left over met every requirement"
            states = verdict.states
        return states

    def versions(self, states: Mapping[int, int]) -> dict[Package, Version]:
        """The packages of an answer of :attr:`solver`."""
        found = {}
        for number, state in states.items():
            package = self._provider.subjects[number]
            if isinstance(package, Package):
                (index,) = indexes(state)
                found[package] = self._problem.known(package).versions[index]
        return found


def _moved(states: Mapping[int, int], kept: Mapping[int, int]) -> frozenset[int]:
    return frozenset(
        package for package, state in kept.items() if states.get(package, state) != state
    )


def _staying(kept: Mapping[int, int], moved: frozenset[int]) -> list[Term]:
    return [(package, state | ABSENT) for package, state in kept.items() if package not in moved]
