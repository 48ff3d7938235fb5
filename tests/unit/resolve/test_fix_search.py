"""The search for fixes ends in time, says when it was cut short, and does not depend on the clock
as long as there is enough of it."""

from collections.abc import Callable

import pytest
from tests.property.many_problems import numbered_problem
from tests.scenarios.scenario_file import scenario_of

from recyclic.cli.render_conflict import no_solution_json, render_no_solution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.fix import Fix
from recyclic.resolve.fixes import SECONDS
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.resolve import resolve
from recyclic.resolve.search import Search
from recyclic.resolve.solver import OutOfBudget, Solved
from recyclic.testing.strategies import HOST


class Watch:
    """A clock that goes on by so many seconds whenever it is looked at."""

    def __init__(self, seconds: float) -> None:
        self.now = 100.0
        self._seconds = seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


def refused(seed: int, clock: Callable[[], float] | None = None) -> NoSolutionError | None:
    problem = numbered_problem(seed)
    try:
        resolve(problem.request, problem.catalog, HOST, clock=clock)
    except NoSolutionError as error:
        return error
    return None


def distinct(fix: Fix) -> bool:
    """Does it change each line once?"""
    lines = [(each.place, each.package) for each in fix.patches]
    return len(set(lines)) == len(lines)


def test_a_clock_that_suffices_changes_nothing() -> None:
    """The same fixes with and without."""
    found = 0
    for seed in range(120):
        one, other = refused(seed), refused(seed, Watch(0.0001))
        if one is not None:
            assert other is not None
            assert one.fixes == other.fixes
            assert one.all_tried
            assert other.all_tried
            assert all(distinct(fix) for fix in one.fixes)
            found += len(one.fixes)
    assert found > 20


def test_when_time_is_over_the_search_stops_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three seconds, whatever was found by then."""
    monkeypatch.setenv("LC_ALL", "C")
    seed = next(seed for seed in range(120) if (error := refused(seed)) and len(error.fixes) > 1)
    complete, watch = refused(seed), Watch(SECONDS / 2)
    cut = refused(seed, watch)
    assert complete is not None
    assert cut is not None
    assert not cut.all_tried
    assert cut.fixes == complete.fixes[: len(cut.fixes)] != complete.fixes
    assert watch.now < 100 + 3 * SECONDS
    assert "cut short" in render_no_solution(cut)
    assert "cut short" not in render_no_solution(complete)
    assert no_solution_json(cut)["all_fixes_tried"] is False


def test_a_budget_that_is_spent_is_said_as_well() -> None:
    """No budget, no fixes, and no pretence that there are none."""
    problem = numbered_problem(next(seed for seed in range(99) if refused(seed) is not None))
    with pytest.raises(NoSolutionError) as caught:
        resolve(problem.request, problem.catalog, HOST, fix_budget=0)
    assert caught.value.fixes == ()
    assert not caught.value.all_tried


def test_a_question_that_takes_longer_goes_on_where_it_stopped() -> None:
    """Some answer is enough: with no work left it is not found, and a little later it is."""
    problem = numbered_problem(next(seed for seed in range(99) if refused(seed) is None))
    search = Search(Problem(problem.request, problem.catalog, HOST, Preferences()))
    assert isinstance(search.any(0), OutOfBudget)
    assert isinstance(search.any(1_000), Solved)


def test_a_fix_says_which_versions_the_lines_concerned_would_get() -> None:
    """Not those of what nobody asked for in the lines of the conflict."""
    catalog = {
        "a": {"1.0": {"requires": ["b>=2", "c"]}},
        "b": {"1.0": {}, "2.0": {}},
        "c": {"1.0": {}},
    }
    it = scenario_of({"ask": {"modules": ["a", "b<2"]}, "catalog": catalog})
    with pytest.raises(NoSolutionError) as caught:
        resolve(it.request, it.catalog, it.host)
    wider = next(fix for fix in caught.value.fixes if fix.patches[0].new == "<3")
    assert wider.versions == (("a", "1.0"), ("b", "2.0"))
