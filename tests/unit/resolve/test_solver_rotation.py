"""Rotation only ever names what no conflict can do without."""

from collections.abc import Hashable, Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.numbered_packages import NumberedReleases

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.rotation import indispensable
from recyclic.resolve.solver import Refused, Solved, Solver
from recyclic.resolve.term import ABSENT, states
from recyclic.resolve.withheld import Withheld

COUNT, VERSIONS = 4, 2
FULL = states(VERSIONS)
WANTED = Incompatibility(((0, ABSENT),))


def releases(rules: Sequence[Incompatibility]) -> NumberedReleases:
    return NumberedReleases(COUNT, VERSIONS, rules, wanted=[0])


def asking(pair: Sequence[int], versions: int, mask: int) -> Incompatibility:
    return Incompatibility(((pair[0], versions << 1), (pair[1], mask)), (pair[0], pair[1]))


rule_sets = st.lists(
    st.builds(
        asking,
        st.permutations(range(COUNT)),
        st.integers(1, (1 << VERSIONS) - 1),
        st.integers(1, FULL - 1),
    ),
    min_size=6,
    max_size=16,
)


def possible_without(rules: Sequence[Incompatibility], relation: Hashable) -> bool:
    kept = [WANTED, *(rule for rule in rules if rule.relation != relation)]
    every = product([1 << bit for bit in range(VERSIONS + 1)], repeat=COUNT)
    return any(
        not any(all(each[package] & mask for package, mask in rule.terms) for rule in kept)
        for each in every
    )


@settings(derandomize=True, max_examples=600, deadline=None)
@given(rule_sets)
def test_every_relation_named_is_in_every_conflict(rules: list[Incompatibility]) -> None:
    """Without any one of them there is an answer: so nothing that cannot hold lacks it."""
    if isinstance(Solver(releases(rules)).solve(), Refused):
        for left_out in {rule.relation for rule in rules}:
            told = Withheld(releases(rules), [left_out])
            verdict = Solver(told).solve()
            assert isinstance(verdict, Solved) == possible_without(rules, left_out)
            if isinstance(verdict, Solved):
                found = verdict.states
                broken = [
                    rule
                    for rule in told.withheld()
                    if all(found.get(package, ABSENT) & mask for package, mask in rule.terms)
                ]
                named = indispensable(found, broken, told.about)
                assert left_out in named
                assert all(possible_without(rules, relation) for relation in named)


def test_a_chain_is_found_from_its_last_link() -> None:
    """0 needs 1, 1 needs 2, 2 refuses to be with 0: one answer, three relations."""
    present = FULL & ~ABSENT
    rules = [
        Incompatibility(((0, present), (1, ABSENT)), (0, 1)),
        Incompatibility(((1, present), (2, ABSENT)), (1, 2)),
        Incompatibility(((2, present), (0, present)), (2, 0)),
        # Says nothing, since it is the other version of 0 that is there.
        Incompatibility(((0, 2), (2, ABSENT)), (0, 2)),
    ]
    told = Withheld(releases(rules), [(2, 0)])
    verdict = Solver(told).solve()
    assert isinstance(verdict, Solved)
    assert indispensable(verdict.states, told.withheld(), told.about) == {(0, 1), (1, 2), (2, 0)}


def test_only_what_all_broken_rules_name_can_mend_them() -> None:
    """0 is neither to be with 1 nor with 2 and needs both: without either need it cannot be."""
    present = FULL & ~ABSENT
    alone = [Incompatibility(((0, present), (other, present)), "alone") for other in (1, 2)]
    needs = [Incompatibility(((0, present), (other, ABSENT)), other) for other in (1, 2)]
    told = Withheld(releases([*needs, *alone]), ["alone"])
    verdict = Solver(told).solve()
    assert isinstance(verdict, Solved)
    assert indispensable(verdict.states, told.withheld(), told.about) == {"alone"}
