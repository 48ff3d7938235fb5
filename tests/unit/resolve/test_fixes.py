"""Which changes are offered: each alone, two together, one for each of several conflicts."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.resolve import fixes
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.fix import Patch
from recyclic.resolve.fixes import Effort
from recyclic.resolve.resolve import resolve

USUAL = Effort()
TWO: Mapping[str, Any] = {"1.0": {}, "2.0": {}}
THREE: Mapping[str, Any] = {**TWO, "3.0": {}}


def asking(*requires: str) -> Mapping[str, Any]:
    return {"requires": [*requires]}


def refused(
    catalog: Mapping[str, object], *modules: str, effort: Effort = USUAL, **ask: object
) -> NoSolutionError:
    it = scenario_of({"ask": {"modules": [*modules], **ask}, "catalog": catalog})
    with pytest.raises(NoSolutionError) as caught:
        resolve(it.request, it.catalog, it.host, fix_budget=effort.budget, clock=effort.clock)
    return caught.value


def written(patch: Patch) -> str:
    """What the line says and what it would say."""
    name = patch.package.name
    new = "nothing" if patch.new is None else f"{patch.renamed or name}{patch.new}"
    return f"{name}{patch.old}: {new}"


def offered(error: NoSolutionError) -> list[list[str]]:
    """Every change, when all were tried."""
    assert error.all_tried
    return [[written(patch) for patch in fix.patches] for fix in error.fixes]


# a and b need different versions of x, unless both are at their newest.
PAIR: Mapping[str, object] = {
    "a": {"1.0": asking("x==1.0"), "2.0": asking("x==3.0")},
    "b": {"1.0": asking("x==2.0"), "2.0": asking("x==3.0")},
    "x": THREE,
}


def test_two_lines_are_changed_where_one_is_not_enough() -> None:
    error = refused(PAIR, "a<2", "b<2")
    assert offered(error) == [["a<2: a<3", "b<2: b<3"], ["a<2: nothing"], ["b<2: nothing"]]
    assert error.fixes[0].versions == (("a", "2.0"), ("b", "2.0"))


def test_a_range_on_a_capability_is_not_widened() -> None:
    """By how much is not to be seen from who provides it."""
    catalog = {
        "a": PAIR["a"],
        "p": {"1.0": {**asking("x==2.0"), "provides": ["tool==1.0"]}},
        "q": {"1.0": {**asking("x==3.0"), "provides": ["tool==2.0"]}},
        "x": THREE,
    }
    error = refused(catalog, "a<2", "tool<2")
    assert offered(error) == [["a<2: nothing"], ["tool<2: nothing"]]


# Each of a, b and c leaves out another version of x.
NONE_LEFT: Mapping[str, object] = {
    "a": {"1.0": {}, "2.0": asking("x!=1.0")},
    "b": {"1.0": {}, "2.0": asking("x!=2.0")},
    "c": {"1.0": {}, "2.0": asking("x!=3.0")},
    "x": THREE,
}
NEWEST = ("a>=2", "b>=2", "c>=2")


def test_no_more_than_five_are_offered() -> None:
    """Any of three ranges could be wider, any of the lines left out."""
    assert offered(refused(NONE_LEFT, *NEWEST)) == [
        ["a>=2: a>=1.0"],
        ["b>=2: b>=1.0"],
        ["c>=2: c>=1.0"],
        ["a>=2: nothing"],
        ["b>=2: nothing"],
    ]


def least_budget() -> int:
    """What it takes to try everything; the more of it there is, the more is found."""
    complete, counts = refused(NONE_LEFT, *NEWEST).fixes, [0]
    for budget in range(1, 2000, 4):
        found = refused(NONE_LEFT, *NEWEST, effort=Effort(budget))
        if found.all_tried:
            assert found.fixes == complete
            assert counts == sorted(counts)
            assert len(set(counts)) > 2
            return budget
        assert found.fixes == complete[: len(found.fixes)]
        counts.append(len(found.fixes))
    raise AssertionError("no budget is enough")


def test_the_budget_is_for_all_tries_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the parts are in which it is spent."""
    at_once = least_budget()
    monkeypatch.setattr(fixes, "_SLICE", 1)
    assert abs(least_budget() - at_once) <= 8


