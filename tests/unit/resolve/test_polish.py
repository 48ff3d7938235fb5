"""What nobody requested is as new as what is nearer to the request allows, as far as work goes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.scenarios.scenario_file import scenario_of

from recyclic.resolve import polish
from recyclic.resolve.polish import Polish
from recyclic.resolve.problem import Problem
from recyclic.resolve.search import Search
from recyclic.resolve.solver import Solved, Solver, Verdict

Catalog = Mapping[str, Mapping[str, Mapping[str, Any]]]

FIVE: Mapping[str, Mapping[str, Any]] = {f"{number}.0": {} for number in range(1, 6)}
# b asks for a, which has fewer versions than z and is decided before it, though farther away.
B: Catalog = {"b": {"1.0": {"requires": ["a"]}}}
R: Catalog = {"r": {"1.0": {"requires": ["b", "z"]}}, **B}
AGAINST_Z: Mapping[str, Mapping[str, Any]] = {"1.0": {}, "2.0": {"conflicts": ["z>=2"]}}
NEARER_LAST: Catalog = {**R, "a": AGAINST_Z, "z": FIVE}
STEP_BY_STEP: Catalog = {
    **R,
    "a": {
        "1.0": {},
        "2.0": {"conflicts": ["z>=3"]},
        "3.0": {"conflicts": ["z>=2"]},
    },
    "z": FIVE,
}


def search_of(
    modules: Sequence[str], catalog: Catalog, locked: Mapping[str, str] | None = None
) -> Search:
    asked = {"ask": {"modules": [*modules]}, "catalog": catalog}
    it = scenario_of({**asked, "prefer": {"locked": locked or {}}})
    return Search(Problem(it.request, it.catalog, it.host, it.preferences))


def best(
    modules: Sequence[str], catalog: Catalog, locked: Mapping[str, str] | None = None
) -> dict[str, int]:
    """The answer, by name: which of its major versions each package has."""
    versions = search_of(modules, catalog, locked).best()
    assert versions is not None
    return {each.name: found.major for each, found in versions.items() if each.name in catalog}


def questions(
    modules: Sequence[str], catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, int], int]:
    """The answer, and how often the solver was asked for it."""
    asked = 0
    solve = Solver.solve

    def counted(solver: Solver, *arguments: Any, **others: Any) -> Any:
        nonlocal asked
        asked += 1
        return solve(solver, *arguments, **others)

    with monkeypatch.context() as patched:
        patched.setattr(Solver, "solve", counted)
        return best(modules, catalog), asked


def test_what_is_nearer_is_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without going over it once more it is what happened to be decided first."""
    assert best(["r"], NEARER_LAST) == {"r": 1, "b": 1, "a": 1, "z": 5}
    monkeypatch.setattr(Polish, "polished", lambda _, states: states)
    assert best(["r"], NEARER_LAST) == {"r": 1, "b": 1, "a": 2, "z": 1}


def test_who_is_asked_for_twice_is_gone_over_once() -> None:
    """b, by both that are requested and by a; z still comes before a, which is farther away."""
    back = {version: {**entry, "requires": ["b"]} for version, entry in AGAINST_Z.items()}
    catalog = {**NEARER_LAST, "a": back, "s": {"1.0": {"requires": ["b"]}}}
    assert best(["r", "s"], catalog) == {"r": 1, "s": 1, "b": 1, "a": 1, "z": 5}


