"""Propagation: what follows when a package is narrowed, without deciding anything.

An incompatibility of two terms is a pair, found from either side; a longer one is watched at two
of its terms that are not satisfied, and looked at when one of them is.

Source: Moskewicz and others, "Chaff: Engineering an Efficient SAT Solver" (DAC 2001), for the
watches; a satisfied term is a false literal there.
"""

from collections.abc import Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.term import Term

# (the other package, states its term leaves, the incompatibility)
_Pair = tuple[int, int, Incompatibility]


class _Watch:
    """Two terms of a longer incompatibility, neither satisfied when last looked at."""

    __slots__ = ("first", "incompatibility", "second")

    def __init__(self, incompatibility: Incompatibility, first: int, second: int) -> None:
        self.incompatibility = incompatibility
        self.first = first
        self.second = second


class Propagation:
    """The incompatibilities known, by the packages they are about.

    Args:
        full: For each package every state it has.
    """

    def __init__(self, partial: PartialSolution, full: Sequence[int]) -> None:
        self._partial = partial
        self._full = full
        # By package, then by the states outside its term: once none is left, the term holds.
        self._pairs: list[dict[int, list[_Pair]]] = []
        # The same for terms of one state, by that state: a release speaks for itself alone.
        self._alone: list[dict[int, list[_Pair]]] = []
        # The states each package had when its pairs were last followed to the end.
        self._followed: list[int] = []
        self._watches: list[list[tuple[int, _Watch]]] = []

    def add_package(self, domain: int) -> None:
        """Append a package that nothing is known about."""
        self._pairs.append({})
        self._alone.append({})
        self._followed.append(domain)
        self._watches.append([])

    def widened(self, package: int) -> None:
        """Some states of a package were given back to it."""
        self._followed[package] = self._partial.domains[package]

    def attach(self, incompatibility: Incompatibility) -> None:
        """Heed an incompatibility from now on; what follows from it now is for others to see."""
        terms = incompatibility.terms
        if len(terms) == 2:
            one, two = terms
            self._pair(one, two, incompatibility)
            self._pair(two, one, incompatibility)
        elif len(terms) > 2:
            first, second = self._latest_two(terms)
            watch = _Watch(incompatibility, first, second)
            for package, mask in (terms[first], terms[second]):
                self._watches[package].append((~mask, watch))

    def _pair(self, term: Term, other: Term, incompatibility: Incompatibility) -> None:
        """Find the pair from the side of ``term``."""
        (package, mask), (target, refused) = term, other
        pair = (target, self._full[target] & ~refused, incompatibility)
        if mask & (mask - 1):
            self._pairs[package].setdefault(self._full[package] & ~mask, []).append(pair)
        else:
            self._alone[package].setdefault(mask, []).append(pair)

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

    def examine(self, incompatibility: Incompatibility) -> Incompatibility | None:
        """Draw the conclusion, if there is one now; returns it when it is violated."""
        domains = self._partial.domains
        unit = None
        for term in incompatibility.terms:
            package, mask = term
            if domains[package] & ~mask:
                if unit is not None or not domains[package] & mask:
                    return None
                unit = term
        if unit is None:
            return incompatibility
        package, mask = unit
        self._partial.narrow(package, domains[package] & ~mask, incompatibility)
        return None

    def follow(self, package: int) -> Incompatibility | None:
        """Narrow what the states left to ``package`` leave to others; returns what is violated."""
        conflict = self._follow_pairs(package)
        if conflict is None and self._watches[package]:
            conflict = self._follow_watches(package)
        return conflict

    def _follow_pairs(self, package: int) -> Incompatibility | None:
        domains = self._partial.domains
        domain, followed = domains[package], self._followed[package]
        held = [
            pairs
            for outside, pairs in self._pairs[package].items()
            if not domain & outside and followed & outside
        ]
        alone = self._alone[package].get(domain)
        for pairs in [alone, *held] if alone else held:
            for other, kept, incompatibility in pairs:
                before = domains[other]
                after = before & kept
                if after != before:
                    if not after:
                        return incompatibility
                    self._partial.narrow(other, after, incompatibility)
        self._followed[package] = domain
        return None

    def _follow_watches(self, package: int) -> Incompatibility | None:
        domains = self._partial.domains
        domain, watches = domains[package], self._watches[package]
        moved: set[int] = set()
        conflict = None
        for watch in [watch for outside, watch in watches if not domain & outside]:
            terms = watch.incompatibility.terms
            if terms[watch.first][0] != package:
                watch.first, watch.second = watch.second, watch.first
            other, mask = terms[watch.second]
            left = domains[other]
            if not left & mask:
                continue  # It says nothing, and will not before this package is wider again.
            if self._move(watch):
                moved.add(id(watch))
            elif not left & ~mask:
                conflict = watch.incompatibility
                break
            else:
                self._partial.narrow(other, left & ~mask, watch.incompatibility)
        if moved:
            self._watches[package] = [each for each in watches if id(each[1]) not in moved]
        return conflict

    def _move(self, watch: _Watch) -> bool:
        """Watch another term that is not satisfied instead of the first; False without one."""
        domains = self._partial.domains
        for index, (package, mask) in enumerate(watch.incompatibility.terms):
            if domains[package] & ~mask and index != watch.second:
                watch.first = index
                self._watches[package].append((~mask, watch))
                return True
        return False