def test_the_clock_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so much work each time, and not only between one try and the next."""

    def looks() -> int:
        clock = count()
        refused(NONE_LEFT, *NEWEST, effort=Effort(clock=lambda: next(clock) / 1000))
        return next(clock)

    at_once = looks()
    monkeypatch.setattr(fixes, "_SLICE", 1)
    assert looks() > 2 * at_once


NAMES = ("labels", "printer", "receipts", "scales", "sorter", "tills")


def test_up_to_five_conflicts_are_mended_together() -> None:
    """Of six, that nobody would read."""
    catalog: Mapping[str, object] = {name: {"1.0": {}} for name in NAMES}
    lines = [name[:-1] for name in NAMES]
    every = [[f"{name[:-1]}: {name}" for name in NAMES[:5]]]
    assert offered(refused(catalog, *lines[:5])) == every
    assert offered(refused(catalog, *lines)) == []


def test_one_for_each_says_what_all_of_those_lines_would_get() -> None:
    catalog: Mapping[str, object] = {
        "a": TWO,
        "b": {"1.0": asking("a>=2")},
        "c": TWO,
        "d": {"1.0": asking("c>=2")},
    }
    error = refused(catalog, "a<2", "b", "c<2", "d")
    assert offered(error) == [["a<2: a<3", "c<2: c<3"]]
    assert error.fixes[0].versions == (("a", "2.0"), ("c", "2.0"))


def test_what_mends_all_conflicts_alone_is_enough() -> None:
    """They have nothing in common but what is left out."""
    catalog = {"a": {"1.0": asking("d")}, "b": {"1.0": asking("d")}, "d": {"1.0": {}}}
    assert offered(refused(catalog, "a", "b", omit=["d"])) == [["dfalse: nothing"]]


def test_each_omission_and_override_that_is_concerned_is_tried() -> None:
    """Whichever comes first, and whether or not the others help."""
    catalog = {"a": {"1.0": asking("d")}, "d": {"1.0": {}}, "e": TWO}
    assert offered(refused(catalog, "a", omit=["e", "d"]))[0] == ["dfalse: nothing"]
    override = {"e": "1.0", "a": "1.0", "d": "7.0"}
    assert offered(refused(catalog, "a", override=override))[0] == ["d7.0: nothing"]


def test_lines_of_included_bundles_are_tried_and_what_they_refuse_is_not() -> None:
    """Nobody is told to take a conflict out."""
    catalog = {
        "bundle:kit": {"1.0": {**asking("a<2"), "conflicts": ["x"]}},
        "a": {"1.0": {}, "2.0": {}},
        "x": {"1.0": {}},
        "z": {"1.0": asking("a>=2")},
        "y": {"1.0": asking("x")},
    }
    error = refused(catalog, "bundle:kit", "z")
    assert offered(error) == [["a<2: a<3"], ["kit: nothing"], ["z: nothing"], ["a<2: nothing"]]
    (wider, *_) = error.fixes
    assert wider.versions == (("bundle:kit", "1.0"), ("a", "2.0"), ("z", "1.0"))
    error = refused(catalog, "bundle:kit", "y")
    assert offered(error) == [["kit: nothing"], ["y: nothing"]]


def test_a_line_that_several_releases_share_is_changed_once() -> None:
    """An index may hold all of them."""
    line = Place("index.json", 1)
    it = scenario_of(
        {
            "ask": {"modules": ["bundle:kit", "z"]},
            "catalog": {
                "bundle:kit": {"1.0": asking("a<2"), "2.0": asking("a<2")},
                "a": TWO,
                "z": {"1.0": asking("a>=2")},
            },
        }
    )
    known = [
        (each, version)
        for each in map(package, ("bundle:kit", "a", "z"))
        for version in it.catalog.versions(each)
    ]
    releases = [it.catalog.release(*each) for each in known]
    shared = [
        replace(each, requires=tuple(replace(one, place=line) for one in each.requires))
        for each in releases
    ]
    with pytest.raises(NoSolutionError) as caught:
        resolve(it.request, MemoryCatalog(shared), it.host)
    assert offered(caught.value) == [
        ["a<2: a<3"],
        ["kit: nothing"],
        ["z: nothing"],
        ["a<2: nothing"],
    ]
