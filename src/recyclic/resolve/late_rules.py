"""Rules that became known at a level above the one they speak at.

A rule can come late: a release is read only when it is decided, and what is learned may say
something at a lower level as well. Where nothing shows that, nobody has looked: it is remembered
by the level that hides it, and looked at again once that is taken back.
"""

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.term import Term


class LateRules:
    """Remembers what to look at again when decisions are taken back."""

    def __init__(self, partial: PartialSolution) -> None:
        self._partial = partial
        # By the level that hides it. Of several that exclude the same states, the one that does
        # so earliest is enough.
        self._hidden: dict[int, dict[Term, tuple[int, Incompatibility]]] = {}
        self._violated: list[Incompatibility] = []

    def note(self, incompatibility: Incompatibility) -> None:
        """Remember what says something at a lower level too.

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
                self._violated.append(incompatibility)
            return
        latest = max(levels)
        hidden = partial.level_at(partial.satisfier(unit[0], ~unit[1]))
        if latest < hidden:
            late = self._hidden.setdefault(hidden, {})
            if unit not in late or latest < late[unit][0]:
                late[unit] = (latest, incompatibility)

    def uncovered(self, level: int) -> list[Incompatibility]:
        """What the levels above ``level`` hid, the current one too; forgotten from now on."""
        found = self._violated[::-1]
        self._violated.clear()
        for hidden in sorted((each for each in self._hidden if each > level), reverse=True):
            found += [late for _, late in self._hidden.pop(hidden).values()]
        return found