def test_newer_and_newer_until_it_is_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the newer ones is not the newest yet; after that nothing is left for a."""
    answer, asked = questions(["r"], STEP_BY_STEP, monkeypatch)
    assert answer == {"r": 1, "b": 1, "a": 1, "z": 5}
    assert asked == 1 + 2 + 1


def test_what_was_made_newer_stays_so() -> None:
    """y goes before z by its name, and its newest does not go with the newest z."""
    catalog = {
        **B,
        "r": {"1.0": {"requires": ["b", "y", "z"]}},
        "a": {"1.0": {}, "2.0": {"conflicts": ["z>=2", "y>=2"]}},
        "y": {**FIVE, "5.0": {"conflicts": ["z>=5"]}},
        "z": FIVE,
    }
    assert best(["r"], catalog) == {"r": 1, "b": 1, "a": 1, "y": 5, "z": 4}


@pytest.mark.parametrize("name", ["m", "zz"])
def test_what_is_requested_stays_as_new_as_it_is(name: str) -> None:
    """However much newer something else would be, and wherever it is by its name."""
    catalog = {**NEARER_LAST, "a": FIVE, name: AGAINST_Z}
    assert best([name, "r"], catalog) == {name: 2, "r": 1, "b": 1, "a": 5, "z": 1}


def test_a_provider_may_leave_what_it_provides_to_others() -> None:
    """p need not be the tool as long as q is."""
    catalog = {
        **B,
        "r": {"1.0": {"requires": ["tool", "b", "p", "q"]}},
        "a": {"1.0": {}, "2.0": {"conflicts": ["p>=2"]}},
        "p": {**FIVE, "1.0": {"provides": ["tool"]}},
        "q": {"1.0": {"provides": ["tool"]}},
    }
    assert best(["r"], catalog) == {"r": 1, "b": 1, "a": 1, "p": 5, "q": 1}


def test_what_comes_in_on_the_way_has_its_turn_by_how_near_it_is() -> None:
    """Once m is newer, p and q have to leave, which are locked. What takes their places is nearer
    than e, and c goes before d by its name: what e and d have against a newer c counts less."""
    catalog: Catalog = {
        "r": {"1.0": {"requires": ["b", "m", "scale", "till"]}},
        "b": {"1.0": {"requires": ["a", "e"]}},
        "a": {"1.0": {}, "2.0": {"conflicts": ["m>=2"]}},
        "c": {version: {"provides": ["till"]} for version in FIVE},
        "d": {
            "1.0": {"provides": ["scale"]},
            "2.0": {"provides": ["scale"], "conflicts": ["c>=2"]},
        },
        "e": {"1.0": {}, "2.0": {"conflicts": ["c>=3"]}},
        "m": {version: {"conflicts": ["p", "q"]} for version in FIVE} | {"1.0": {}},
        "p": {"1.0": {"provides": ["till"]}},
        "q": {"1.0": {"provides": ["scale"]}},
    }
    locked = {"p": "1.0", "q": "1.0"}
    expected = {"r": 1, "b": 1, "m": 5, "a": 1, "c": 5, "d": 1, "e": 1}
    assert best(["r"], catalog, locked) == expected


def test_what_is_met_nearer_on_the_way_is_that_near() -> None:
    """f was met through e, as far away as d, and comes nearer with c, which takes p's place. Where
    it was before it is passed over, and h after it has its turn."""
    catalog: Catalog = {
        "r": {"1.0": {"requires": ["b", "q", "scale"]}},
        "b": {"1.0": {"requires": ["e", "m", "till", "w"]}},
        "w": {"1.0": {"requires": ["a"]}},
        "a": {"1.0": {"requires": ["x"]}, "2.0": {"requires": ["x"], "conflicts": ["m>=2"]}},
        "c": {"1.0": {"provides": ["scale", "till"], "requires": ["f"]}},
        "d": {"1.0": {}, "2.0": {"conflicts": ["f>=2"]}},
        "e": {"1.0": {"requires": ["d", "f", "h"]}},
        "f": FIVE,
        "h": FIVE,
        "m": {version: {"conflicts": ["p"]} for version in FIVE} | {"1.0": {}},
        "p": {"1.0": {"provides": ["till"]}},
        "q": {"1.0": {"provides": ["scale"]}},
        "x": {"1.0": {}, "2.0": {"conflicts": ["h>=2"]}},
    }
    found = best(["r"], catalog, {"p": "1.0", "q": "1.0"})
    expected = {"a": 1, "c": 1, "d": 1, "f": 5, "h": 5, "m": 5, "x": 1}
    assert {name: found[name] for name in expected} == expected


def test_who_is_not_needed_any_more_leaves() -> None:
    """c is the tool until a newer z brings in w, which is one as well."""
    catalog: Catalog = {
        **B,
        "r": {"1.0": {"requires": ["b", "tool", "z"]}},
        "a": AGAINST_Z,
        "c": {"1.0": {"provides": ["tool"]}},
        "w": {"1.0": {"provides": ["tool"]}},
        "z": {version: {"requires": ["w"]} for version in FIVE} | {"1.0": {}},
    }
    assert best(["r"], catalog) == {"r": 1, "b": 1, "a": 1, "w": 1, "z": 5}


@pytest.mark.parametrize("other", [[], ["z"]], ids=["the only range", "somebody takes any"])
def test_what_a_range_keeps_out_is_not_asked_for(
    other: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer's own r says so; its older release would not."""
    catalog: Catalog = {
        "r": {"1.0": {"requires": ["b", "z"]}, "2.0": {"requires": ["b", "z<2"]}},
        "b": {"1.0": {"requires": ["a", *other]}},
        "a": {"1.0": {}},
        "z": FIVE,
    }
    answer, asked = questions(["r"], catalog, monkeypatch)
    assert answer == {"r": 2, "b": 1, "a": 1, "z": 1}
    assert asked == 1


