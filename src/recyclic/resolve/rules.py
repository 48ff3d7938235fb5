"""Every rule of a problem at once, each relation with a switch: for questions about subsets.

Answers are found lazily; reasons are not: which relations can be done without is asked again and
again of one solver, which keeps what it learned in between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.rotation import indispensable
from recyclic.resolve.solver import Refused, Solved, Solver, Verdict
from recyclic.resolve.term import ABSENT, newest, states

_ON = 2
"""A switch has one version: present means that its relation holds."""


class Rules:
    """Incompatibilities, switched by relation.

    Attributes:
        domains: See :class:`recyclic.resolve.provider.Provider`, which this also is.
        relations: Every relation there is, sorted.
    """

    def __init__(self, domains: Sequence[int], found: Iterable[Incompatibility]) -> None:
        self.domains = list(domains)
        self._rules: dict[Relation | None, list[Incompatibility]] = {}
        self._about: dict[int, list[Incompatibility]] = {}
        for rule in found:
            assert rule.relation is None or isinstance(rule.relation, Relation)
            self._rules.setdefault(rule.relation, []).append(rule)
            for package, _ in rule.terms:
                self._about.setdefault(package, []).append(rule)
        self.relations = tuple(sorted(each for each in self._rules if each is not None))
        self._switches = {
            relation: len(self.domains) + index for index, relation in enumerate(self.relations)
        }
        self.domains += [states(1)] * len(self.relations)
        self._last: frozenset[Relation] = frozenset()
        self._solver = Solver(self)

    @property
    def work(self) -> int:
        """Work done so far, in the solver's measure."""
        return self._solver.work

    def start(self) -> Iterable[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        for relation, rules in self._rules.items():
            for rule in rules:
                if relation is None:
                    yield rule
                else:
                    switch = (self._switches[relation], _ON)
                    yield Incompatibility((*rule.terms, switch), relation)

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:  # noqa: ARG002 - all of them came at the start
        """See :class:`recyclic.resolve.provider.Provider`."""
        return ()

    def rank(self, package: int) -> int:  # noqa: ARG002 - any answer will do
        """See :class:`recyclic.resolve.provider.Provider`."""
        return 0

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:  # noqa: ARG002
        """See :class:`recyclic.resolve.provider.Provider`."""
        return newest(candidates)

    def ask(self, relations: Collection[Relation], budget: int) -> Verdict:
        """Can those relations all hold together?"""
        assumptions = [(self._switches[relation], _ON) for relation in self._ordered(relations)]
        return self._solver.solve(assumptions, budget)

    def put_last(self, relations: Collection[Relation]) -> None:
        """Questions that differ in these relations only share all work on the others."""
        self._last = frozenset(relations)

    def core(self, verdict: Refused, relations: Collection[Relation]) -> frozenset[Relation]:
        """Those of ``relations`` that the refusal rests on."""
        ordered = self._ordered(relations)
        return frozenset(ordered[index] for index in verdict.core)

    def broken_by(self, verdict: Solved) -> frozenset[Relation]:
        """The relations that an answer does not respect."""
        states_found: Mapping[int, int] = verdict.states
        broken = set()
        for relation, rules in self._rules.items():
            if relation is not None and any(_violated(rule, states_found) for rule in rules):
                broken.add(relation)
        return frozenset(broken)

    def indispensable(
        self, verdict: Solved, relations: Collection[Relation]
    ) -> frozenset[Relation]:
        """Of ``relations``, all but one of which an answer respects, those none can do without.

        They cannot all hold; the others hold without any one of those returned.
        """
        kept = {None, *relations}
        broken = [
            rule
            for relation in relations
            for rule in self._rules[relation]
            if _violated(rule, verdict.states)
        ]

        def about(package: int) -> Iterable[Incompatibility]:
            return (rule for rule in self._about.get(package, ()) if rule.relation in kept)

        found = indispensable(verdict.states, broken, about)
        return frozenset(relation for relation in relations if relation in found)

    def _ordered(self, relations: Collection[Relation]) -> list[Relation]:
        switches, last = self._switches, self._last
        return sorted(relations, key=lambda each: (each in last, switches[each]))


def _violated(rule: Incompatibility, found: Mapping[int, int]) -> bool:
    return all(found.get(package, ABSENT) & mask for package, mask in rule.terms)
