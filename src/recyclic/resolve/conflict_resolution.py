"""Conflict resolution: from an incompatibility that is violated to its cause.

Source: dart-lang/pub, doc/solver.md, "Conflict Resolution"; the rule of resolution, with sets of
states for literals.
"""

from collections.abc import Iterable, Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.term import Term


class ConflictResolution:
    """Terms that all hold and cannot, resolved step by step with what made the latest hold.

    Attributes:
        terms: What is left, by package; empty when there is no way out.
        level: The level of the latest term, when there is one.
        earlier: The highest level of the other terms; 0 when there is none.
    """

    def __init__(
        self, partial: PartialSolution, full: Sequence[int], terms: Iterable[Term]
    ) -> None:
        self._partial = partial
        self._full = full
        self.terms = dict(terms)
        self._places = {
            package: partial.satisfier(package, mask) for package, mask in self.terms.items()
        }
        self._look()

    def latest(self) -> tuple[int, Incompatibility | None]:
        """The package of the latest term, and what made it hold; None for a decision."""
        return self._partial.package_at(self._at), self._partial.reason_at(self._at)

    def resolve(self, reason: Incompatibility, on: int) -> None:
        """Replace the term on ``on`` by what made it hold.

        From "not (p in A and ...)" and "not (p in B and ...)" follows "not (p in A or B, and
        ...)".
        """
        full, terms, places = self._full, self.terms, self._places
        for package, mask in reason.terms:
            held = terms.get(package, full[package])
            joined = mask | held if package == on else mask & held
            if not full[package] & ~joined:
                del terms[package], places[package]
            elif joined != held:
                terms[package] = joined
                places[package] = self._partial.satisfier(package, joined)
        self._look()

    def _look(self) -> None:
        """Find the latest term and the levels."""
        *_, second, self._at = sorted((-1, -1, *self._places.values()))
        level_at = self._partial.level_at
        self.level = level_at(self._at) if self._at >= 0 else 0
        self.earlier = level_at(second) if second >= 0 else 0
