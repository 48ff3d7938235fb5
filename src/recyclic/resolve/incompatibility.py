"""An incompatibility: terms that cannot all hold, and why that is so.

Source: dart-lang/pub, doc/solver.md, "Incompatibility".
"""

from collections.abc import Hashable, Iterator

from recyclic.resolve.term import Term


class Incompatibility:
    """Terms, one per package, that cannot all hold at once; no terms at all mean "impossible".

    Never changed once made. A plain class, since the solver makes tens of thousands and a frozen
    dataclass takes three times as long to make.

    Attributes:
        relation: What the outside world says it comes from; opaque to the solver. None when it
            was derived, and for facts that nobody asked for: what is left out, what a choice is.
        antecedents: When derived: what it was resolved from, in order. The first two resolve to
            a third, that one with the next, and so on.
    """

    __slots__ = ("antecedents", "relation", "terms")

    def __init__(
        self,
        terms: tuple[Term, ...],
        relation: Hashable | None = None,
        antecedents: tuple["Incompatibility", ...] = (),
    ) -> None:
        self.terms = terms
        self.relation = relation
        self.antecedents = antecedents

    def __repr__(self) -> str:
        return f"Incompatibility({self.terms!r}, {self.relation!r})"

    def closure(self) -> Iterator["Incompatibility"]:
        """This one and everything it was derived from, each once, antecedents last."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            found = stack.pop()
            if id(found) in seen:
                continue
            seen.add(id(found))
            yield found
            stack.extend(found.antecedents)
