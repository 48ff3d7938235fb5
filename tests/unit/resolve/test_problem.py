"""What may be chosen: who opens a pre-release or a withdrawn version, and for whom."""

from collections.abc import Mapping

from packaging.version import Version
from tests.scenarios.scenario_file import package, requirement, scenario_of

from recyclic.model.diagnostic import Place
from recyclic.model.package import CORE, Package
from recyclic.resolve.preferences import Preferences, Strategy
from recyclic.resolve.problem import Problem
from recyclic.resolve.term import indexes, state_of

B = package("b")
SHOP = package("bundle:shop")
NOTHING_KEPT = Preferences()
LINE = Place("a-1.0.json", 1)
FINAL: Mapping[str, object] = {"1.0": {}, "1.1rc1": {}, "2.0": {}, "2.1rc1": {}}


def problem_of(
    ask: Mapping[str, object], catalog: Mapping[str, object], kept: Preferences = NOTHING_KEPT
) -> Problem:
    it = scenario_of({"ask": ask, "catalog": catalog})
    return Problem(it.request, it.catalog, it.host, kept)


def fitting(problem: Problem, text: str) -> list[str]:
    """Who meets that, with which versions."""
    return [
        f"{found.name} {problem.known(found).versions[index]}"
        for found, accepted in problem.acceptable(requirement(text, LINE))
        for index in indexes(accepted)
    ]


def opened(problem: Problem, found: Package) -> list[str]:
    known = problem.known(found)
    return [str(known.versions[index]) for index in indexes(known.opened)]


def test_a_line_opens_what_it_names_and_nothing_else() -> None:
    """A range its pre-releases, an exact one that version; for everyone."""
    catalog = {"b": FINAL}
    assert opened(problem_of({"modules": ["b>=1.1rc1,<=2"]}, catalog), B) == ["1.1rc1"]
    assert opened(problem_of({"modules": ["b==1.0"]}, catalog), B) == ["1.0"]
    assert opened(problem_of({"modules": ["b>=1"]}, catalog), B) == []
    assert fitting(problem_of({"modules": ["b==1.1rc1"]}, catalog), "b") == [
        "b 1.0",
        "b 1.1rc1",
        "b 2.0",
    ]


def test_only_versions_of_the_bundle_that_are_asked_for_open_something() -> None:
    shop = {"1.0": {"requires": ["b==1.1rc1"]}, "2.0": {"requires": ["b==2.1rc1"]}}
    problem = problem_of({"bundle": "bundle:shop<2"}, {"bundle:shop": shop, "b": FINAL})
    assert opened(problem, B) == ["1.1rc1"]
    assert [str(each) for each in problem.requested_requirements()] == ["b==1.1rc1"]


def test_what_the_request_opens_decides_which_of_its_bundles_versions_count() -> None:
    """The pre-release of the bundle is asked for by name, and asks for one of b."""
    shop = {"1.0": {}, "2.0rc1": {"requires": ["b==1.1rc1", "bundle:shop>=2.0rc1"]}}
    catalog = {"bundle:shop": shop, "b": FINAL}
    for ask in (
        {"bundle": "bundle:shop>=2.0rc1"},
        {"bundle": "bundle:shop", "modules": ["bundle:shop>=2.0rc1"]},
    ):
        problem = problem_of(ask, catalog)
        assert opened(problem, B) == ["1.1rc1"]
        assert opened(problem, SHOP) == ["2.0rc1"]
    catalog = {"bundle:shop": {"1.0": {"requires": ["bundle:shop>=2.0rc1"]}, "2.0rc1": {}}}
    assert opened(problem_of({"bundle": "bundle:shop"}, catalog), SHOP) == ["2.0rc1"]


def test_what_is_there_is_open_wherever_it_is_known_from() -> None:
    """Locked, installed, displaced or overridden."""
    version = Version("1.1rc1")
    for kept in (
        Preferences(locked={B: version}),
        Preferences(installed={B: version}),
        Preferences(displaced={B: (version, None)}),
    ):
        assert opened(problem_of({"modules": ["b"]}, {"b": FINAL}, kept), B) == ["1.1rc1"]
    overridden = problem_of({"modules": ["b"], "override": {"b": "1.1rc1"}}, {"b": FINAL})
    assert opened(overridden, B) == ["1.1rc1"]


def test_a_withdrawn_version_is_out_whatever_else_is_open() -> None:
    catalog = {"b": {"1.0": {}, "2.0": {"yanked": "broken"}, "3.0": {"yanked": "broken"}}}
    kept = Preferences(locked={B: Version("2.0")})
    assert fitting(problem_of({"modules": ["b"]}, catalog, kept), "b") == ["b 1.0", "b 2.0"]


def test_what_is_overridden_is_met_by_nobody_else() -> None:
    """Though p offers the tool at that very version."""
    catalog = {"tool": {"1.0": {}, "2.0": {}}, "p": {"1.0": {"provides": ["tool==1.0"]}}}
    problem = problem_of({"modules": ["tool"], "override": {"tool": "1.0"}}, catalog)
    assert fitting(problem, "tool==1.0") == ["tool 1.0"]


