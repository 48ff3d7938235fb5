"""What is given up so that the rest can hold: enough, and nothing needlessly."""

from collections.abc import Collection, Sequence
from itertools import product
from random import Random

from tests.fakes.numbered_packages import NumberedPackages, NumberedReleases
from tests.scenarios.scenario_file import package

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.relaxed import Relaxed
from recyclic.resolve.term import ABSENT, states

COUNT, FULL = 4, states(2)
WANTED = Incompatibility(((0, ABSENT),))
RELATIONS = [Relation(package("a"), package(name)) for name in "bcdefg"]


def drawn(draw: Random) -> list[Incompatibility]:
    return [
        Incompatibility(
            ((one, draw.choice((2, 4, 6))), (other, draw.randrange(1, FULL))),
            draw.choice(RELATIONS),
        )
        for one, other in (draw.sample(range(COUNT), 2) for _ in range(draw.randint(8, 24)))
    ]


def possible(rules: Sequence[Incompatibility], without: Collection[Relation]) -> bool:
    kept = [WANTED, *(rule for rule in rules if rule.relation not in without)]
    return any(
        not any(all(each[package] & mask for package, mask in rule.terms) for rule in kept)
        for each in product([1, 2, 4], repeat=COUNT)
    )


def test_what_is_given_up_is_enough_and_none_of_it_too_much() -> None:
    """Of what is known from the start; besides what was left out already."""
    several = 0
    for seed in range(150):
        draw = Random(seed)
        rules = drawn(draw)
        without = draw.sample(RELATIONS, draw.choice((0, 0, 1, 2)))
        found = Relaxed(NumberedPackages(COUNT, 2, rules, wanted=[0]), without).given_up()
        several += len(found) > 1
        assert not {*found} & {*without}
        assert possible(rules, {*without, *found}), seed
        for each in found:
            assert not possible(rules, {*without, *found} - {each}), seed
    assert several > 10


def test_what_is_given_up_is_enough_whenever_it_was_told() -> None:
    for seed in range(150):
        draw = Random(seed)
        rules = drawn(draw)
        without = draw.sample(RELATIONS, draw.choice((0, 0, 1, 2)))
        found = Relaxed(NumberedReleases(COUNT, 2, rules, wanted=[0]), without).given_up()
        assert possible(rules, {*without, *found}), seed
