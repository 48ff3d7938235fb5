"""From the solver's answer to what is needed of it: who meets whom, what can go, who asked."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import requirement, scenario_of

from recyclic.model.diagnostic import Place
from recyclic.model.package import ROOT, Package, PackageKind
from recyclic.resolve.answer import meeting_among, needed, resolution_of, states_of, unneeded
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem

LINE = Place("profile.toml", 9)
ROOT_AT = {ROOT: Version("0")}
ZETA = Package(PackageKind.MODULE, "zeta")


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def problem_of(modules: list[str], catalog: Mapping[str, object]) -> Problem:
    it = scenario_of({"ask": {"modules": modules}, "catalog": catalog})
    return Problem(it.request, it.catalog, it.host, Preferences())


def versions(**texts: str) -> dict[Package, Version]:
    return ROOT_AT | {module(name): Version(text) for name, text in texts.items()}


def provider(*names: str) -> Mapping[str, object]:
    return {"1.0": {"provides": list(names)}}


def names(packages: Iterable[Package]) -> list[str]:
    return sorted(each.name for each in packages if each != ROOT)


CHOICE = {"p": provider("tool"), "q": provider("tool")}


def test_who_is_in_already_is_taken() -> None:
    """q meets the tool as well as p; it is there anyway."""
    found = needed(problem_of(["q", "tool"], CHOICE), versions(p="1.0", q="1.0"))
    assert found is not None
    assert names(found.packages) == ["q"]
    assert found.chosen == {"tool": module("q")}


def test_what_only_one_can_meet_comes_first() -> None:
    """beta has only q, so alpha is q as well, though p would be first by name."""
    problem = problem_of(
        ["alpha", "beta"], {"p": provider("alpha"), "q": provider("alpha", "beta")}
    )
    found = needed(problem, versions(p="1.0", q="1.0"))
    assert found is not None
    assert names(found.packages) == ["q"]


def test_the_first_by_name_is_taken_where_none_is_in() -> None:
    found = needed(problem_of(["tool"], CHOICE), versions(p="1.0", q="1.0"))
    assert found is not None
    assert names(found.packages) == ["p"]
    assert found.chosen == {"tool": module("p")}


def test_the_module_of_that_name_is_no_choice() -> None:
    """However many others provide it."""
    catalog = {**CHOICE, "tool": {"1.0": {}}}
    problem, answer = problem_of(["q", "tool"], catalog), versions(p="1.0", q="1.0", tool="1.0")
    found = needed(problem, answer)
    assert found is not None
    assert names(found.packages) == ["q", "tool"]
    assert found.chosen == {}
    told = resolution_of(problem, answer)
    assert told.chosen_providers == {}
    assert len(told.required_by[module("tool")]) == 1


def test_what_nobody_meets_is_no_answer() -> None:
    assert needed(problem_of(["tool"], CHOICE), versions()) is None


def test_nobody_counts_on_a_withdrawn_version_that_is_in_for_another() -> None:
    """q is in for whoever asked for exactly that; the tool has to be p."""
    catalog = {**CHOICE, "q": {"1.0": {"provides": ["tool"], "yanked": "broken"}}}
    problem = problem_of(["app", "tool"], {**catalog, "app": {"1.0": {"requires": ["q==1.0"]}}})
    present = states_of(problem, versions(app="1.0", p="1.0", q="1.0"))
    assert meeting_among(problem, requirement("tool", LINE), present) == [module("p")]
    assert meeting_among(problem, requirement("q==1.0", LINE), present) == [module("q")]


def test_a_provider_at_a_version_that_does_not_provide_it_meets_nothing() -> None:
    catalog = {**CHOICE, "p": {**provider("tool"), "2.0": {}}}
    present = versions(p="2.0", q="1.0")
    problem = problem_of(["tool"], catalog)
    assert meeting_among(problem, requirement("tool", LINE), states_of(problem, present)) == [
        module("q")
    ]


@pytest.mark.parametrize(
    ("first", "superfluous"), [(["p", "q"], ["q", "s"]), (["p", "q", "r"], ["p", "q", "s"])]
)
def test_what_can_go_goes_the_last_by_name_first(first: list[str], superfluous: list[str]) -> None:
    """Taken one by one, p, q and r would be in; of what stays none can go."""
    offers = {"alpha": first, "beta": ["q", "r"], "gamma": ["r", "s"]}
    catalog = {
        each: provider(*(name for name, who in offers.items() if each in who)) for each in "pqrs"
    }
    problem = problem_of([*offers], catalog)
    answer = versions(**dict.fromkeys("pqrs", "1.0"))
    found = unneeded(problem, answer)
    assert [each.name for each in found] == superfluous
    left = {each: version for each, version in answer.items() if each not in found}
    assert needed(problem, left) is not None
    for each in left.keys() - {ROOT}:
        assert needed(problem, left, without=each) is None


def test_who_is_needed_only_because_it_was_met_first_can_go() -> None:
    """q was taken before p led to r, which meets alpha too, and to z, which takes p's place."""
    catalog = {
        "p": {"1.0": {"provides": ["beta"], "requires": ["r"]}},
        "q": provider("alpha"),
        "r": {"1.0": {"provides": ["alpha"], "requires": ["z"]}},
        "z": provider("beta"),
    }
    found = unneeded(
        problem_of(["alpha", "beta"], catalog), versions(**dict.fromkeys("pqrz", "1.0"))
    )
    assert [each.name for each in found] == ["p", "q"]


