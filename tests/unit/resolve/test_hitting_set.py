"""The smallest set that meets every set of a family."""

from itertools import combinations

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


@settings(derandomize=True, max_examples=50)
@given(families, st.randoms())
def test_the_order_of_the_family_does_not_matter(
    family: list[frozenset[int]], random: object
) -> None:
    """Among equally small sets always the same one."""
    assert smallest_hitting_set(family) == smallest_hitting_set(family[::-1])
