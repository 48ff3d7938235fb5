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
