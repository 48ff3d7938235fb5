"""Rules are taken apart only where nothing is lost by it, and wherever nothing connects them."""

from collections.abc import Sequence
from itertools import chain, combinations, product
from random import Random

from tests.scenarios.scenario_file import package

from recyclic.resolve.component import components
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.term import ABSENT, states

COUNT, FULL = 4, states(2)
NAMES = [package(name) for name in "abcdefgh"]


def relation(one: int, other: int) -> Relation:
    return Relation(NAMES[one], NAMES[other])


def possible(domains: Sequence[int], rules: Sequence[Incompatibility]) -> bool:
    """Whether there is a way to choose a state of each that no rule speaks against."""
    every = product(*([1 << bit for bit in range(3) if domain >> bit & 1] for domain in domains))
    return any(
        not any(all(each[package] & mask for package, mask in rule.terms) for rule in rules)
        for each in every
    )


def drawn(draw: Random) -> list[Incompatibility]:
    """A few facts that can all be, and rules of a few relations."""
    found: list[Incompatibility] = []
    for _ in range(12):
        terms = tuple(
            (each, draw.randrange(1, FULL))
            for each in draw.sample(range(COUNT), draw.choice((1, 2, 2)))
        )
        fact = draw.random() < 0.35
        rule = Incompatibility(terms, None if fact else relation(0, draw.randrange(1, 6)))
        if not fact or possible([FULL] * COUNT, [*(r for r in found if not r.relation), rule]):
            found.append(rule)
    return found


def test_some_relations_can_hold_where_they_can_in_every_part() -> None:
    """Whichever; and each relation is in one part at most."""
    parted = impossible = 0
    for seed in range(120):
        rules = drawn(Random(seed))
        parts = components([FULL] * COUNT, rules)
        parted += len(parts) > 1
        relations = sorted({rule.relation for rule in rules if rule.relation}, key=str)
        where = [{rule.relation for rule in part.rules if rule.relation} for part in parts]
        assert sum(map(len, where)) == len(set().union(*where))
        subsets = chain.from_iterable(
            combinations(relations, count) for count in range(len(relations) + 1)
        )
        for some in subsets:
            kept = {None, *some}
            whole = possible([FULL] * COUNT, [rule for rule in rules if rule.relation in kept])
            impossible += not whole
            assert whole == all(
                possible(part.domains, [rule for rule in part.rules if rule.relation in kept])
                for part in parts
            ), (seed, some)
    assert parted > 20
    assert impossible > 100


def test_what_holds_in_any_case_connects_nothing() -> None:
    """0 is in, so 1 is, so 2 is at its newest: told in the order that takes longest to see."""
    present = FULL & ~ABSENT
    rules = [
        Incompatibility(((2, 4), (3, 2)), relation(2, 3)),
        Incompatibility(((2, 4), (4, 2)), relation(2, 4)),
        # The other version of 2, which is not there: nothing to be decided.
        Incompatibility(((2, 2), (3, 2)), relation(2, 5)),
        Incompatibility(((1, present), (2, ABSENT | 2))),
        Incompatibility(((0, present), (1, ABSENT))),
        Incompatibility(((0, ABSENT),)),
    ]
    one, other = components([FULL] * 5, rules)
    assert [(rule.terms, rule.relation) for rule in one.rules] == [(((0, 2),), relation(2, 3))]
    assert [(rule.terms, rule.relation) for rule in other.rules] == [(((0, 2),), relation(2, 4))]
    assert one.domains == other.domains == [FULL]


def test_a_relation_is_never_taken_apart() -> None:
    """Also where its rules have no package in common; nor are facts told more than once."""
    rules = [
        Incompatibility(((0, 2), (1, 2)), relation(0, 1)),
        Incompatibility(((2, 2), (3, 2)), relation(0, 1)),
        Incompatibility(((4, 2), (5, 2))),
        Incompatibility(((6, 2), (7, 2))),
    ]
    assert [len(part.rules) for part in components([FULL] * 8, rules)] == [2, 1, 1]


def test_a_long_chain_is_one_part() -> None:
    """From whichever end it is told."""
    rules = [Incompatibility(((at + 1, 2), (at, 2)), relation(at, at + 1)) for at in range(7)]
    for told in (rules, rules[::-1]):
        (part,) = components([FULL] * 8, told)
        assert [rule.relation for rule in part.rules] == [rule.relation for rule in told]
