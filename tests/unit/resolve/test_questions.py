"""why, why-not, outdated, difference: the questions people ask about an answer."""

from collections.abc import Mapping

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import Scenario, scenario_of

from recyclic.model.diagnostic import DiagnosticsError, Place, Severity
from recyclic.model.package import Package, PackageKind
from recyclic.model.resolution import Resolution
from recyclic.resolve.difference import VersionChange, difference
from recyclic.resolve.errors import UnknownVersionError
from recyclic.resolve.outdated import FAR_BEHIND, far_behind, outdated
from recyclic.resolve.preferences import Preferences, Strategy
from recyclic.resolve.resolve import resolve
from recyclic.resolve.why import holders, why
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


def test_why_tells_the_shorter_of_two_long_paths_first() -> None:
    """Whatever the names on them."""
    catalog = {
        "a": {"1.0": {"requires": ["b"]}},
        "b": {"1.0": {}},
        "y": {"1.0": {"requires": ["z"]}},
        "z": {"1.0": {"requires": ["b"]}},
    }
    it = scenario_of({"ask": {"modules": ["a", "y"]}, "catalog": catalog})
    paths = why(answer(it), module("b"))
    assert [[link.depender.name for link in path] for path in paths] == [
        ["<root>", "a"],
        ["<root>", "y", "z"],
    ]
    assert why(answer(it), module("b"), most=1) == paths[:1]


def test_why_does_not_go_round_in_circles() -> None:
    """a and b need each other, and a itself: the one way to b is through a."""
    catalog = {"a": {"1.0": {"requires": ["a", "b"]}}, "b": {"1.0": {"requires": ["a"]}}}
    it = scenario_of({"ask": {"modules": ["a"]}, "catalog": catalog})
    (path,) = why(answer(it), module("b"))
    assert [link.depender.name for link in path] == ["<root>", "a"]


def test_who_holds_it_is_the_root_first(scenario: Scenario) -> None:
    """Then by name; nobody holds what is not in."""
    assert [each.depender.name for each in holders(answer(scenario), module("c"))] == [
        "<root>",
        "b",
    ]
    catalog = {**CATALOG, "0": {"1.0": {"requires": ["c"]}}}
    it = scenario_of({"ask": {"modules": ["0", "a", "c"]}, "catalog": catalog})
    told = [each.depender.name for each in holders(answer(it), module("c"))]
    assert told == ["<root>", "0", "b"]
    assert holders(answer(it), module("nothing")) == ()


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
    assert (found.package, found.version) == (module("c"), Version("1.0"))
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
    assert (found.package, found.version) == (module("c"), Version("3.0"))
    told = {(each.depender.name, each.dependency.name) for each in found.reason.relations}
    assert told == {("<root>", "a"), ("<root>", "c"), ("a", "b"), ("a", "c"), ("b", "c")}


def test_why_not_leaves_everything_else_as_it_would_be_now() -> None:
    """c 1.0 would let x be newer; that is no reason to move it."""
    catalog = {
        "c": {"1.0": {}, "2.0": {"requires": ["x<2"]}},
        "x": {"1.0": {}, "2.0": {}},
    }
    found = asked(scenario_of({"ask": {"modules": ["c", "x"]}, "catalog": catalog}), "c", "1.0")
    assert [each.package.name for each in found.changes] == ["c"]


def test_why_not_lets_go_back_what_was_displaced() -> None:
    """b had to be older for z 2.0; without it b is what is installed."""
    catalog = {
        "b": {"1.0": {}, "2.0": {}},
        "z": {"1.0": {}, "2.0": {"requires": ["b<2"]}},
    }
    it = scenario_of({"ask": {"modules": ["b", "z"]}, "catalog": catalog})
    installed = Preferences(installed={module(name): Version("2.0") for name in "bz"})
    found = why_not(it.request, it.catalog, it.host, installed, module("z"), Version("1.0"))
    assert [(each.package.name, str(each.after)) for each in found.changes] == [
        ("b", "2.0"),
        ("z", "1.0"),
    ]
    assert [each.package.name for each in found.older] == ["z"]


def test_older_is_only_what_was_asked_for_and_gets_older_or_goes() -> None:
    """m comes in and n gets older without anyone having asked for them; o gets newer."""
    wants = ["k<2", "m", "n<2", "o>=2"]
    both: Mapping[str, object] = {"1.0": {}, "2.0": {}}
    catalog = {
        "a": {"1.0": {"requires": wants, "conflicts": ["tool<2"]}, "2.0": {"requires": ["o<2"]}},
        "k": {"1.0": {"requires": ["n"]}, "2.0": {"requires": ["n"]}},
        "m": {"1.0": {"provides": ["tool==2.0"]}},
        "n": both,
        "o": both,
        "tool": {"1.0": {}},
    }
    it = scenario_of({"ask": {"modules": ["a", "k", "o", "tool"]}, "catalog": catalog})
    found = asked(it, "a", "1.0")
    assert "".join(each.package.name for each in found.changes) == "akmnotool"
    assert [each.package.name for each in found.older] == ["a", "k", "tool"]


