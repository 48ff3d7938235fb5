"""Components: rules that have no package in common cannot be part of one conflict.

What holds in any case, like the root being in, connects nothing. Where a request is wrong in many
places, each place is a question of its own, and a small one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.term import Term


@dataclass(slots=True)
class Component:
    """Connected rules, their packages numbered anew.

    Attributes:
        domains: The states of each package.
    """

    domains: list[int] = field(default_factory=list)
    rules: list[Incompatibility] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)

    def take(self, rule: Incompatibility, terms: Iterable[Term], domains: Sequence[int]) -> None:
        """Add a rule, of which ``terms`` are left to decide about."""
        renumbered = []
        for package, mask in terms:
            if package not in self._numbers:
                self._numbers[package] = len(self.domains)
                self.domains.append(domains[package])
            renumbered.append((self._numbers[package], mask))
        self.rules.append(Incompatibility(tuple(renumbered), rule.relation))


def components(domains: Sequence[int], rules: Collection[Incompatibility]) -> list[Component]:
    """The rules, apart where they have nothing to do with each other; in their order."""
    left = list(domains)
    while _narrow(left, rules):
        pass
    groups = _Groups()
    undecided = []
    for rule in rules:
        terms = [(package, mask) for package, mask in rule.terms if left[package] & ~mask]
        if all(left[package] & mask for package, mask in terms):
            undecided.append((rule, terms))
            groups.join([*(package for package, _ in terms), rule.relation or rule])
    found: dict[object, Component] = {}
    for rule, terms in undecided:
        component = found.setdefault(groups.of(rule.relation or rule), Component())
        component.take(rule, terms, left)
    return list(found.values())


def _narrow(left: list[int], rules: Iterable[Incompatibility]) -> bool:
    """Draw what follows from rules that belong to no relation; True when something did."""
    narrowed = False
    for rule in rules:
        if rule.relation is None:
            open_terms = [(package, mask) for package, mask in rule.terms if left[package] & ~mask]
            if len(open_terms) == 1:
                ((package, mask),) = open_terms
                narrowed = narrowed or bool(left[package] & mask)
                left[package] &= ~mask
    return narrowed


class _Groups:
    """Things that belong together, joined step by step."""

    def __init__(self) -> None:
        self._above: dict[object, object] = {}

    def of(self, thing: object) -> object:
        """The one that stands for all of its group."""
        while (above := self._above.setdefault(thing, thing)) != thing:
            self._above[thing] = self._above.setdefault(above, above)
            thing = self._above[thing]
        return thing

    def join(self, things: Sequence[object]) -> None:
        """All of them are of one group."""
        first = self.of(things[0])
        for thing in things[1:]:
            self._above[self.of(thing)] = first
