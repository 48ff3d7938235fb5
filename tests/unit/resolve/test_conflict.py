"""The smallest conflict, held against every way to choose versions."""

import random
from collections.abc import Collection, Iterator, Sequence
from itertools import product

from tests.scenarios.scenario_file import package

from recyclic.resolve.conflict import ConflictSearch
from recyclic.resolve.hitting_set import smallest_hitting_set
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.rules import Rules
from recyclic.resolve.term import ABSENT, states

COUNT, VERSIONS = 5, 2
FULL = states(VERSIONS)
WANTED = Incompatibility(((0, ABSENT),))
NAMES = [package(name) for name in "abcde"]


def rules_of(seed: int) -> list[Incompatibility]:
    """Some versions of one package exclude some states of another, twenty to forty times."""
    draw = random.Random(seed)
    found = []
    for _ in range(draw.randint(20, 40)):
        one, other = draw.sample(range(COUNT), 2)
        versions, mask = draw.randrange(1, 1 << VERSIONS) << 1, draw.randrange(1, FULL)
        relation = Relation(NAMES[one], NAMES[other])
        found.append(Incompatibility(((one, versions), (other, mask)), relation))
    return found


class Truth:
    """Which relations every way to choose versions breaks."""

    def __init__(self, rules: Sequence[Incompatibility]) -> None:
        self.relations = sorted({r.relation for r in rules if isinstance(r.relation, Relation)})
        self.broken = [
            {
                rule.relation
                for rule in rules
                if all(found[each] & mask for each, mask in rule.terms)
            }
            for found in product([1 << state for state in range(VERSIONS + 1)], repeat=COUNT)
            if not found[0] & ABSENT
        ]

    def impossible(self, relations: Collection[Relation]) -> bool:
        return all(broken.intersection(relations) for broken in self.broken)

    def smallest(self) -> int:
        """How many relations the smallest conflict has: it meets whatever is broken."""
        numbers = {relation: number for number, relation in enumerate(self.relations)}
        return len(
            smallest_hitting_set(
                frozenset(numbers[each] for each in broken if isinstance(each, Relation))
                for broken in self.broken
            )
        )

    def needed(self) -> list[Relation]:
        """Those without any one of which all others hold."""
        every = set(self.relations)
        return [each for each in self.relations if not self.impossible(every - {each})]


def impossible(seeds: int) -> Iterator[tuple[list[Incompatibility], Truth]]:
    for seed in range(seeds):
        rules = rules_of(seed)
        truth = Truth(rules)
        if truth.impossible(truth.relations):
            yield rules, truth


def search(rules: Sequence[Incompatibility], budget: int | None = None) -> ConflictSearch:
    found = Rules([FULL] * COUNT, [WANTED, *rules])
    return ConflictSearch(found) if budget is None else ConflictSearch(found, budget)


def test_no_conflict_has_fewer_relations() -> None:
    """Whether or not one is known to start from, and some that are in all of them."""
    larger = 0
    for rules, truth in impossible(150):
        fewest, minimal = truth.smallest(), search(rules).minimal()
        larger += len(minimal) > fewest
        assert truth.impossible(minimal)
        assert not any(truth.impossible(set(minimal) - {each}) for each in minimal)
        assert list(minimal) == sorted(minimal)
        for known, needed in (((), ()), (minimal, ()), (minimal, truth.needed())):
            found = search(rules).smallest(known, needed)
            assert found.smallest
            assert truth.impossible(found.relations)
            assert len(found.relations) == fewest
            assert list(found.relations) == sorted(found.relations)
    assert larger > 10


def test_what_is_found_when_the_budget_is_spent_is_a_conflict() -> None:
    """It is called the smallest only where that was shown."""
    cut = 0
    for rules, truth in impossible(30):
        fewest = truth.smallest()
        for budget in (0, 10, 40, 100, 160, 250, 400, 10_000):
            found = search(rules, budget).smallest()
            assert truth.impossible(found.relations)
            assert list(found.relations) == sorted(found.relations)
            assert len(found.relations) == fewest or not found.smallest
            minimal = search(rules, budget).minimal()
            assert truth.impossible(minimal)
            assert list(minimal) == sorted(minimal)
            cut += not found.smallest
        assert found.smallest
        assert not search(rules, 0).smallest().smallest
    assert cut > 30
