"""The smallest conflict: the fewest relations that cannot all hold together.

A set of relations that cannot hold, from which nothing can be left out, need not be the
smallest one. It is exactly when it meets every set of relations whose removal would help, and no
smaller set does: so such removals are collected, and a smallest set that meets them all is tried,
until it cannot hold. The first tries are single relations, which settles nearly every case; most
of those need no solving, since one that is known shows others (`rotation`).

Source: Ignatiev, Previti, Liffiton, Marques-Silva, "Smallest MUS Extraction with Minimal Hitting
Set Dualization" (CP 2015).
"""

from collections.abc import Collection
from dataclasses import dataclass

from recyclic.resolve.derivation import ordered
from recyclic.resolve.hitting_set import smallest_hitting_set
from recyclic.resolve.relation import Relation
from recyclic.resolve.rules import Rules
from recyclic.resolve.solver import OutOfBudget, Refused, Solved

BUDGET = 40_000
"""Work allowed for the whole search, about a second on a small machine."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Relations that cannot all hold; without any one of them the others can.

    Attributes:
        smallest: False when the budget ran out before no smaller conflict was proven to exist.
        others: A relation of each other conflict, as far as those have nothing in common with
            this one: without these and ``relations`` there is an answer.
        touched: Those, and a relation of each that has something in common with it.
    """

    relations: tuple[Relation, ...]
    smallest: bool
    others: tuple[Relation, ...] = ()
    touched: tuple[Relation, ...] = ()

    def or_smaller(self, other: "Conflict") -> "Conflict":
        """The smaller of both, this one when they are alike; ``other`` may be none at all."""
        fewer = 0 < len(other.relations) < len(self.relations)
        smallest = self.smallest and other.smallest
        return Conflict(other.relations if fewer else self.relations, smallest)


class _OutOfWorkError(Exception):
    """The budget is spent: what was found so far has to do."""


class ConflictSearch:
    """Finds the smallest conflict among rules that are known not to hold together."""

    def __init__(self, rules: Rules, budget: int = BUDGET) -> None:
        self._rules = rules
        self._limit = rules.work + budget

    def smallest(
        self, known: Collection[Relation] = (), needed: Collection[Relation] = ()
    ) -> Conflict:
        """The smallest conflict; the smallest one found when the budget runs out.

        Args:
            known: A conflict to start from, if there is one.
            needed: Relations that every conflict is known to contain.
        """
        self._best = frozenset(known)
        try:
            found = self._best or self._minimal(frozenset(self._rules.relations))
            fewest = self._fewest(found, frozenset(needed))
            return Conflict(tuple(sorted(fewest)), smallest=True)
        except _OutOfWorkError:
            return Conflict(tuple(sorted(self._best)), smallest=False)

    def minimal(self) -> tuple[Relation, ...]:
        """A conflict from which nothing can be left out, or as near as the budget allows."""
        try:
            return tuple(sorted(self._minimal(frozenset(self._rules.relations))))
        except _OutOfWorkError:
            return tuple(sorted(self._best))

    def _minimal(self, relations: frozenset[Relation]) -> frozenset[Relation]:
        """A conflict within ``relations`` from which nothing can be left out."""
        self._best = relations
        self._best = self._core(relations)
        needed: frozenset[Relation] = frozenset()
        for relation in reversed(ordered(self._best)):
            if relation in self._best - needed:
                verdict = self._ask(self._best - {relation})
                if isinstance(verdict, Refused):
                    self._best = self._rules.core(verdict, self._best - {relation})
                else:
                    needed |= self._rules.indispensable(verdict, self._best)
        return self._best

    def _fewest(
        self, known: frozenset[Relation], needed: frozenset[Relation]
    ) -> frozenset[Relation]:
        everything = frozenset(self._rules.relations)
        numbers = {relation: number for number, relation in enumerate(self._rules.relations)}
        self._rules.put_last(known)
        for relation in reversed(ordered(known)):
            if relation not in needed:
                verdict = self._ask(everything - {relation})
                if isinstance(verdict, Solved):
                    needed |= self._rules.indispensable(verdict, everything)
        removals = [frozenset({numbers[relation]}) for relation in sorted(needed)]
        while True:
            chosen = smallest_hitting_set(removals)
            tried = frozenset(self._rules.relations[number] for number in chosen)
            if len(tried) == len(known):
                return known
            verdict = self._ask(tried)
            if isinstance(verdict, Refused):
                return tried
            removal = self._rules.broken_by(verdict) - tried
            # Often as good as a smaller one, which takes a question a relation to find.
            as_it_is = [*removals, frozenset(numbers[relation] for relation in removal)]
            if len(smallest_hitting_set(as_it_is)) == len(known):
                return known
            smaller = self._smallest_removal(removal)
            removals.append(frozenset(numbers[relation] for relation in smaller))

    def _smallest_removal(self, removal: frozenset[Relation]) -> frozenset[Relation]:
        """Of relations without which all others hold, as many as it takes."""
        everything = frozenset(self._rules.relations)
        for relation in sorted(removal):
            if relation in removal:
                verdict = self._ask(everything - removal | {relation})
                if isinstance(verdict, Solved):
                    removal &= self._rules.broken_by(verdict)
        return removal

    def _core(self, relations: Collection[Relation]) -> frozenset[Relation]:
        """Relations among those that cannot hold together; empty when all can."""
        verdict = self._ask(relations)
        return self._rules.core(verdict, relations) if isinstance(verdict, Refused) else frozenset()

    def _ask(self, relations: Collection[Relation]) -> Solved | Refused:
        verdict = self._rules.ask(relations, max(0, self._limit - self._rules.work))
        if isinstance(verdict, OutOfBudget):
            raise _OutOfWorkError
        return verdict
