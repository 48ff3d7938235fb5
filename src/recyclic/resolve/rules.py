"""Every rule of a problem at once, each relation with a switch: for questions about subsets.

Answers are found lazily; reasons are not: which relations can be done without is asked again and
again of one solver, which keeps what it learned in between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Relation
from recyclic.resolve.solver import Refused, Solved, Solver, Verdict
from recyclic.resolve.term import ABSENT, Term, newest, states

_ON = 2
"""A switch has one version: present means that its relation holds."""


class Rules:
    """All incompatibilities of the packages within reach, switched by relation.

    Attributes:
        domains: See :class:`recyclic.resolve.provider.Provider`, which this also is.
        relations: Every relation there is, sorted.
    """

    def __init__(self, problem: Problem, only: Collection[Relation] | None = None) -> None:
        provider = CatalogProvider(problem)
        found = list(provider.start())
        at = 0
        while at < len(provider.domains):
            wanted = only is None or provider.speaks(at, only)
            versions = provider.domains[at] & ~ABSENT if wanted else 0
            found += [
                rule
                for rule in provider.incompatibilities(at, versions)
                if only is None or rule.relation is None or rule.relation in only
            ]
            at += 1
        self.domains = list(provider.domains)
        self._rules: dict[Relation | None, list[Incompatibility]] = {}
        for rule in found:
            assert rule.relation is None or isinstance(rule.relation, Relation)
            self._rules.setdefault(rule.relation, []).append(rule)
        self.relations = tuple(sorted(each for each in self._rules if each is not None))
        self._switches = {
            relation: len(self.domains) + index for index, relation in enumerate(self.relations)
        }
        self.domains += [states(1)] * len(self.relations)
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
        return self._solver.solve(self._assumptions(relations), budget)

    def core(self, verdict: Refused, relations: Collection[Relation]) -> frozenset[Relation]:
        """Those of ``relations`` that the refusal rests on."""
        ordered = sorted(relations)
        return frozenset(ordered[index] for index in verdict.core)

    def broken_by(self, verdict: Solved) -> frozenset[Relation]:
        """The relations that an answer does not respect."""
        states_found: Mapping[int, int] = verdict.states
        broken = set()
        for relation, rules in self._rules.items():
            if relation is not None and any(_violated(rule, states_found) for rule in rules):
                broken.add(relation)
        return frozenset(broken)

    def _assumptions(self, relations: Collection[Relation]) -> list[Term]:
        return [(self._switches[relation], _ON) for relation in sorted(relations)]


def _violated(rule: Incompatibility, found: Mapping[int, int]) -> bool:
    return all(found.get(package, ABSENT) & mask for package, mask in rule.terms)
