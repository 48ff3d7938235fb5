"""Propagate, resolve the conflict, decide: the loop and nothing else.

Sound and complete, and it ends: every conflict adds an incompatibility that was not implied by
propagation before, and there are finitely many over a finite catalog.

Learned incompatibilities only ever exclude what cannot be completed, and whichever way decisions
are taken (`decisions`), the answer is the best one in the lexicographic order of the ranks: among
ranked packages, none could be better without a package of smaller rank being worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recyclic.resolve.conflict_resolution import ConflictResolution
from recyclic.resolve.decisions import Decisions
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.late_rules import LateRules
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.propagation import Propagation
from recyclic.resolve.provider import Provider
from recyclic.resolve.reporter import Reporter
from recyclic.resolve.term import ABSENT, Term, is_one_version

_FAR = 8
"""Levels between a conflict and its cause beyond which only the conflict's own is taken back.

Source: Nadel, Ryvchin, "Chronological Backtracking" (SAT 2018).
"""

_PATIENCE = 4
"""Going back little by little is worth it until as many incompatibilities had to be looked at
again as this part of the decisions that stand: from then on, taking those again is cheaper."""


@dataclass(frozen=True, slots=True)
class Solved:
    """An answer: the version state of every package that is in."""

    states: dict[int, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no answer under the assumptions.

    Attributes:
        core: Indexes of assumptions that cannot all hold; empty when nothing helps.
        derivation: Why: a derived incompatibility over the packages of the core.
    """

    core: tuple[int, ...]
    derivation: Incompatibility


@dataclass(frozen=True, slots=True)
class OutOfBudget:
    """Neither was found within the work allowed."""


Verdict = Solved | Refused | OutOfBudget


