"""The solver alone, over packages that are nothing but numbers."""

from collections.abc import Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.numbered_packages import NumberedPackages, NumberedReleases

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.reporter import CountingReporter
from recyclic.resolve.solver import OutOfBudget, Refused, Solved, Solver
from recyclic.resolve.term import ABSENT, states

COUNT, VERSIONS = 5, 3
FULL = states(VERSIONS)


terms = st.dictionaries(
    st.integers(0, COUNT - 1), st.integers(1, FULL - 1), min_size=1, max_size=4
).map(lambda found: Incompatibility(tuple(found.items()), relation="given"))
# What a version says of one other package: all a catalog ever says.
needs = st.builds(
    lambda pair, versions, mask: Incompatibility(((pair[0], versions << 1), (pair[1], mask))),
    st.permutations(range(COUNT)),
    st.integers(1, (1 << VERSIONS) - 1),
    st.integers(1, FULL - 1),
)
rule_sets = st.lists(terms, max_size=25)
assumptions = st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(1, FULL)), max_size=4)


def holds(rules: Sequence[Incompatibility], states_of: Sequence[int]) -> bool:
    return not any(all(states_of[p] & mask for p, mask in rule.terms) for rule in rules)


def possible(rules: Sequence[Incompatibility], assumed: Sequence[tuple[int, int]]) -> bool:
    every = product([1 << bit for bit in range(VERSIONS + 1)], repeat=COUNT)
    return any(
        holds(rules, each) and all(each[package] & mask for package, mask in assumed)
        for each in every
    )


@settings(derandomize=True, max_examples=300, deadline=None)
@given(rule_sets, st.lists(assumptions, max_size=4))
def test_one_solver_answers_many_questions(
    rules: list[Incompatibility], questions: list[list[tuple[int, int]]]
) -> None:
    """With everything it learned in between, each verdict is what trying everything says."""
    solver = Solver(NumberedPackages(COUNT, VERSIONS, rules))
    for assumed in [[], *questions, []]:
        verdict = solver.solve(assumed)
        assert isinstance(verdict, Solved) == possible(rules, assumed)
        if isinstance(verdict, Refused):
            core = [assumed[index] for index in verdict.core]
            assert not possible(rules, core)


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.lists(needs, min_size=8, max_size=30))
def test_rules_that_come_late_count_as_much(rules: list[Incompatibility]) -> None:
    """An answer keeps to every rule of the versions it holds, whenever it was told of them."""
    provider = NumberedReleases(COUNT, VERSIONS, rules, wanted=range(2))
    verdict = Solver(provider).solve()
    told = [
        *provider.start(),
        *(
            rule
            for package in range(COUNT)
            for rule in provider.incompatibilities(package, FULL & ~ABSENT)
        ),
    ]
    if isinstance(verdict, Solved):
        found = [verdict.states.get(package, ABSENT) for package in range(COUNT)]
        assert holds(told, found)
    else:
        assert not possible(told, [])


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rule_sets)
def test_everything_learned_follows_from_the_rules(rules: list[Incompatibility]) -> None:
    """No state of affairs that the rules allow is excluded by what was learned."""
    solver = Solver(NumberedPackages(COUNT, VERSIONS, rules))
    solver.solve()
    for each in product([1 << bit for bit in range(VERSIONS + 1)], repeat=COUNT):
        if holds(rules, each):
            assert holds(solver.learned, each)


def test_a_budget_ends_the_search() -> None:
    """And the next question goes on from there."""
    rules = [Incompatibility(((0, ABSENT),), relation="wanted")]
    solver = Solver(NumberedPackages(COUNT, VERSIONS, rules))
    assert isinstance(solver.solve(budget=-1), OutOfBudget)
    assert isinstance(solver.solve(), Solved)


def test_a_budget_of_what_it_takes_is_enough() -> None:
    """And none that is smaller."""
    whole = Solver(NumberedPackages(COUNT, VERSIONS, wanted=range(COUNT)))
    before = whole.work
    whole.solve()
    takes = whole.work - before
    for budget in range(takes + 2):
        solver = Solver(NumberedPackages(COUNT, VERSIONS, wanted=range(COUNT)))
        verdict = solver.solve(budget=budget)
        assert isinstance(verdict, Solved if budget >= takes else OutOfBudget), budget


def test_a_package_met_since_the_last_question_can_be_asked_for() -> None:
    """A provider may come to know of one on its own."""
    provider = NumberedPackages(1, VERSIONS, wanted=[0])
    solver = Solver(provider)
    assert isinstance(solver.solve(), Solved)
    provider.domains.append(FULL)
    verdict = solver.solve([(1, 2)])
    assert isinstance(verdict, Solved)
    assert verdict.states == {0: 8, 1: 2}


def test_what_was_told_need_not_be_learned() -> None:
    """A version that excludes itself as soon as it is read: that is the whole conflict."""
    told = CountingReporter()
    solver = Solver(NumberedReleases(1, 2, [Incompatibility(((0, 4),))], wanted=[0]), told)
    verdict = solver.solve()
    assert isinstance(verdict, Solved)
    assert verdict.states == {0: 2}
    assert told.conflicts == 1
    assert solver.learned == []
