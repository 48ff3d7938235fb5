"""The partial solution: what is assumed and what follows, in order, and how to take it back.

Source: dart-lang/pub, doc/solver.md, "Partial Solution" and "Conflict Resolution".
"""

from recyclic.resolve.incompatibility import Incompatibility


class PartialSolution:
    """The states still open for every package, with the trail that narrowed them.

    Attributes:
        domains: For each package the set of states it may still be in; never empty.
        level: How many decisions stand.
    """

    __slots__ = ("_before", "_levels", "_packages", "_positions", "_reasons", "domains", "level")

    def __init__(self) -> None:
        self.domains: list[int] = []
        self.level = 0
        # The trail, one column a list: which package, its domain before, why, at which level.
        self._packages: list[int] = []
        self._before: list[int] = []
        self._reasons: list[Incompatibility | None] = []
        self._levels: list[int] = []
        self._positions: list[list[int]] = []

    def add_package(self, domain: int) -> None:
        """Append a package whose states are all still open."""
        self.domains.append(domain)
        self._positions.append([])

    def narrow(self, package: int, domain: int, reason: Incompatibility | None) -> None:
        """Leave ``package`` only ``domain``, derived from ``reason``, or decided when None."""
        self._positions[package].append(len(self._packages))
        self._packages.append(package)
        self._before.append(self.domains[package])
        self._reasons.append(reason)
        self._levels.append(self.level)
        self.domains[package] = domain

    def satisfier(self, package: int, mask: int) -> int:
        """The earliest place on the trail after which ``package`` is known to be in ``mask``.

        The package must be in ``mask`` now, and must not always have been.
        """
        outside = ~mask
        positions = self._positions[package]
        before = self._before
        at = len(positions) - 1
        while at > 0 and not before[positions[at]] & outside:
            at -= 1
        return positions[at]

    def package_at(self, position: int) -> int:
        """The package narrowed at that place on the trail."""
        return self._packages[position]

    def reason_at(self, position: int) -> Incompatibility | None:
        """Why, at that place on the trail; None for a decision."""
        return self._reasons[position]

    def level_at(self, position: int) -> int:
        """How many decisions stood at that place on the trail."""
        return self._levels[position]

    def backjump(self, level: int) -> list[int]:
        """Take back everything above ``level``; returns the packages touched, each once, sorted."""
        undone: set[int] = set()
        while self._levels and self._levels[-1] > level:
            package = self._packages.pop()
            self.domains[package] = self._before.pop()
            self._reasons.pop()
            self._levels.pop()
            self._positions[package].pop()
            undone.add(package)
        self.level = level
        return sorted(undone)
