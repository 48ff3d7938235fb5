"""The last step of the search: nothing that nobody requested is older than it has to be.

The search decides what is requested in a fixed order, newest first, and everything else in
whatever order settles conflicts soonest. Here the rest is gone through once more, those nearest to
the request first and then by kind and name: each is made as new as it can be with everything
before it left as it is. So the answer is the best one in that order, not the one the search
happened to come by.
"""

from collections.abc import Mapping
from heapq import heappop, heappush

from recyclic.model.package import Package
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.problem import Problem
from recyclic.resolve.solver import OutOfBudget, Solved, Solver, Verdict
from recyclic.resolve.term import Term, indexes

_WORK = 8_000
"""What this may cost, in the solver's measure: a fifth of a second. It is enough for a site of a
hundred modules; on larger ones the nearest to the request get it."""

_PACKAGES = 8
"""As many packages of an answer cost as much to go back over as one unit of work."""


class Polish:
    """Improves one answer.

    Args:
        held: What has to stay as it is whatever this finds: assumptions of the search.
    """

    def __init__(
        self, problem: Problem, provider: CatalogProvider, solver: Solver, held: list[Term]
    ) -> None:
        self._problem = problem
        self._provider = provider
        self._solver = solver
        self._fixed = list(held)
        # How many of the fixed the solver was last asked with.
        self._asked = 0
        self._left = _WORK
        self._price = 0
        self._allowed: dict[int, int] = {}
        # How far away everyone is who was met, who has not had its turn, and who is not in.
        self._depths: dict[int, int] = {}
        self._waiting: list[tuple[int, Package]] = []
        self._out: list[tuple[int, Package]] = []

    def polished(self, states: Mapping[int, int]) -> Mapping[int, int]:
        """The same answer, or one in which something nobody requested is newer and nothing
        nearer to the request is older."""
        if not any(self._better(number, state) for number, state in states.items()):
            return states
        self._price = len(states) // _PACKAGES
        self._fix_requested(states)
        while (found := self._next(states)) is not None:
            number, depth = found
            while better := self._better(number, states[number]):
                verdict = self._tried((number, better))
                if isinstance(verdict, OutOfBudget):
                    return states
                if not isinstance(verdict, Solved):
                    break
                states = verdict.states
                self._call_back()
            self._fix(number, states, depth)
        return states

    def _tried(self, term: Term) -> Verdict:
        """Is there an answer with that, and with what is fixed?"""
        before = self._solver.work
        self._asked = len(self._fixed)
        verdict = self._solver.solve([*self._fixed, term], self._left)
        self._left -= self._solver.work - before + self._price
        return verdict

    def _better(self, number: int, state: int) -> int:
        """The states that would be preferred, as far as what is fixed allows them."""
        better = self._provider.preferred_to(number, state) & self._allowed.get(number, -1)
        return better and better & self._solver.left(number, self._asked)

    def _fix_requested(self, states: Mapping[int, int]) -> None:
        for number, state in states.items():
            if self._provider.is_requested(number):
                self._fixed.append((number, state))
                self._depths[number] = 0
        for number in list(states):
            if self._provider.is_requested(number):
                self._visit(number, states, 0)

    def _fix(self, number: int, states: Mapping[int, int], depth: int) -> None:
        self._fixed.append((number, states[number]))
        self._visit(number, states, depth)

    def _visit(self, number: int, states: Mapping[int, int], depth: int) -> None:
        package = self._provider.subjects[number]
        if not isinstance(package, Package):
            return
        (index,) = indexes(states[number])
        version = self._problem.known(package).versions[index]
        for requirement in self._problem.requirements(package, version):
            meeting = self._problem.meeting(requirement)
            for other, accepted in meeting:
                met = self._provider.number(other)
                if len(meeting) == 1:
                    self._allowed[met] = self._allowed.get(met, -1) & accepted
                if met not in self._depths or depth + 1 < self._depths[met]:
                    self._depths[met] = depth + 1
                    heappush(self._waiting, (depth + 1, other))

    def _next(self, states: Mapping[int, int]) -> tuple[int, int] | None:
        """Who is nearest to the request and has not had its turn, and how far away it is."""
        while self._waiting:
            depth, package = heappop(self._waiting)
            number = self._provider.number(package)
            if depth > self._depths[number]:
                continue  # it was met nearer since
            if number in states:
                return number, depth
            self._out.append((depth, package))
        return None

    def _call_back(self) -> None:
        """Who was not in may have come in: who provides the same had to leave, say."""
        for each in self._out:
            heappush(self._waiting, each)
        self._out.clear()