def test_a_withdrawn_version_that_the_request_names_exactly_is_there_for_all() -> None:
    """Otherwise only for whoever names it exactly."""
    catalog = {"b": {"1.0": {"yanked": "broken"}, "2.0": {}}}
    assert fitting(problem_of({"modules": ["b==1.0"]}, catalog), "b") == ["b 1.0", "b 2.0"]
    problem = problem_of({"modules": ["b"]}, catalog)
    assert fitting(problem, "b") == ["b 2.0"]
    assert fitting(problem, "b==1.0") == ["b 1.0"]


def test_a_provider_is_no_pre_release() -> None:
    """Nor does a range on the capability say anything of its provider's versions."""
    provides = {"provides": ["tool==7.0"]}
    problem = problem_of({"modules": ["tool"]}, {"p": {"1.0": provides, "2.0rc1": provides}})
    assert fitting(problem, "tool") == fitting(problem, "tool>=7") == ["p 1.0"]
    assert fitting(problem, "tool<7") == []


def test_a_capability_may_be_a_pre_release_or_of_no_version_at_all() -> None:
    """The latter is enough for whoever takes any."""
    catalog = {"p": {"1.0": {"provides": ["tool==7.0rc1"]}}, "q": {"1.0": {"provides": ["tool"]}}}
    problem = problem_of({"modules": ["tool"]}, catalog)
    assert fitting(problem, "tool>=6") == ["p 1.0"]
    assert fitting(problem, "tool") == ["p 1.0", "q 1.0"]
    assert not problem.offering(package("p"), requirement("tool>7", LINE))


def test_naming_a_capability_exactly_does_not_open_a_withdrawn_provider() -> None:
    """Its version is not the provider's."""
    provides = {"provides": ["tool==1.0"], "yanked": "broken"}
    tool = {"1.0": {"yanked": "broken"}}
    problem = problem_of({"modules": ["tool"]}, {"p": {"1.0": provides}, "tool": tool})
    exactly, any_version = requirement("tool==1.0", LINE), requirement("tool", LINE)
    one = state_of(0)
    assert problem.allows(exactly, package("tool"), one)
    assert not problem.allows(any_version, package("tool"), one)
    assert not problem.allows(exactly, package("p"), one)
    assert fitting(problem, "tool==1.0") == ["tool 1.0"]


def test_forgetting_is_of_what_was_displaced_only() -> None:
    it = scenario_of({"ask": {"modules": ["b"]}, "catalog": {"b": FINAL}})
    known = Preferences(locked={B: Version("1.0")}, displaced={B: (Version("2.0"),)})
    found = Problem(it.request, it.catalog, it.host, known).forgetting().preferences
    assert (found.displaced, found.locked) == ({}, known.locked)


def test_an_answer_as_a_lock_is_all_that_is_kept_of_the_preferences_but_the_strategy() -> None:
    """What the host gives is nothing to be locked."""
    it = scenario_of({"ask": {"modules": ["b"]}, "catalog": {"b": FINAL}})
    version, displaced = Version("1.0"), {B: (Version("2.0"),)}
    known = Preferences(
        installed={B: Version("2.0")}, upgrade=frozenset({B}), strategy=Strategy.LOWEST
    )
    problem = Problem(it.request, it.catalog, it.host, known)
    found = problem.on_top_of({B: version, CORE: it.host.core}, displaced).preferences
    assert found == Preferences({B: version}, displaced=displaced, strategy=Strategy.LOWEST)


def asked(problem: Problem, found: Package, version: str = "1.0") -> list[str]:
    return [f"{each.kind} {each.requirement}" for each in problem.needs(found, Version(version))]


def test_what_is_asked_does_not_depend_on_the_order_of_lines() -> None:
    """By package; where two lines are about the same one, by kind and range."""
    lines = {"requires": ["d", "c>=1"], "optional": ["b"]}
    problem = problem_of({"modules": ["a"]}, {"a": {"1.0": lines}})
    assert asked(problem, package("a")) == ["optional b", "requires c>=1", "requires d"]
    lines = {"requires": ["d", "c>=1", "c<5"], "conflicts": ["c==3.0"]}
    problem = problem_of({"modules": ["a"]}, {"a": {"1.0": lines}})
    assert asked(problem, package("a")) == [
        "conflicts c==3.0",
        "requires c<5",
        "requires c>=1",
        "requires d",
    ]


def test_a_feature_is_turned_on_for_one_bundle() -> None:
    """Another one has a feature of that name."""
    catalog = {
        name: {"1.0": {"features": {"more": ["b"], "most": ["c"]}}}
        for name in ("bundle:shop", "bundle:kit")
    }
    problem = problem_of({"bundle": "bundle:shop", "features": ["shop/more"]}, catalog)
    assert asked(problem, SHOP) == ["requires b"]
    assert asked(problem, package("bundle:kit")) == []


def test_what_a_bundle_refuses_it_refuses_though_it_is_left_out() -> None:
    """Others may provide it."""
    shop = {"1.0": {"requires": ["b", "c"], "conflicts": ["b"]}}
    problem = problem_of({"bundle": "bundle:shop", "omit": ["b"]}, {"bundle:shop": shop})
    assert asked(problem, SHOP) == ["conflicts b", "requires c"]
