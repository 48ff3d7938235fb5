"""The laws on one real request: what authors learn from `check --properties`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import Diagnostic, Place
from recyclic.model.profile import Request
from recyclic.model.resolution import Displaced, Resolution
from recyclic.resolve import laws
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.laws import broken_laws
from recyclic.resolve.preferences import HostFacts, Preferences
from recyclic.resolve.resolve import resolve

REQUEST: Mapping[str, object] = {
    "ask": {"modules": ["a", "b"], "omit": ["x", "y"], "override": {"b": "1.0", "c": "1.0"}},
    "catalog": {"a": {"1.0": {"requires": ["c"]}}, "b": {"1.0": {}, "2.0": {}}, "c": {"1.0": {}}},
}

NOTHING_KEPT = Preferences()

Change = Callable[[Request, Preferences, Resolution], Resolution]


def findings(catalog: Mapping[str, object], modules: list[str]) -> list[str]:
    scenario = scenario_of({"ask": {"modules": modules}, "catalog": catalog})
    found = broken_laws(scenario.request, scenario.catalog, scenario.host)
    return [f"{each.code} {each.place} {each.facts.get('version')}" for each in found]


def test_true_ranges_are_no_finding() -> None:
    """Every version that a range accepts can be had."""
    catalog = {"a": {"1.0": {"requires": ["b>=1"]}}, "b": {"1.0": {}, "2.0": {}}}
    assert findings(catalog, ["a"]) == []


def test_a_lower_bound_that_is_not_true_is_found() -> None:
    """``b>=1`` promises 1.0, which nobody can have: something else needs b 2.0."""
    catalog = {
        "a": {"1.0": {"requires": ["b>=1", "c"]}},
        "b": {"1.0": {}, "2.0": {}},
        "c": {"1.0": {"requires": ["b>=2"]}},
    }
    assert findings(catalog, ["a"]) == ["RCY-D008 a-1.0.json:1 1.0"]


def test_an_upper_end_that_cannot_be_had_is_found() -> None:
    """The newest release that the range accepts needs something that is not there."""
    catalog = {"a": {"1.0": {}, "2.0": {"requires": ["ghost"]}}}
    assert findings(catalog, ["a"]) == ["RCY-D008 profile.toml:2 2.0"]


def test_each_version_is_tried_once_and_findings_are_sorted() -> None:
    """b 1.0 is told of for the first who accepts it; a stands before z whoever is asked first."""
    catalog = {
        "0": {"1.0": {"requires": ["z>=1", "b>=2"]}},
        "a": {"1.0": {"requires": ["b>=1"]}},
        "b": {"1.0": {}, "2.0": {}},
        "m": {"1.0": {"requires": ["b>=1", "z>=2"]}},
        "z": {"1.0": {}, "2.0": {}},
    }
    assert findings(catalog, ["a", "0", "m"]) == [
        "RCY-D008 0-1.0.json:1 1.0",
        "RCY-D008 a-1.0.json:1 1.0",
    ]


def test_a_range_that_is_not_true_is_told_with_the_smallest_conflict() -> None:
    it = scenario_of(
        {
            "ask": {"modules": ["a", "b>=1,<3"]},
            "catalog": {"a": {"1.0": {"requires": ["b>=2"]}}, "b": {"1.0": {}, "2.0": {}}},
        }
    )
    (found,) = broken_laws(it.request, it.catalog, it.host)
    assert found.facts == {
        "depender": "<root>",
        "name": "b",
        "specifier": ">=1,<3",
        "version": "1.0",
        "relations": ["<root> -> a", "<root> -> b", "a -> b"],
    }


def test_any_version_is_a_range_too() -> None:
    it = scenario_of(
        {
            "ask": {"modules": ["a", "b"]},
            "catalog": {"a": {"1.0": {"requires": ["b>=2"]}}, "b": {"1.0": {}, "2.0": {}}},
        }
    )
    (found,) = broken_laws(it.request, it.catalog, it.host)
    assert found.facts["specifier"] == "*"


def test_what_a_dropped_line_opened_stays_open_by_the_lock() -> None:
    """Only the line on b lets its pre-release in, which a needs."""
    catalog = {"a": {"1.0": {"requires": ["b>=0.95"]}}, "b": {"0.9": {}, "1.0rc1": {}}}
    assert findings(catalog, ["a", "b==1.0rc1"]) == []


def tried(monkeypatch: pytest.MonkeyPatch, change: Change) -> list[Diagnostic]:
    """What is found when answers come out as ``change`` makes them."""

    def changed(
        request: Request,
        catalog: Catalog,
        host: HostFacts,
        wanted: Preferences = NOTHING_KEPT,
        fix_budget: int = 0,
    ) -> Resolution:
        return change(
            request, wanted, resolve(request, catalog, host, wanted, fix_budget=fix_budget)
        )

    monkeypatch.setattr(laws, "resolve", changed)
    it = scenario_of(REQUEST)
    return broken_laws(it.request, it.catalog, it.host)


def older(answer: Resolution) -> Resolution:
    return replace(answer, versions={**answer.versions, package("b"): Version("0.5")})


def test_an_answer_that_depends_on_the_order_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines, omissions and overrides are all turned round."""
    straight = scenario_of(REQUEST).request

    def change(request: Request, wanted: Preferences, answer: Resolution) -> Resolution:
        turned = (request.requirements, request.omissions, request.overrides) == (
            straight.requirements[::-1],
            straight.omissions[::-1],
            straight.overrides[::-1],
        )
        return older(answer) if turned else answer

    (found,) = tried(monkeypatch, change)
    assert (found.code, found.facts) == ("RCY-D009", {"moved": ["b 1.0 0.5"]})


def test_an_answer_that_is_not_its_own_lock_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock includes what was displaced."""
    it = scenario_of(REQUEST)
    first = resolve(it.request, it.catalog, it.host)
    displaced: Displaced = {package("b"): (Version("2.0"),)}

    def change(request: Request, wanted: Preferences, answer: Resolution) -> Resolution:
        if request == it.request and (wanted.locked, wanted.displaced) == (
            first.versions,
            displaced,
        ):
            return older(answer)
        return replace(answer, displaced=displaced)

    (found,) = tried(monkeypatch, change)
    assert (found.code, found.facts) == ("RCY-D010", {"moved": ["b 1.0 0.5"]})


def test_a_line_without_which_nothing_goes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    it = scenario_of(REQUEST)
    _, dropped = it.request.requirements

    def change(request: Request, wanted: Preferences, answer: Resolution) -> Resolution:
        if dropped not in request.requirements:
            ghost = scenario_of({"ask": {"modules": ["ghost"]}})
            return resolve(ghost.request, ghost.catalog, ghost.host)
        return answer

    (found,) = tried(monkeypatch, change)
    assert (found.code, found.place) == ("RCY-D011", Place("profile.toml", 3))
    assert found.facts == {"name": "b", "relations": ["<root> -> ghost"]}


def test_without_an_answer_the_fixes_are_told() -> None:
    """Nothing can be varied then, and nobody is told that a search was cut short."""
    with pytest.raises(NoSolutionError) as refused:
        findings({"a": {"1.0": {}}}, ["a>=2"])
    assert refused.value.fixes
    assert refused.value.all_tried
