"""The partial solution: what is assumed and what follows, in order, and how to take it back.

Source: dart-lang/pub, doc/solver.md, "Partial Solution" and "Conflict Resolution".
"""

from collections import deque

from recyclic.resolve.incompatibility import Incompatibility


class PartialSolution:
    """The states still open for every package, with the trail that narrowed them.

    Attributes:
        domains: For each package the set of states it may still be in; never empty.
        level: How many decisions stand.
        narrowed: Packages that were narrowed and whose consequences were not drawn yet, each
            once, in order: whoever draws them takes the package out and off ``waiting``.
        waiting: For each package, whether it is among those.
    """

    __slots__ = ("_positions", "_trail", "domains", "level", "narrowed", "waiting")

    def __init__(self) -> None:
        self.domains: list[int] = []
        self.level = 0
        self.narrowed: deque[int] = deque()
        self.waiting: list[bool] = []
        # Which package, its domain before, why, at which level.
        self._trail: list[tuple[int, int, Incompatibility | None, int]] = []
        self._positions: list[list[int]] = []

    def add_package(self, domain: int) -> None:
        """Append a package whose states are all still open."""
        self.domains.append(domain)
        self.waiting.append(False)
        self._positions.append([])

    def narrow(self, package: int, domain: int, reason: Incompatibility | None) -> None:
        """Leave ``package`` only ``domain``, derived from ``reason``, or decided when None."""
        trail = self._trail
        self._positions[package].append(len(trail))
        trail.append((package, self.domains[package], reason, self.level))
        self.domains[package] = domain
        if not self.waiting[package]:
            self.waiting[package] = True
            self.narrowed.append(package)

    def satisfier(self, package: int, mask: int) -> int:
        """The earliest place on the trail after which ``package`` is known to be in ``mask``.

        The package must be in ``mask`` now, and must not always have been.
        """
        positions, trail = self._positions[package], self._trail
        at = len(positions) - 1
        while not trail[positions[at]][1] & ~mask:
            at -= 1
        return positions[at]

    def domain_at(self, package: int, level: int) -> int:
        """The states that were open for a package when ``level`` decisions stood."""
        domain, trail = self.domains[package], self._trail
        for position in reversed(self._positions[package]):
            if trail[position][3] <= level:
                break
            domain = trail[position][1]
        return domain

    def package_at(self, position: int) -> int:
        """The package narrowed at that place on the trail."""
        return self._trail[position][0]

    def reason_at(self, position: int) -> Incompatibility | None:
        """Why, at that place on the trail; None for a decision."""
        return self._trail[position][2]

    def level_at(self, position: int) -> int:
        """How many decisions stood at that place on the trail."""
        return self._trail[position][3]

    def backjump(self, level: int) -> list[int]:
        """Take back everything above ``level``; returns the packages touched, each once, sorted."""
        while self.narrowed:
            self.waiting[self.narrowed.pop()] = False
        trail, domains, positions = self._trail, self.domains, self._positions
        undone: set[int] = set()
        while trail and trail[-1][3] > level:
            package, before, _, _ = trail.pop()
            domains[package] = before
            positions[package].pop()
            undone.add(package)
        self.level = level
        return sorted(undone)
