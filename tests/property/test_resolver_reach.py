"""What the other laws are tried on: deep graphs, conflicts, backjumps, every kind of need."""

from collections import Counter

from hypothesis import given, settings
from tests.property.effort import law

from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.reporter import CountingReporter
from recyclic.resolve.search import Search
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def test_the_generator_goes_deep() -> None:
    """Of the examples that a law sees, enough are hard, and both outcomes are common."""
    seen: Counter[str] = Counter()

    @settings(law, max_examples=160)
    @given(problems(most_packages=9))
    def look(problem: DrawnProblem) -> None:
        reporter = CountingReporter()
        question = Problem(problem.request, problem.catalog, HOST, Preferences())
        answer = Search(question, reporter).best()
        seen["answers" if answer else "refusals"] += 1
        seen["examples with conflicts"] += reporter.conflicts > 0
        seen["examples with backjumps"] += reporter.backjumps > 0
        seen["deepest"] = max(seen["deepest"], reporter.deepest)
        for release in problem.releases:
            for kind in ("requires", "optional", "conflicts", "provides", "yanked"):
                seen[kind] += bool(getattr(release, kind))
        seen["omissions"] += bool(problem.request.omissions)
        seen["overrides"] += bool(problem.request.overrides)

    look()
    least = {"answers": 20, "refusals": 20, "examples with conflicts": 8, "deepest": 4}
    kinds = ("requires", "optional", "conflicts", "provides", "yanked", "omissions", "overrides")
    for name, wanted in [*least.items(), *((kind, 2) for kind in kinds)]:
        assert seen[name] >= wanted, (name, seen)
    assert seen["examples with backjumps"] >= 1, seen
