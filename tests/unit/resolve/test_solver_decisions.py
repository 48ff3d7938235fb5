"""Whichever way a question is decided, the answer is the first in the order of the ranks."""

from collections.abc import Iterable, Sequence
from itertools import product
from random import Random
from unittest.mock import patch

import pytest
from tests.fakes.numbered_packages import NumberedPackages

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.reporter import CountingReporter
from recyclic.resolve.solver import Refused, Solved, Solver
from recyclic.resolve.term import ABSENT

SEEDS = range(60)
COUNT, VERSIONS = 6, 3
VERSION_STATES = [2 << index for index in range(VERSIONS)]


def ranked(rules: Iterable[Incompatibility]) -> NumberedPackages:
    """Packages that are all wanted, the one of the highest number first."""
    return NumberedPackages(COUNT, VERSIONS, rules, range(COUNT), ranks=range(COUNT, 0, -1))


def hard_rules(seed: int) -> list[Incompatibility]:
    """Few answers or none, and none that lies at hand: found by conflicts alone."""
    random_ = Random(seed)
    return [
        Incompatibility(
            tuple(
                (package, random_.choice(VERSION_STATES))
                for package in random_.sample(range(COUNT), random_.choice((2, 3)))
            ),
            relation="given",
        )
        for _ in range(random_.randint(40, 110))
    ]


def best(rules: Sequence[Incompatibility]) -> tuple[int, ...] | None:
    """Tries everything; the states of the highest number first."""
    return max(
        (
            each[::-1]
            for each in product(VERSION_STATES, repeat=COUNT)
            if not any(all(each[p] & mask for p, mask in rule.terms) for rule in rules)
        ),
        default=None,
    )


def answer(rules: Sequence[Incompatibility], credit: int) -> tuple[int, ...] | None:
    with patch("recyclic.resolve.decisions._CREDIT", credit):
        verdict = Solver(ranked(rules)).solve()
    if isinstance(verdict, Refused):
        return None
    assert isinstance(verdict, Solved)
    return tuple(verdict.states[package] for package in reversed(range(COUNT)))


@pytest.mark.parametrize("credit", [0, 4, 200], ids=["hard at once", "hard soon", "not hard"])
def test_the_answer_is_the_first_in_order(credit: int) -> None:
    """Settled package by package or decided in order: what trying everything says."""
    for seed in SEEDS:
        rules = hard_rules(seed)
        assert answer(rules, credit) == best(rules), seed


def test_the_rules_are_hard() -> None:
    """Or the law above would say nothing of hard questions."""
    conflicts, answers = 0, 0
    for seed in SEEDS:
        reporter = CountingReporter()
        verdict = Solver(ranked(hard_rules(seed)), reporter).solve()
        conflicts += reporter.conflicts
        answers += isinstance(verdict, Solved)
    assert conflicts > len(SEEDS)
    assert len(SEEDS) // 4 < answers < len(SEEDS)


def test_assumptions_stand_while_a_hard_question_is_settled() -> None:
    """Starting again goes back to what was assumed, and no further."""
    rules = [
        Incompatibility(((package, 8), (other, 8 | 4)))
        for package in range(COUNT)
        for other in range(package)
    ]
    with patch("recyclic.resolve.decisions._CREDIT", 0):
        solver = Solver(ranked(rules))
        for state in VERSION_STATES:
            verdict = solver.solve([(0, state), (1, 2 | 4)])
            assert isinstance(verdict, Solved)
            assert verdict.states[0] == state
            assert verdict.states[1] in (2, 4)


class Names:
    """Packages by name, the first that is ranked is the first in order; others may be left out."""

    def __init__(self, numbered: str, ranked: str) -> None:
        self._numbered = numbered
        self._ranked = ranked

    def rule(self, *terms: tuple[str, int]) -> Incompatibility:
        return Incompatibility(tuple((self._numbered.index(name), mask) for name, mask in terms))

    def never(self, *terms: tuple[str, int]) -> list[Incompatibility]:
        """Those exclude each state of f, which is found out as soon as they are decided."""
        return [self.rule(*terms, ("f", state)) for state in (ABSENT, *VERSION_STATES)]

    def answer(self, rules: Iterable[Incompatibility]) -> dict[str, int]:
        """When a question is hard after two conflicts, and settled with a few decisions."""
        ranks = [self._ranked.find(name) % 99 for name in self._numbered]
        wanted = [self._numbered.index(name) for name in self._ranked]
        provider = NumberedPackages(len(ranks), VERSIONS, rules, wanted, ranks)
        with patch("recyclic.resolve.decisions._CREDIT", 4):
            verdict = Solver(provider).solve()
        assert isinstance(verdict, Solved)
        return {self._numbered[number]: state for number, state in verdict.states.items()}


def test_what_was_settled_is_settled_again_once_it_was_taken_back() -> None:
    """d and e make it hard, and x is settled with a witness. The best b is refuted whatever x is:
    from there on x comes first again, and not c, which has fewer states and is against a."""
    names = Names("cbaxdef", "dexbac")
    rules = [
        *(names.rule((name, 2)) for name in "dec"),
        *(rule for name in "deb" for rule in names.never((name, 8))),
        names.rule(("c", 8), ("b", 8)),
        names.rule(("c", 8), ("a", 8)),
    ]
    assert names.answer(rules) == {"d": 4, "e": 4, "x": 8, "b": 4, "a": 8, "c": 4}


def test_where_settling_is_given_up_what_was_decided_on_the_way_is_taken_back() -> None:
    """c too, which was easy, is against a, and has nothing to do with the conflict between
    two of the last that gave it away."""
    names = Names("cghijklmnopaxdeyf", "dexacghijklmnopy")
    rules = [
        *(names.rule((name, 2)) for name in "decghijklmnop"),
        *(rule for name in "de" for rule in names.never((name, 8))),
        *names.never(("p", 8), ("y", 8)),
        names.rule(("c", 8), ("a", 8)),
    ]
    found = names.answer(rules)
    assert {name: found[name] for name in "xacy"} == {"x": 8, "a": 8, "c": 4, "y": 4}
