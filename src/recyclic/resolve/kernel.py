"""The kernel: the few rules of an unsolvable problem that any conflict can be made of.

Leave out one relation of every conflict that shows up until there is an answer. Wherever that
answer respects a package's rules whatever happens elsewhere, the package is out of the question:
no smallest conflict contains a rule that such a package satisfies. What remains is usually tiny,
and only its releases have to be read.

Where leaving out a single relation was enough, no conflict can do without it; when rotating the
answer shows the same of every other relation of the first conflict, that is the only one.

A request that is wrong in many places is not taken apart one conflict at a time: what is left to
give up is found in one go (`relaxed`), and each place is looked at alone (`component`).

Source: Kullmann, "Investigations on autark assignments" (2000): a rule that an autarky satisfies
is in no minimal unsatisfiable set.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.component import components
from recyclic.resolve.conflict import BUDGET, Conflict, ConflictSearch
from recyclic.resolve.derivation import ordered
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Relation
from recyclic.resolve.relaxed import Relaxed
from recyclic.resolve.rotation import indispensable
from recyclic.resolve.rules import Rules
from recyclic.resolve.solver import OutOfBudget, Refused, Solver
from recyclic.resolve.term import ABSENT, Term
from recyclic.resolve.withheld import Withheld

_ONE_BY_ONE = 6
"""From so many conflicts on, the others are found together."""


def smallest_conflict(problem: Problem) -> Conflict:
    """The fewest relations of an unsolvable problem that cannot all hold."""
    kernel, first = _kernel(problem, ())
    if kernel is None:
        return Conflict((), smallest=True)
    found = kernel.smallest(first)
    if len(kernel.broken()) > 1:
        rest, _ = _kernel(problem, found.relations)
        others = rest.broken() - {*found.relations} if rest else frozenset()
        touched = (kernel.broken() | others) - {*found.relations}
        return replace(found, others=tuple(sorted(others)), touched=tuple(sorted(touched)))
    return found


def _kernel(
    problem: Problem, besides: Collection[Relation]
) -> tuple["_Kernel | None", tuple[Relation, ...]]:
    """What is left in question once a relation of every conflict without ``besides`` is left out,
    and the first such conflict; None where no relation makes a difference."""
    first: tuple[Relation, ...] = ()
    without = [*besides]
    while True:
        provider = CatalogProvider(problem)
        told = Withheld(provider, frozenset(without))
        verdict = Solver(told).solve()
        assert not isinstance(verdict, OutOfBudget), "without a budget there is a verdict"
        if not isinstance(verdict, Refused):
            return _Kernel(provider, told, verdict.states), first
        search = ConflictSearch(Rules(provider.domains, _externals(verdict.derivation)))
        conflict = search.minimal()
        if not conflict:
            return None, ()
        first = first or conflict
        # Rotating goes from who asks to who asks them: begin as far from the root as can be.
        without.append(ordered(conflict)[-1])
        if len(without) == len(besides) + _ONE_BY_ONE:
            without += Relaxed(CatalogProvider(problem), frozenset(without)).given_up()


def _externals(derivation: Incompatibility) -> list[Incompatibility]:
    return [found for found in derivation.closure() if not found.antecedents]


class _Kernel:
    """An answer to all but a few relations: those, and which packages it leaves in question."""

    def __init__(
        self, provider: CatalogProvider, told: Withheld, states: Mapping[int, int]
    ) -> None:
        self._provider = provider
        self._told = told
        self._states = states
        self._broken = [rule for rule in told.withheld() if all(map(self._holds, rule.terms))]
        self._found: dict[int, Incompatibility] = {}
        self._in_question: set[int] = set()
        self._todo: list[int] = []

    def smallest(self, first: tuple[Relation, ...]) -> Conflict:
        """The smallest conflict, when ``first`` is one from which nothing can be left out."""
        needed = self._needed(first)
        if len(needed) == len(first):
            return Conflict(first, smallest=True)
        best, budget = Conflict(first, smallest=True), BUDGET
        for part in components(self._provider.domains, self._rules()):
            if len(best.relations) == 1:
                break
            rules = Rules(part.domains, part.rules)
            relations = frozenset(rules.relations)
            if not needed <= relations:
                continue  # every conflict contains those: here is none
            its_own = first if relations.issuperset(first) else ()
            found = ConflictSearch(rules, budget).smallest(its_own, needed)
            budget -= rules.work
            best = best.or_smaller(found)
        return best

    def broken(self) -> frozenset[Relation]:
        """The relations that the answer does without."""
        return frozenset(
            rule.relation for rule in self._broken if isinstance(rule.relation, Relation)
        )

    def _needed(self, first: tuple[Relation, ...]) -> frozenset[Relation]:
        """Relations that every conflict contains, so far as the answer shows any."""
        if len(self.broken()) > 1:
            return frozenset()
        found = indispensable(self._states, self._broken, self._told.about)
        return frozenset(relation for relation in first if relation in found)

    def _rules(self) -> list[Incompatibility]:
        """The rules between packages that are in question.

        That the root must be in is among them: without it every package could be left out.
        """
        for rule in self._broken:
            self._take(rule)
        while self._todo:
            for rule in self._told.about(self._todo.pop()):
                if id(rule) not in self._found and not any(map(self._keeps, rule.terms)):
                    self._take(rule)
        return list(self._found.values())

    def _holds(self, term: Term) -> bool:
        package, mask = term
        return bool(self._states.get(package, ABSENT) & mask)

    def _keeps(self, term: Term) -> bool:
        """True when the answer alone makes this term false, and nothing is wrong with it."""
        return term[0] not in self._in_question and not self._holds(term)

    def _take(self, rule: Incompatibility) -> None:
        self._found[id(rule)] = rule
        for package, _ in rule.terms:
            self._question(package)

    def _question(self, package: int) -> None:
        if package not in self._in_question:
            self._in_question.add(package)
            self._todo.append(package)