def test_what_was_asked_for_and_comes_in_does_not_get_older() -> None:
    """The tool is p until p is older; then it is the module of that name."""
    catalog = {
        "p": {"1.0": {}, "2.0": {"provides": ["tool"], "conflicts": ["tool<2"]}},
        "tool": {"1.0": {}},
    }
    it = scenario_of({"ask": {"modules": ["p", "tool"]}, "catalog": catalog})
    found = asked(it, "p", "1.0")
    assert [each.package.name for each in found.changes] == ["p", "tool"]
    assert [each.package.name for each in found.older] == ["p"]


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


def test_outdated_tells_what_could_be_had_without_the_lock() -> None:
    """a is only kept at 1.0; how far behind, and what is newest, counts all there is."""
    catalog = {"a": {"1.0": {}, "2.0": {}, "3.0": {"requires": ["b"]}, "4.0": {}}, "b": {"1.0": {}}}
    it = scenario_of({"ask": {"modules": ["a<4"]}, "catalog": catalog})
    kept = Preferences(locked={module("a"): Version("1.0")})
    now = resolve(it.request, it.catalog, it.host, kept)
    (found,) = outdated(it.request, it.catalog, it.host, kept, now)
    told = (found.current, found.reachable, found.newest)
    assert told == (Version("1.0"), Version("3.0"), Version("4.0"))
    assert found.behind == 3


def test_only_final_releases_that_were_not_withdrawn_are_newer() -> None:
    """Unless there was never a final one."""
    catalog = {
        "a": {"1.0": {}, "2.0": {"yanked": "broken"}, "3.0rc1": {}},
        "b": {"1.0rc1": {}, "1.0rc2": {}},
        "c": {"1.0": {}, "2.0": {"yanked": "broken"}},
    }
    it = scenario_of({"ask": {"modules": ["a", "b<1.0rc2", "c"]}, "catalog": catalog})
    found = outdated(it.request, it.catalog, it.host, Preferences(), answer(it))
    assert [(each.package.name, str(each.newest)) for each in found] == [("b", "1.0rc2")]


def test_who_asks_for_a_capability_does_not_hold_its_provider_back() -> None:
    """Its range is about the capability's version: p 2.0 just does not provide the tool."""
    catalog = {"p": {"1.0": {"provides": ["tool==1.0"]}, "2.0": {}}}
    it = scenario_of({"ask": {"modules": ["tool<2"]}, "catalog": catalog})
    (found,) = outdated(it.request, it.catalog, it.host, Preferences(), answer(it))
    assert (found.package, found.held_by) == (module("p"), ())


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

    assert (found.code, found.severity) == (code, Severity.WARNING)
    assert str(found.place) == f"app-1.0.json:{1 if holds == 'range' else 2}"
    facts = {"name": "lib", "current": "1.0", "newest": "6.0", "behind": FAR_BEHIND}
    assert found.facts == facts | ({"held_by": "app (lib<2)"} if holds == "range" else {})


def test_what_is_kept_or_asked_for_at_its_lowest_is_no_surprise() -> None:
    it = _long_history("range")
    for quiet in (
        Preferences(installed={module("lib"): Version("1.0")}),
        Preferences(strategy=Strategy.LOWEST),
    ):
        assert far_behind(it.request, it.catalog, it.host, quiet, answer(it)) == ()


def test_everyone_who_holds_it_back_is_named_and_nobody_else_is_warned_of() -> None:
    """Many releases are no reason as long as few of them are newer; nor is what is only kept."""
    many: Mapping[str, object] = {f"{number}.0": {} for number in range(1, 7)}
    catalog = {"app": {"1.0": {"requires": ["lib<2"]}}, "kept": many, "lib": many, "near": many}
    it = scenario_of({"ask": {"modules": ["app", "kept", "lib<3", "near<3"]}, "catalog": catalog})
    kept = Preferences(installed={module("kept"): Version("1.0")})
    now = resolve(it.request, it.catalog, it.host, kept)
    (found,) = far_behind(it.request, it.catalog, it.host, kept, now)
    assert found.facts["held_by"] == "app (lib<2), <root> (lib<3)"
    assert str(found.place) == "app-1.0.json:1"
