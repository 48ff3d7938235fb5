"""why, why-not, outdated, difference: the questions people ask about an answer."""

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import Scenario, scenario_of

from recyclic.model.diagnostic import DiagnosticsError, Place
from recyclic.model.package import Package, PackageKind
from recyclic.model.resolution import Resolution
from recyclic.resolve.difference import VersionChange, difference
from recyclic.resolve.errors import UnknownVersionError
from recyclic.resolve.outdated import FAR_BEHIND, far_behind, outdated
from recyclic.resolve.preferences import Preferences, Strategy
from recyclic.resolve.resolve import resolve
from recyclic.resolve.why import why
from recyclic.resolve.why_not import WhyNot, why_not

CATALOG = {
    "a": {"1.0": {"requires": ["c<2"]}, "2.0": {"requires": ["b"]}},
    "b": {"1.0": {"requires": ["c<3", "tool"]}},
    "c": {"1.0": {}, "2.0": {}, "3.0": {}},
    "p": {"1.0": {"provides": ["tool"]}},
}


@pytest.fixture
def scenario() -> Scenario:
    return scenario_of({"ask": {"modules": ["a", "c"]}, "catalog": CATALOG})


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def answer(scenario: Scenario) -> Resolution:
    return resolve(scenario.request, scenario.catalog, scenario.host)


def asked(scenario: Scenario, name: str, version: str) -> WhyNot:
    return why_not(
        scenario.request,
        scenario.catalog,
        scenario.host,
        Preferences(),
        module(name),
        Version(version),
    )


def test_why_tells_every_path_shortest_first(scenario: Scenario) -> None:
    """c is asked for by the profile, and by b below a."""
    paths = why(answer(scenario), module("c"))
    told = [[link.depender.name for link in path] for path in paths]
    assert told == [["<root>"], ["<root>", "a", "b"]]
    assert str(paths[1][-1].requirement.specifier) == "<3"


def test_why_tells_that_a_capability_was_asked_for(scenario: Scenario) -> None:
    """p is in because b asks for a tool."""
    (path,) = why(answer(scenario), module("p"))
    assert [link.by_capability for link in path] == [False, False, True]


def test_why_of_what_is_not_in_is_nothing(scenario: Scenario) -> None:
    """There is no path."""
    assert why(answer(scenario), module("nothing")) == ()


def test_why_not_tells_what_it_would_cost(scenario: Scenario) -> None:
    """c 1.0 can be had: only c itself, which was asked for, gets older."""
    found = why_not(
        scenario.request,
        scenario.catalog,
        scenario.host,
        Preferences(),
        module("c"),
        Version("1.0"),
    )
    assert found.possible
    change = VersionChange(module("c"), Version("2.0"), Version("1.0"))
    assert found.changes == (change,)
    assert found.older == (change,)


def test_why_not_gives_the_smallest_reason(scenario: Scenario) -> None:
    """No release of a goes with c 3.0."""
    found = why_not(
        scenario.request,
        scenario.catalog,
        scenario.host,
        Preferences(),
        module("c"),
        Version("3.0"),
    )
    assert found.reason is not None
    told = {(each.depender.name, each.dependency.name) for each in found.reason.relations}
    assert told == {("<root>", "a"), ("<root>", "c"), ("a", "b"), ("a", "c"), ("b", "c")}


def test_why_not_of_a_version_nobody_knows(scenario: Scenario) -> None:
    """Says which are known."""
    with pytest.raises(UnknownVersionError) as caught:
        asked(scenario, "c", "9.0")
    assert caught.value.code == "RCY-D007"
    assert caught.value.facts == {"name": "c", "version": "9.0", "known": ["1.0", "2.0", "3.0"]}


def test_outdated_tells_what_holds_it_back(scenario: Scenario) -> None:
    """c 3.0 is known; b's range excludes it."""
    (found,) = outdated(
        scenario.request, scenario.catalog, scenario.host, Preferences(), answer(scenario)
    )
    assert (found.package.name, str(found.current), str(found.newest)) == ("c", "2.0", "3.0")
    assert [each.depender.name for each in found.held_by] == ["b"]
    assert found.behind == 1
    assert found.reachable == Version("2.0")


def test_difference_names_what_came_went_and_moved() -> None:
    """Sorted by package; equal versions are left out."""
    one, two = Version("1.0"), Version("2.0")
    before = {module("gone"): one, module("moved"): one, module("same"): one}
    after = {module("came"): one, module("moved"): two, module("same"): one}
    told = [(each.package.name, each.before, each.after) for each in difference(before, after)]
    assert told == [("came", None, one), ("gone", one, None), ("moved", one, two)]


def test_a_feature_nobody_has_is_a_finding() -> None:
    """With those the bundle has; none where the bundle is not in."""
    document = {
        "ask": {"bundle": "bundle:shop", "features": ["shop/wieghing", "bar/tea", "shop/tills"]},
        "catalog": {"bundle:shop": {"1.0": {"features": {"weighing": [], "tills": []}}}},
    }
    with pytest.raises(DiagnosticsError) as caught:
        answer(scenario_of(document))
    misspelt = {"bundle": "shop", "feature": "wieghing", "known": ["tills", "weighing"]}
    elsewhere = {"bundle": "bar", "feature": "tea", "known": []}
    line = Place("profile.toml", 40)
    told = [(each.code, each.place, each.facts) for each in caught.value.diagnostics]
    assert told == [("RCY-D006", line, elsewhere), ("RCY-D006", line, misspelt)]


def _long_history(holds: str) -> Scenario:
    """``lib`` has many versions; what keeps it at 1.0 is ``holds``."""
    releases = {f"{number}.0": {"requires": ["base>=2"]} for number in range(2, FAR_BEHIND + 2)}
    asking = {"range": ["lib<2"], "need": ["base<2", "lib"]}[holds]
    catalog = {
        "app": {"1.0": {"requires": asking}},
        "base": {"1.0": {}, "2.0": {}},
        "lib": {"1.0": {}, **releases},
    }
    return scenario_of({"ask": {"modules": ["app"]}, "catalog": catalog})


@pytest.mark.parametrize(("holds", "code"), [("range", "RCY-D013"), ("need", "RCY-D014")])
def test_a_choice_far_behind_the_newest_is_told_with_its_reason(holds: str, code: str) -> None:
    it = _long_history(holds)
    (found,) = far_behind(it.request, it.catalog, it.host, Preferences(), answer(it))

    assert found.code == code
    told = (found.facts["name"], found.facts["current"], found.facts["behind"])
    assert told == ("lib", "1.0", FAR_BEHIND)
    assert found.facts.get("held_by") == ("app (lib<2)" if holds == "range" else None)


def test_what_is_kept_or_asked_for_at_its_lowest_is_no_surprise() -> None:
    it = _long_history("range")
    for quiet in (
        Preferences(installed={module("lib"): Version("1.0")}),
        Preferences(strategy=Strategy.LOWEST),
    ):
        assert far_behind(it.request, it.catalog, it.host, quiet, answer(it)) == ()
