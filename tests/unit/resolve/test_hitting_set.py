"""The smallest set that meets every set of a family."""

from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from recyclic.resolve.hitting_set import smallest_hitting_set

families = st.lists(st.frozensets(st.integers(0, 7), min_size=1, max_size=4), max_size=7)


@settings(derandomize=True, max_examples=300)
@given(families)
def test_hits_all_and_none_is_smaller(family: list[frozenset[int]]) -> None:
    """Held against trying every smaller set."""
    found = smallest_hitting_set(family)
    assert all(found & each for each in family)
    for smaller in combinations(range(8), max(0, len(found) - 1)):
        assert len(found) == 0 or not all(set(smaller) & each for each in family)


def test_the_order_of_the_family_does_not_matter() -> None:
    """Nor that of a set's members: among equally small sets always the same one.

    Small sets of multiples of eight are gone through in the order they were filled in.
    """
    for seed in range(2000):
        draw = Random(seed)
        members = range(0, 72, 8)
        drawn = [draw.sample(members, draw.choice((2, 2, 3, 3))) for _ in range(draw.randint(4, 9))]
        found = smallest_hitting_set(map(frozenset, drawn))
        turned = [frozenset(sorted(each, reverse=True)) for each in drawn]
        assert smallest_hitting_set(turned[::-1]) == found, seed
        assert smallest_hitting_set(frozenset(sorted(each)) for each in drawn) == found, seed


def test_sets_apart_from_each_other_are_counted_not_tried() -> None:
    """Forty pairs need forty members: trying them all would take 2^40 steps. Nor do copies with
    a member more make it longer."""
    pairs = [frozenset({number, number + 1}) for number in range(0, 80, 2)]
    wider = [pair | {80 + number % 7} for number, pair in enumerate(pairs)]
    assert smallest_hitting_set([*wider, *pairs]) == frozenset(range(0, 80, 2))
