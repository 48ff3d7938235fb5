"""The laws on one real request: what authors learn from `check --properties`."""

from collections.abc import Mapping

from tests.scenarios.scenario_file import scenario_of

from recyclic.resolve.laws import broken_laws


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