def test_what_was_seen_to_be_impossible_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """y was asked for with the requested r, which has something against a newer z."""
    catalog: Catalog = {
        "r": {"1.0": {"requires": ["b"]}, "2.0": {"requires": ["b"], "conflicts": ["z>=2"]}},
        "b": {"1.0": {"requires": ["a", "y", "z"]}},
        "a": {"1.0": {}, "2.0": {"conflicts": ["y>=2"]}},
        "y": FIVE,
        "z": FIVE,
    }
    answer, asked = questions(["r"], catalog, monkeypatch)
    assert answer == {"r": 2, "b": 1, "a": 2, "y": 1, "z": 1}
    assert asked == 1 + 1


def test_without_work_left_nothing_more_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question found that out; a and y could be newer as well."""
    catalog = {
        "r": {"1.0": {"requires": ["b", "y", "z"]}},
        **B,
        "a": {"1.0": {}, "2.0": {"conflicts": ["z>=2", "y>=2"]}},
        "y": FIVE,
        "z": FIVE,
    }
    monkeypatch.setattr(polish, "_WORK", 0)
    assert questions(["r"], catalog, monkeypatch)[1] == 1 + 1


def test_the_last_answer_found_counts_whatever_it_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the work for the next one is not there any more."""
    verdicts: list[Verdict] = []
    solve = Solver.solve

    def kept(solver: Solver, *arguments: Any, **others: Any) -> Any:
        verdicts.append(solve(solver, *arguments, **others))
        return verdicts[-1]

    monkeypatch.setattr(Solver, "solve", kept)
    monkeypatch.setattr(polish, "_PACKAGES", 1)
    for work in range(40):
        monkeypatch.setattr(polish, "_WORK", work)
        search = search_of(["r"], STEP_BY_STEP)
        answer = search.best()
        last = [each.states for each in verdicts if isinstance(each, Solved)][-1]
        assert answer == search.versions(last), work


def test_when_the_work_is_done_what_was_found_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, one step, all of it; a price by the size of the answer comes on top."""

    def reached(packages: int) -> list[int]:
        monkeypatch.setattr(polish, "_PACKAGES", packages)
        found = []
        for work in range(40):
            monkeypatch.setattr(polish, "_WORK", work)
            found.append(best(["r"], STEP_BY_STEP)["z"])
        return found

    free, priced = reached(packages=8), reached(packages=1)
    for found in (free, priced):
        assert found == sorted(found)
        assert set(found) == {1, 2, 5}
    assert priced.count(5) < free.count(5)