def test_an_answer_lists_everything_in_order() -> None:
    """By kind and name, whatever the order it was found in."""
    catalog = {
        "bundle:shop": {"1.0": {"requires": ["zeta", "alpha"]}},
        "paheko:tills": {"1.0": {}},
        "alpha": {"1.0": {"requires": ["zeta>=1"]}},
        "zeta": {"1.0": {}},
    }
    modules = ["zeta<2", "paheko:tills", "alpha"]
    it = scenario_of({"ask": {"bundle": "bundle:shop", "modules": modules}, "catalog": catalog})
    problem = Problem(it.request, it.catalog, it.host, Preferences())
    answer = versions(zeta="1.0", alpha="1.0") | {
        Package(PackageKind.EXTENSION, "tills"): Version("1.0"),
        Package(PackageKind.BUNDLE, "shop"): Version("1.0"),
    }
    found = resolution_of(problem, answer)
    assert list(found.versions) == sorted(answer.keys() - {ROOT})
    assert list(found.releases) == list(found.required_by) == list(found.versions)
    asked = [(each.depender.name, str(each.requirement)) for each in found.required_by[ZETA]]
    assert asked == [("alpha", "zeta>=1"), ("<root>", "zeta"), ("<root>", "zeta<2")]


def test_who_asks_is_listed_by_name() -> None:
    dependers = ["delta", "alpha", "gamma", "beta", "epsilon"]
    catalog = {each: {"1.0": {"requires": ["zeta"]}} for each in dependers} | {"zeta": {"1.0": {}}}
    answer = versions(zeta="1.0", **dict.fromkeys(dependers, "1.0"))
    found = resolution_of(problem_of(dependers, catalog), answer)
    assert [each.depender.name for each in found.required_by[ZETA]] == sorted(dependers)


def test_a_reason_given_twice_is_one() -> None:
    """A line that says the same thing twice, say."""
    problem = problem_of(["zeta"], {"zeta": {"1.0": {}}})
    (line,) = problem.request.requirements
    twice = problem.amended({}, replace(problem.request, requirements=(line, line)))
    assert len(resolution_of(twice, versions(zeta="1.0")).required_by[ZETA]) == 1


def test_who_was_chosen_is_who_is_asked() -> None:
    """The tool is asked of q, which was in already, and told so; nobody asks p for it."""
    problem = problem_of(["q", "tool"], CHOICE)
    found = resolution_of(problem, versions(p="1.0", q="1.0"))
    assert found.chosen_providers == {"tool": module("q")}
    assert [str(each.requirement) for each in found.required_by[module("q")]] == ["q", "tool"]
    assert module("p") not in found.versions


def test_who_came_in_later_is_not_who_was_chosen() -> None:
    """p meets alpha too, and is first by name; but q was there when alpha was asked for."""
    catalog = {"p": provider("alpha", "gamma"), "q": provider("alpha"), "r": provider("gamma")}
    problem = problem_of(["q", "alpha", "gamma"], catalog)
    found = resolution_of(problem, versions(p="1.0", q="1.0", r="1.0"))
    assert found.chosen_providers == {"alpha": module("q"), "gamma": module("p")}
    assert [str(each.requirement) for each in found.required_by[module("p")]] == ["gamma"]


def test_an_extension_is_not_met_by_who_provides_its_name() -> None:
    """The texts of the two requirements are the same."""
    tool = Package(PackageKind.EXTENSION, "tool")
    problem = problem_of(["tool", "paheko:tool"], {**CHOICE, "paheko:tool": {"1.0": {}}})
    found = resolution_of(problem, versions(p="1.0", q="1.0") | {tool: Version("1.0")})
    assert [each.requirement.package for each in found.required_by[tool]] == [tool]


def test_who_was_chosen_is_listed_by_what_was_asked() -> None:
    catalog = {"p": {"1.0": {"provides": ["tool==1.0", "tool1"]}}}
    found = resolution_of(problem_of(["tool<2", "tool1"], catalog), versions(p="1.0"))
    assert list(found.chosen_providers) == ["tool1", "tool<2"]


def test_overrides_are_listed_by_package() -> None:
    override = {"zeta": "1.0", "alpha": "1.0"}
    catalog: Mapping[str, object] = {"alpha": {"1.0": {}}, "zeta": {"1.0": {}}}
    it = scenario_of({"ask": {"modules": ["zeta"], "override": override}, "catalog": catalog})
    problem = Problem(it.request, it.catalog, it.host, Preferences())
    found = resolution_of(problem, versions(zeta="1.0"))
    assert [each.package.name for each in found.overrides] == ["alpha", "zeta"]
