"""Model rotation: from one answer that breaks one relation to others no conflict can do without.

When all relations but one hold, every conflict contains that one. Put one package into another
state so that its broken rules hold and those of exactly one other relation break instead: then
every conflict contains that relation as well, and nothing had to be solved to know it. From there
the same again. Along a chain of requirements this finds every link from the last one.

Source: Belov, Marques-Silva, "Accelerating MUS Extraction with Recursive Model Rotation"
(FMCAD 2011), here with packages of many states for variables and relations for clauses.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.term import ABSENT

RulesAbout = Callable[[int], Iterable[Incompatibility]]
"""Every rule that names a package, whatever state that package is in."""

_Rules = list[Incompatibility]


def indispensable(
    states: Mapping[int, int], broken: Iterable[Incompatibility], about: RulesAbout
) -> frozenset[Hashable]:
    """Relations that every conflict contains, the one that ``states`` breaks among them.

    Args:
        states: Every package that is in; the others are not.
        broken: The rules that ``states`` does not keep to: all of one relation.
    """
    rules = list(broken)
    found = {rule.relation for rule in rules}
    todo = [(states, rules)]
    while todo:
        states, rules = todo.pop()
        for package in _shared(rules):
            for relation, state, breaking in _turns(states, package, about(package)):
                if relation not in found:
                    found.add(relation)
                    todo.append(({**states, package: state}, breaking))
    return frozenset(found)


def _shared(rules: _Rules) -> list[int]:
    """The packages that all of the rules name: only they can mend them all at once."""
    first, *others = rules
    packages = {package for package, _ in first.terms}
    for rule in others:
        packages &= {package for package, _ in rule.terms}
    return sorted(packages)


def _turns(
    states: Mapping[int, int], package: int, rules: Iterable[Incompatibility]
) -> Iterator[tuple[Hashable, int, _Rules]]:
    """States of one package that break rules of a single relation: it, the state, those rules."""
    speaking = [(mask, rule) for rule in rules if (mask := _forbidden(states, package, rule))]
    forbidden: dict[Hashable, int] = {}
    for mask, rule in speaking:
        forbidden[rule.relation] = forbidden.get(rule.relation, 0) | mask
    once = twice = 0
    for mask in forbidden.values():
        twice |= once & mask
        once |= mask
    for relation, mask in forbidden.items():
        alone = mask & ~twice
        if relation is not None and alone:
            state = alone & -alone
            yield relation, state, [rule for mask, rule in speaking if mask & state]


def _forbidden(states: Mapping[int, int], package: int, rule: Incompatibility) -> int:
    """The states that a rule leaves to none but the others, as they are; 0 when it is silent."""
    forbidden = 0
    for other, mask in rule.terms:
        if other == package:
            forbidden = mask
        elif not states.get(other, ABSENT) & mask:
            return 0
    return forbidden
