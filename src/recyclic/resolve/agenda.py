"""The agenda: packages that must be in and have several versions left, the next one first."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from recyclic.resolve.term import ABSENT

_SLACK = 8
"""As many entries a package, most of them outdated, and the heap is made anew."""


def is_open(domain: int) -> bool:
    """True when a package with these states left has to be decided."""
    return not domain & ABSENT and bool(domain & (domain - 1))


class Agenda:
    """Sorted by rank, then by the fewest versions left, then by number; or without the ranks.

    Fewest first: every version of a small package is soon tried, and what excludes them all
    holds for more than this choice. Weights for packages that were in conflicts, as SAT solvers
    have them, came out no better: catalogs have few packages to a conflict.
    """

    def __init__(self) -> None:
        self._ranks: list[Any] = []
        # The ranks, or as many zeros.
        self._keys: list[Any] = self._ranks
        self._heap: list[tuple[Any, int, int]] = []
        # How many versions a package had left when it was last put in; 0 once that is taken out.
        self._counts: list[int] = []

    def add_package(self, rank: Any) -> None:
        """Append a package that need not be decided yet."""
        self._ranks.append(rank)
        if self._keys is not self._ranks:
            self._keys.append(0)
        self._counts.append(0)

    def put(self, package: int, domain: int) -> None:
        """A package is open now, with these states left."""
        count = domain.bit_count()
        if self._counts[package] != count:
            self._counts[package] = count
            heappush(self._heap, (self._keys[package], count, package))

    def take(self, domains: Sequence[int]) -> int | None:
        """The next open package, taken out; None when there is none."""
        if len(self._heap) > _SLACK * len(self._keys):
            self._renew()
        while self._heap:
            _, count, package = heappop(self._heap)
            if self._counts[package] == count:
                self._counts[package] = 0
            domain = domains[package]
            if is_open(domain) and domain.bit_count() == count:
                return package
        return None

    def heed_ranks(self) -> None:
        """Sort by rank first."""
        self._keys = self._ranks
        self._renew()

    def ignore_ranks(self) -> None:
        """Sort by the number of versions left alone."""
        self._keys = [0] * len(self._ranks)
        self._renew()

    def _renew(self) -> None:
        self._heap = [
            (self._keys[package], count, package)
            for package, count in enumerate(self._counts)
            if count
        ]
        heapify(self._heap)
