"""Propagate, resolve the conflict, decide: the loop and nothing else.

Sound and complete, and it ends: every conflict adds an incompatibility that was not implied by
propagation before, and there are finitely many over a finite catalog.

Decisions among packages of different rank are taken in the order of rank, and each takes the
best state first. Learned incompatibilities only ever exclude what cannot be completed, so the
answer is the best one in the lexicographic order of the ranks: among ranked packages, none could
be better without a package of smaller rank being worse.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.partial_solution import PartialSolution
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

_ACTIVITY_GROWTH = 1 / 0.95
_ACTIVITY_LIMIT = 1e100


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

# (the other package, states its term leaves, the incompatibility)
_Pair = tuple[int, int, Incompatibility]


class _Watch:
    """Two terms of a longer incompatibility, neither satisfied when last looked at."""

    __slots__ = ("first", "incompatibility", "second")

    def __init__(self, incompatibility: Incompatibility, first: int, second: int) -> None:
        self.incompatibility = incompatibility
        self.first = first
        self.second = second


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
        # By package, then by the states outside its term: once none is left, the term holds.
        self._pairs: list[dict[int, list[_Pair]]] = []
        # The states each package had when its pairs were last followed to the end.
        self._followed: list[int] = []
        self._watches: list[list[tuple[int, _Watch]]] = []
        self._queue: deque[int] = deque()
        self._queued: list[bool] = []
        self._loaded: list[int] = []
        # What was added at a level above 0 and was implied at a lower one already, where nobody
        # has looked: by the level that hides it, to be looked at again once that is taken back.
        # Of several that exclude the same states, the one that does so earliest is enough.
        self._late: dict[int, dict[Term, tuple[int, Incompatibility]]] = {}
        self._violated: list[tuple[int, Incompatibility]] = []
        self._looked_at_again = 0
        self._activity: list[float] = []
        self._activity_step = 1.0
        self._open: list[tuple[Any, float, int, int]] = []
        self._ranks: list[Any] = []
        self._pushed: list[Any] = []
        self._assumed: Sequence[Term] = ()
        self._impossible: Incompatibility | None = None
        self._pending: Incompatibility | None = self._add(tuple(provider.start()))

    def solve(self, assumptions: Sequence[Term] = (), budget: int | None = None) -> Verdict:
        """The answer when each assumption (package, states) holds; deterministic.

        Args:
            budget: Work allowed for this question, or None for as much as it takes.
        """
        limit = None if budget is None else self.work + budget
        conflict = self._examine_all(self._backjump(self._shared(assumptions))) or self._pending
        self._pending = None
        while self._impossible is None:
            conflict = conflict or self._propagate()
            if conflict is not None:
                conflict = self._resolve(conflict)
                continue
            if limit is not None and self.work > limit:
                return OutOfBudget()
            if self._partial.level < len(assumptions):
                refused = self._assume(*assumptions[self._partial.level], assumptions)
                if refused is not None:
                    return refused
            elif not self._decide():
                return Solved(self._states())
        return Refused((), self._impossible)

    def _shared(self, assumptions: Sequence[Term]) -> int:
        """How many assumptions of the last question open this one too: their levels stand."""
        shared = 0
        for new, old in zip(assumptions, self._assumed, strict=False):
            if new != old or shared >= self._partial.level:
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
        for package in range(len(self._pairs), len(domains)):
            self._partial.add_package(domains[package])
            self._pairs.append({})
            self._followed.append(domains[package])
            self._watches.append([])
            self._queued.append(False)
            self._loaded.append(0)
            self._activity.append(0.0)
            self._pushed.append(None)
            self._ranks.append(self._provider.rank(package))

    def _add(self, found: Sequence[Incompatibility]) -> Incompatibility | None:
        """Take in what the provider said; returns one of them that is violated already."""
        self._grow()
        self.work += 2 * len(found)
        for incompatibility in found:
            self._attach(incompatibility)
        return self._examine_all(found)

    def _attach(self, incompatibility: Incompatibility) -> None:
        terms = incompatibility.terms
        if len(terms) == 2:
            full = self._provider.domains
            (one, in_one), (two, in_two) = terms
            outside_one, outside_two = full[one] & ~in_one, full[two] & ~in_two
            pairs_one, pairs_two = self._pairs[one], self._pairs[two]
            pairs_one.setdefault(outside_one, []).append((two, outside_two, incompatibility))
            pairs_two.setdefault(outside_two, []).append((one, outside_one, incompatibility))
        elif len(terms) > 2:
            first, second = self._latest_two(terms)
            watch = _Watch(incompatibility, first, second)
            for package, mask in (terms[first], terms[second]):
                self._watches[package].append((~mask, watch))

    def _latest_two(self, terms: tuple[Term, ...]) -> tuple[int, int]:
        """The two terms to watch: unsatisfied ones first, then those satisfied last.

        Whatever is taken back later makes these unsatisfied before any other.
        """
        partial = self._partial
        domains = partial.domains

        def when(index: int) -> tuple[float, int]:
            package, mask = terms[index]
            if domains[package] & ~mask:
                return (float("inf"), -index)
            return (partial.satisfier(package, mask), -index)

        ordered = sorted(range(len(terms)), key=when, reverse=True)
        return ordered[0], ordered[1]

    def _examine_all(self, found: Sequence[Incompatibility]) -> Incompatibility | None:
        conflict = None
        for incompatibility in found:
            conflict = self._examine(incompatibility) or conflict
        if self._partial.level:
            for incompatibility in found:
                self._note_late(incompatibility)
        return conflict

    def _note_late(self, incompatibility: Incompatibility) -> None:
        """Remember what says something at a lower level too, where nobody has looked.

        It speaks where all its terms but one are satisfied. The level that excludes that one
        hides it if the others were satisfied before. One that is violated now is hidden by the
        current level: of several violated at once only one is resolved.
        """
        partial = self._partial
        domains, levels = partial.domains, [0]
        unit: Term | None = None
        for term in incompatibility.terms:
            package, mask = term
            domain = domains[package]
            if not domain & ~mask:
                levels.append(partial.level_at(partial.satisfier(package, mask)))
            elif unit is not None or domain & mask:
                return
            else:
                unit = term
        if unit is None:
            if levels.count(partial.level) < 2:
                self._violated.append((partial.level, incompatibility))
            return
        latest = max(levels)
        hidden = partial.level_at(partial.satisfier(unit[0], ~unit[1]))
        if latest < hidden:
            late = self._late.setdefault(hidden, {})
            if unit not in late or latest < late[unit][0]:
                late[unit] = (latest, incompatibility)

    def _examine(self, incompatibility: Incompatibility) -> Incompatibility | None:
        """Draw the conclusion, if there is one now; returns it when it is violated."""
        domains = self._partial.domains
        unit = None
        for package, mask in incompatibility.terms:
            domain = domains[package]
            if not domain & ~mask:
                continue
            if unit is not None or not domain & mask:
                return None
            unit = (package, domain & ~mask)
        if unit is None:
            return incompatibility
        self._narrow(*unit, incompatibility)
        return None

    def _narrow(self, package: int, domain: int, reason: Incompatibility | None) -> None:
        if not domain & ABSENT and domain & (domain - 1):
            self._push(package, domain)
        self._partial.narrow(package, domain, reason)
        if not self._queued[package]:
            self._queued[package] = True
            self._queue.append(package)

    # Propagation.

    def _propagate(self) -> Incompatibility | None:
        """Follow every conclusion to its end; returns what is violated, if anything is."""
        queue = self._queue
        while queue:
            package = queue.popleft()
            self._queued[package] = False
            self.work += 1
            conflict = self._propagate_pairs(package)
            if conflict is None and self._watches[package]:
                conflict = self._propagate_watches(package)
            if conflict is None:
                domain = self._partial.domains[package]
                if is_one_version(domain) and not self._loaded[package] & domain:
                    conflict = self._load(package, domain)
            if conflict is not None:
                return conflict
        return None

    def _propagate_pairs(self, package: int) -> Incompatibility | None:
        domains = self._partial.domains
        domain, followed = domains[package], self._followed[package]
        for outside, pairs in self._pairs[package].items():
            if domain & outside or not followed & outside:
                continue
            for other, kept, incompatibility in pairs:
                before = domains[other]
                after = before & kept
                if after != before:
                    if not after:
                        return incompatibility
                    self._narrow(other, after, incompatibility)
        self._followed[package] = domain
        return None

    def _propagate_watches(self, package: int) -> Incompatibility | None:
        domains = self._partial.domains
        domain, watches = domains[package], self._watches[package]
        moved: set[int] = set()
        conflict = None
        for watch in [watch for outside, watch in watches if not domain & outside]:
            terms = watch.incompatibility.terms
            if terms[watch.first][0] != package:
                watch.first, watch.second = watch.second, watch.first
            other, mask = terms[watch.second]
            if not domains[other] & mask:
                continue  # It says nothing, and will not before this package is wider again.
            if self._move(watch):
                moved.add(id(watch))
            else:
                conflict = self._examine_last(watch)
                if conflict is not None:
                    break
        if moved:
            self._watches[package] = [each for each in watches if id(each[1]) not in moved]
        return conflict

    def _move(self, watch: _Watch) -> bool:
        """Watch another term that is not satisfied instead of the first; False without one."""
        domains = self._partial.domains
        for index, (package, mask) in enumerate(watch.incompatibility.terms):
            if domains[package] & ~mask and index not in (watch.first, watch.second):
                watch.first = index
                self._watches[package].append((~mask, watch))
                return True
        return False

    def _examine_last(self, watch: _Watch) -> Incompatibility | None:
        """Every term but the second holds: exclude that one; returns it when it holds too."""
        package, mask = watch.incompatibility.terms[watch.second]
        domain = self._partial.domains[package]
        if not domain & ~mask:
            return watch.incompatibility
        if domain & mask:
            self._narrow(package, domain & ~mask, watch.incompatibility)
        return None

    def _load(self, package: int, version: int) -> Incompatibility | None:
        """Ask for one version's rules; when a second one is needed, for all of the package's."""
        if self._loaded[package]:
            version = self._provider.domains[package] & ~ABSENT
        self._loaded[package] |= version
        return self._add(self._provider.incompatibilities(package, version))

    # Conflict resolution.

    def _resolve(self, conflict: Incompatibility) -> Incompatibility | None:
        """Learn from a conflict and go back; returns the next conflict met on the way."""
        partial = self._partial
        terms = dict(conflict.terms)
        places = {package: partial.satisfier(package, mask) for package, mask in terms.items()}
        antecedents = [conflict]
        while terms:
            latest = max(places, key=places.__getitem__)
            level = partial.level_at(places[latest])
            earlier = max(
                (partial.level_at(at) for package, at in places.items() if package != latest),
                default=0,
            )
            if level > earlier:
                return self._learn(terms, antecedents, self._target(level, earlier))
            reason = partial.reason_at(places[latest])
            assert reason is not None, "a decision is alone on its level"
            antecedents.append(reason)
            self._resolve_with(reason, latest, terms, places)
        self._impossible = self._derived(terms, antecedents)
        self.learned.append(self._impossible)
        return None

    def _target(self, level: int, earlier: int) -> int:
        """The level to go back to from a conflict whose second latest cause is ``earlier``.

        What does not bear on a far conflict stays decided: taking back thousands of decisions to
        take them all again is what makes wide problems slow.
        """
        if level - earlier <= _FAR:
            return earlier
        if self._looked_at_again * _PATIENCE > level:
            self._looked_at_again = 0
            return earlier
        return level - 1

    def _resolve_with(
        self, reason: Incompatibility, on: int, terms: dict[int, int], places: dict[int, int]
    ) -> None:
        """Replace the term on ``on`` by what made it hold.

        From "not (p in A and ...)" and "not (p in B and ...)" follows "not (p in A or B, and
        ...)": the rule of resolution, with sets for literals.
        """
        full = self._provider.domains
        self._bump(on)
        for package, mask in reason.terms:
            held = terms.get(package, full[package])
            joined = mask | held if package == on else mask & held
            if full[package] & ~joined:
                terms[package] = joined
                places[package] = self._partial.satisfier(package, joined)
            else:
                del terms[package], places[package]

    def _derived(
        self, terms: dict[int, int], antecedents: list[Incompatibility]
    ) -> Incompatibility:
        if len(antecedents) == 1 and len(terms) == len(antecedents[0].terms):
            return antecedents[0]
        return Incompatibility(tuple(terms.items()), antecedents=tuple(antecedents))

    def _learn(
        self, terms: dict[int, int], antecedents: list[Incompatibility], level: int
    ) -> Incompatibility | None:
        incompatibility = self._derived(terms, antecedents)
        for package in terms:
            self._bump(package)
        self._activity_step *= _ACTIVITY_GROWTH
        if len(antecedents) > 1:
            self._attach(incompatibility)
            self.learned.append(incompatibility)
        self._reporter.learned(incompatibility, self._partial.level, level)
        late = self._backjump(level)
        return self._examine_all([incompatibility, *late])

    def _backjump(self, level: int) -> list[Incompatibility]:
        """Take back decisions; returns what has to be examined again at that level."""
        if level >= self._partial.level:
            return []
        for package in self._queue:
            self._queued[package] = False
        self._queue.clear()
        for package in self._partial.backjump(level):
            domain = self._partial.domains[package]
            self._followed[package] = self._provider.domains[package]
            if not domain & ABSENT and domain & (domain - 1):
                self._push(package, domain)
        return self._uncovered(level)

    def _uncovered(self, level: int) -> list[Incompatibility]:
        """What the levels above ``level`` hid."""
        found = []
        while self._violated and self._violated[-1][0] > level:
            found.append(self._violated.pop()[1])
        for hidden in sorted((each for each in self._late if each > level), reverse=True):
            found += [late for _, late in self._late.pop(hidden).values()]
        self._looked_at_again += len(found)
        return found

    # Decisions.

    def _bump(self, package: int) -> None:
        self._activity[package] += self._activity_step
        if self._activity_step > _ACTIVITY_LIMIT:
            self._activity_step /= _ACTIVITY_LIMIT
            self._activity = [activity / _ACTIVITY_LIMIT for activity in self._activity]

    def _push(self, package: int, domain: int) -> None:
        key = (self._ranks[package], -self._activity[package], domain.bit_count(), package)
        if self._pushed[package] != key:
            self._pushed[package] = key
            heappush(self._open, key)

    def _next_open(self) -> int | None:
        """The package to decide: smallest rank, then most conflicts, then fewest candidates."""
        domains = self._partial.domains
        while self._open:
            _, activity, count, package = heappop(self._open)
            domain = domains[package]
            self._pushed[package] = None
            if domain & ABSENT or not domain & (domain - 1):
                continue
            if activity == -self._activity[package] and count == domain.bit_count():
                return package
            self._push(package, domain)
        return None

    def _decide(self) -> bool:
        """Choose a state for one package that must be in; False when all have theirs."""
        package = self._next_open()
        if package is None:
            return False
        domains = self._partial.domains
        state = self._provider.choose(package, domains[package], domains)
        self._partial.level += 1
        self._reporter.decided(package, state, self._partial.level)
        self._narrow(package, state, None)
        return True

    def _assume(self, package: int, mask: int, assumptions: Sequence[Term]) -> Refused | None:
        self._grow()
        domain = self._partial.domains[package]
        if not domain & mask:
            return self._refused(package, mask, assumptions)
        self._partial.level += 1
        if domain & ~mask:
            self._narrow(package, domain & mask, None)
        return None

    def _refused(self, package: int, mask: int, assumptions: Sequence[Term]) -> Refused:
        """Which assumptions exclude ``mask``: resolve until only decisions are left."""
        partial, full = self._partial, self._provider.domains
        core = {partial.level}
        antecedents: list[Incompatibility] = []
        excluded = full[package] & ~mask
        terms = {package: excluded} if excluded != full[package] else {}
        places = {package: partial.satisfier(package, excluded) for package in terms}
        while terms:
            latest = max(places, key=places.__getitem__)
            reason = partial.reason_at(places[latest])
            if reason is None:
                index = partial.level_at(places[latest]) - 1
                core.add(index)
                _, allowed = assumptions[index]
                reason = Incompatibility(((latest, full[latest] & ~allowed),))
            else:
                antecedents.append(reason)
            self._resolve_with(reason, latest, terms, places)
        return Refused(tuple(sorted(core)), Incompatibility((), antecedents=tuple(antecedents)))
