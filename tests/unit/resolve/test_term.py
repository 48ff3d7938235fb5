"""Sets of states as bits: the oldest and newest of them, one of them, and terms put together."""

import pytest

from recyclic.resolve.term import (
    ABSENT,
    conjunction,
    indexes,
    is_one_version,
    newest,
    oldest,
    state_of,
    states,
)

FIRST, SECOND, THIRD = (state_of(index) for index in range(3))


def test_states_are_one_more_than_versions() -> None:
    assert states(0) == ABSENT
    assert states(3) == ABSENT | FIRST | SECOND | THIRD


def test_the_absent_state_is_no_version() -> None:
    """Neither the oldest nor one that is counted, nor is it in."""
    mask = ABSENT | SECOND | THIRD
    assert (oldest(mask), newest(mask), list(indexes(mask))) == (SECOND, THIRD, [1, 2])


@pytest.mark.parametrize(
    ("mask", "one"),
    [
        (FIRST, True),
        (THIRD, True),
        (ABSENT, False),
        (ABSENT | FIRST, False),
        (FIRST | THIRD, False),
    ],
)
def test_one_version_is_exactly_one(mask: int, one: bool) -> None:
    assert is_one_version(mask) is one


def test_terms_on_one_package_are_what_both_say() -> None:
    assert conjunction(((0, FIRST), (1, SECOND))) == ((0, FIRST), (1, SECOND))
    assert conjunction(((0, FIRST | SECOND), (0, SECOND | THIRD))) == ((0, SECOND),)
    terms = ((0, FIRST | SECOND), (1, THIRD), (0, SECOND | THIRD))
    assert conjunction(terms) == ((0, SECOND), (1, THIRD))
