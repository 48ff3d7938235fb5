"""A provider whose relations can be given up: what does not go together is found all at once.

A request in which thousands of lines are wrong has thousands of conflicts, and finding them one by
one takes as many solvers. Here every relation has a switch, tried on before it is tried off; the
answer gives up a relation only where it met a conflict.
"""

from collections.abc import Collection, Iterable, Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.provider import Provider
from recyclic.resolve.relation import Relation
from recyclic.resolve.solver import Solved, Solver
from recyclic.resolve.term import ABSENT, Term, newest, oldest, state_of, states

_ON, _OFF = state_of(0), state_of(1)


class Relaxed:
    """Passes on what ``provider`` tells, each rule only as long as its relation is not given up.

    Attributes:
        domains: See :class:`recyclic.resolve.provider.Provider`, which this also is.
    """

    def __init__(self, provider: Provider, without: Collection[Relation]) -> None:
        self.domains: list[int] = []
        self._provider = provider
        self._without = without
        # The provider numbers its packages, and the switches come in between.
        self._ours: dict[int, int] = {}
        self._theirs: dict[int, int] = {}
        self._switches: dict[Relation, int] = {}

    def given_up(self) -> list[Relation]:
        """Relations besides ``without`` in whose absence all others can hold, in a fixed order."""
        verdict = Solver(self).solve()
        assert isinstance(verdict, Solved), "everything that was asked for can be given up"
        return [
            relation
            for relation, switch in self._switches.items()
            if verdict.states[switch] == _OFF
        ]

    def start(self) -> Iterable[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        return self._switched(self._provider.start())

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        theirs = self._theirs.get(package)
        if theirs is None:
            return ()
        return self._switched(self._provider.incompatibilities(theirs, versions))

    def rank(self, package: int) -> int:
        """Switches first: no package is decided in a way that makes one impossible."""
        return 1 if package in self._theirs else 0

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:  # noqa: ARG002 - any answer will do
        """See :class:`recyclic.resolve.provider.Provider`."""
        return newest(candidates) if package in self._theirs else oldest(candidates)

    def _switched(self, rules: Iterable[Incompatibility]) -> list[Incompatibility]:
        found: list[Incompatibility] = []
        for rule in rules:
            if rule.relation in self._without:
                continue
            terms = [(self._number(package), mask) for package, mask in rule.terms]
            if isinstance(rule.relation, Relation):
                terms.append(self._switch(rule.relation, found))
            found.append(Incompatibility(tuple(terms), rule.relation))
        return found

    def _number(self, theirs: int) -> int:
        ours = self._ours.get(theirs)
        if ours is None:
            ours = self._ours[theirs] = len(self.domains)
            self._theirs[ours] = theirs
            self.domains.append(self._provider.domains[theirs])
        return ours

    def _switch(self, relation: Relation, found: list[Incompatibility]) -> Term:
        """That the relation holds; a switch that is new is always one or the other."""
        switch = self._switches.get(relation)
        if switch is None:
            switch = self._switches[relation] = len(self.domains)
            self.domains.append(states(2))
            found.append(Incompatibility(((switch, ABSENT),)))
        return switch, _ON