class Solver:
    """Answers any number of questions about one provider, and keeps what it learned.

    Attributes:
        learned: Every incompatibility derived so far, in order.
        work: How many domains were propagated and rules read so far: the measure of every
            budget, since it is the same on every machine. Some 40,000 take a second.
    """

    def __init__(self, provider: Provider, reporter: Reporter | None = None) -> None:
        self.learned: list[Incompatibility] = []
        self.work = 0
        self._provider = provider
        self._reporter = reporter or Reporter()
        self._partial = PartialSolution()
        self._propagation = Propagation(self._partial, provider.domains)
        self._decisions = Decisions(provider, self._partial)
        self._late = LateRules(self._partial)
        self._looked_at_again = 0
        self._loaded: list[int] = []
        self._assumed: Sequence[Term] = ()
        self._impossible: Incompatibility | None = None
        # What cannot hold whatever is asked: the first question finds that out.
        self._pending: Incompatibility | None = self._add(tuple(provider.start()))

    def solve(self, assumptions: Sequence[Term] = (), budget: int | None = None) -> Verdict:
        """The answer when each assumption (package, states) holds; deterministic.

        Args:
            budget: Work allowed for this question, or None for as much as it takes.
        """
        limit = None if budget is None else self.work + budget
        conflict = self._go_back(self._shared(assumptions)) or self._pending
        self._decisions.begin(len(assumptions))
        while self._impossible is None:
            conflict = conflict or self._propagate()
            if conflict is not None:
                conflict = self._resolve(conflict)
            elif limit is not None and self.work > limit:
                return OutOfBudget()
            elif self._partial.level < len(assumptions):
                refused = self._assume(*assumptions[self._partial.level], assumptions)
                if refused is not None:
                    return refused
            elif not self._decide():
                level = self._decisions.unsettled()
                if level is None:
                    return Solved(self._states())
                conflict = self._go_back(level)
        return Refused((), self._impossible)

    def left(self, package: int, assumed: int) -> int:
        """The states that the first ``assumed`` assumptions of the last question leave a package,
        as far as propagation showed: to ask for another one would be to be refused."""
        return self._partial.domain_at(package, min(assumed, self._partial.level))

    def _shared(self, assumptions: Sequence[Term]) -> int:
        """How many assumptions of the last question open this one too: those that stand stay."""
        shared = 0
        for new, old in zip(assumptions, self._assumed, strict=False):
            if new != old:
                break
            shared += 1
        self._assumed = assumptions
        return shared

    def _states(self) -> dict[int, int]:
        return {
            package: domain
            for package, domain in enumerate(self._partial.domains)
            if is_one_version(domain)
        }

    # Packages and incompatibilities come in as they are met.

    def _grow(self) -> None:
        domains = self._provider.domains
        for package in range(len(self._loaded), len(domains)):
            self._partial.add_package(domains[package])
            self._propagation.add_package(domains[package])
            self._decisions.add_package(package)
            self._loaded.append(0)

    def _add(self, found: Sequence[Incompatibility]) -> Incompatibility | None:
        """Take in what the provider said; returns one of them that is violated already."""
        self._grow()
        self.work += 2 * len(found)
        for incompatibility in found:
            self._propagation.attach(incompatibility)
        return self._examine(found)

    def _examine(self, found: Sequence[Incompatibility]) -> Incompatibility | None:
        """Draw every conclusion; returns the last one that is violated."""
        conflict = None
        for incompatibility in found:
            conflict = self._propagation.examine(incompatibility) or conflict
        if self._partial.level:
            for incompatibility in found:
                self._late.note(incompatibility)
        return conflict

    def _load(self, package: int, version: int) -> Incompatibility | None:
        """Ask for one version's rules; when a second one is needed, for all of the package's."""
        if self._loaded[package]:
            version = self._provider.domains[package] & ~ABSENT
        self._loaded[package] |= version
        return self._add(self._provider.incompatibilities(package, version))

    def _propagate(self) -> Incompatibility | None:
        """Follow every conclusion to its end; returns what is violated, if anything is."""
        partial = self._partial
        while partial.narrowed:
            package = partial.narrowed.popleft()
            partial.waiting[package] = False
            self.work += 1
            conflict = self._propagation.follow(package)
            domain = partial.domains[package]
            if not is_one_version(domain):
                self._decisions.narrowed(package, domain)
            elif conflict is None and not self._loaded[package] & domain:
                conflict = self._load(package, domain)
            if conflict is not None:
                return conflict
        return None

    # Conflicts, and the way back.

    def _resolve(self, conflict: Incompatibility) -> Incompatibility | None:
        """Learn from a conflict and go back; returns the next conflict met on the way."""
        found = ConflictResolution(self._partial, self._provider.domains, conflict.terms)
        antecedents = [conflict]
        while found.terms and found.level == found.earlier:
            package, reason = found.latest()
            assert reason is not None, "a decision is alone on its level"
            antecedents.append(reason)
            found.resolve(reason, package)
        learned = _derived(tuple(found.terms.items()), antecedents)
        if learned is not conflict:
            self.learned.append(learned)
        if not learned.terms:
            self._impossible = learned
            return None
        if learned is not conflict:
            self._propagation.attach(learned)
        level = self._target(found.level, found.earlier)
        self._reporter.learned(learned, self._partial.level, level)
        return self._go_back(level, learned)

    def _target(self, level: int, earlier: int) -> int:
        """The level to go back to from a conflict whose second latest cause is ``earlier``.

        What does not bear on a far conflict stays decided: taking back thousands of decisions to
        take them all again is what makes wide problems slow.
        """
        again = self._decisions.conflict()
        if again is not None:
            return min(again, earlier)
        if level - earlier <= _FAR:
            return earlier
        if self._looked_at_again * _PATIENCE > level:
            self._looked_at_again = 0
            return earlier
        return level - 1

    def _go_back(self, level: int, *learned: Incompatibility) -> Incompatibility | None:
        """Take back every level above; returns what turns out to be violated there."""
        if level >= self._partial.level:
            return None
        for package in self._partial.backjump(level):
            self._propagation.widened(package)
            self._decisions.narrowed(package, self._partial.domains[package])
        self._decisions.taken_back(level)
        late = self._late.uncovered(level)
        self._looked_at_again += len(late)
        return self._examine([*learned, *late])

    # Decisions.

    def _decide(self) -> bool:
        """Choose a state for one package that must be in; False when all have theirs."""
        decision = self._decisions.next()
        if decision is None:
            return False
        package, state = decision
        self._partial.level += 1
        self._reporter.decided(package, state, self._partial.level)
        self._partial.narrow(package, state, None)
        return True

    def _assume(self, package: int, mask: int, assumptions: Sequence[Term]) -> Refused | None:
        self._grow()
        domain = self._partial.domains[package]
        if not domain & mask:
            return self._refused(package, mask, assumptions)
        self._partial.level += 1
        if domain & ~mask:
            self._partial.narrow(package, domain & mask, None)
        return None

    def _refused(self, package: int, mask: int, assumptions: Sequence[Term]) -> Refused:
        """Which assumptions exclude ``mask``: resolve until only decisions are left."""
        full = self._provider.domains
        core = {self._partial.level}
        antecedents: list[Incompatibility] = []
        excluded = full[package] & ~mask
        terms = [(package, excluded)] if excluded != full[package] else []
        found = ConflictResolution(self._partial, full, terms)
        while found.terms:
            latest, reason = found.latest()
            if reason is None:
                index = found.level - 1
                core.add(index)
                _, allowed = assumptions[index]
                reason = Incompatibility(((latest, full[latest] & ~allowed),))
            else:
                antecedents.append(reason)
            found.resolve(reason, latest)
        return Refused(tuple(sorted(core)), Incompatibility((), antecedents=tuple(antecedents)))


def _derived(terms: tuple[Term, ...], antecedents: list[Incompatibility]) -> Incompatibility:
    if len(antecedents) == 1:
        return antecedents[0]
    return Incompatibility(terms, antecedents=tuple(antecedents))
