"""The smallest conflict, held against every set of relations there is."""

from collections.abc import Collection, Sequence
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scenarios.scenario_file import package

from recyclic.resolve.conflict import ConflictSearch
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.rules import Rules
from recyclic.resolve.term import ABSENT, states

COUNT, VERSIONS = 4, 2
FULL = states(VERSIONS)
WANTED = Incompatibility(((0, ABSENT),))
NAMES = [package(name) for name in "abcd"]


def asking(pair: Sequence[int], versions: int, mask: int) -> Incompatibility:
    """Versions of one package exclude states of another."""
    one, other = pair[:2]
    return Incompatibility(
        ((one, versions << 1), (other, mask)), Relation(NAMES[one], NAMES[other])
    )


rule_sets = st.lists(
    st.builds(
        asking,
        st.permutations(range(COUNT)),
        st.integers(1, (1 << VERSIONS) - 1),
        st.integers(1, FULL - 1),
    ),
    min_size=8,
    max_size=18,
)


class Truth:
    """Which relations every way to put four packages breaks."""

    def __init__(self, rules: Sequence[Incompatibility]) -> None:
        self.broken = [
            {
                rule.relation
                for rule in rules
                if all(found[each] & mask for each, mask in rule.terms)
            }
            for found in product([1 << state for state in range(VERSIONS + 1)], repeat=COUNT)
            if not found[0] & ABSENT
        ]
        self.relations = sorted(
            {rule.relation for rule in rules if isinstance(rule.relation, Relation)}
        )

    def impossible(self, relations: Collection[Relation]) -> bool:
        return all(broken.intersection(relations) for broken in self.broken)

    def smallest(self) -> int:
        """How many relations the smallest conflict has."""
        return next(
            size
            for size in range(len(self.relations) + 1)
            if any(self.impossible(tried) for tried in combinations(self.relations, size))
        )

    def needed(self) -> list[Relation]:
        """Those without any one of which all others hold."""
        every = set(self.relations)
        return [each for each in self.relations if not self.impossible(every - {each})]


def search(rules: Sequence[Incompatibility], budget: int | None = None) -> ConflictSearch:
    found = Rules([FULL] * COUNT, [WANTED, *rules])
    return ConflictSearch(found) if budget is None else ConflictSearch(found, budget)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(rule_sets)
def test_no_conflict_has_fewer_relations(rules: list[Incompatibility]) -> None:
    """Whether or not one is known to start from, and some that are in all of them."""
    truth = Truth(rules)
    if not truth.impossible(truth.relations):
        return
    fewest = truth.smallest()
    minimal = search(rules).minimal()
    assert truth.impossible(minimal)
    assert not any(truth.impossible(set(minimal) - {each}) for each in minimal)
    for known, needed in (((), ()), (minimal, ()), (minimal, truth.needed())):
        found = search(rules).smallest(known, needed)
        assert found.smallest
        assert truth.impossible(found.relations)
        assert len(found.relations) == fewest
        assert list(found.relations) == sorted(found.relations)
    assert list(minimal) == sorted(minimal)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(rule_sets)
def test_what_is_found_when_the_budget_is_spent_is_a_conflict(rules: list[Incompatibility]) -> None:
    """It is called the smallest only where that was shown; more work never makes it larger."""
    truth = Truth(rules)
    if not truth.impossible(truth.relations):
        return
    fewest, before = truth.smallest(), len(truth.relations)
    for budget in (0, 5, 10, 20, 40, 80, 160, 320, 10_000):
        found = search(rules, budget).smallest()
        assert truth.impossible(found.relations)
        assert list(found.relations) == sorted(found.relations)
        assert len(found.relations) == fewest or not found.smallest
        assert truth.impossible(search(rules, budget).minimal())
        assert len(found.relations) <= before
        before = len(found.relations)
    assert found.smallest
    assert not search(rules, 0).smallest().smallest
