"""What the solver is told of a catalog: whose turn it is, and which state comes first."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.package import ROOT, Package
from recyclic.resolve.alternatives import Alternatives
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve
from recyclic.resolve.term import ABSENT, state_of, states

P, Q = package("p"), package("q")
TOOL: Mapping[str, Any] = {"provides": ["tool"]}
BROKEN: Mapping[str, Any] = {**TOOL, "yanked": "broken"}
TWO: Mapping[str, Mapping[str, Any]] = {"1.0": {}, "2.0": {}}
THREE: Mapping[str, Mapping[str, Any]] = {**TWO, "3.0": {}}


def best(
    modules: Sequence[str],
    catalog: Mapping[str, object],
    strategy: str = "highest",
    **asked: object,
) -> dict[str, int]:
    """The answer, by name: which of its major versions each package has."""
    ask = {"modules": [*modules], **asked}
    it = scenario_of({"ask": ask, "catalog": catalog, "prefer": {"strategy": strategy}})
    found = resolve(it.request, it.catalog, it.host, it.preferences)
    return {name_of(each): version.major for each, version in found.versions.items()}


def test_the_requested_bundle_is_newest_before_what_is_requested_by_name() -> None:
    catalog = {"bundle:shop": {"1.0": {}, "2.0": {"requires": ["a<2"]}}, "a": TWO}
    assert best(["a"], catalog, bundle="bundle:shop") == {"bundle:shop": 2, "a": 1}


def test_what_is_requested_by_name_is_newest_before_a_provider_is_chosen() -> None:
    """p is the first that could be the tool."""
    catalog = {
        "p": {"1.0": TOOL},
        "q": {"1.0": TOOL},
        "z": {"1.0": {}, "2.0": {"conflicts": ["p"]}},
    }
    assert best(["tool", "z"], catalog) == {"z": 2, "q": 1}


def test_a_provider_of_what_is_requested_is_chosen_before_it_is_newest() -> None:
    """p is in for b already, but as the tool only in its first version."""
    catalog = {
        "b": {"1.0": {"requires": ["p"]}},
        "p": {"1.0": TOOL, "2.0": {}},
        "q": {"1.0": TOOL},
    }
    assert best(["b", "tool"], catalog) == {"b": 1, "p": 1}


def test_who_meets_the_request_is_newest_before_what_nobody_requested() -> None:
    """Though a has fewer versions and goes before p by its name."""
    catalog = {
        "a": {"1.0": {}, "2.0": {"conflicts": ["p>=3"]}},
        "b": {"1.0": {"requires": ["a"]}},
        "p": dict.fromkeys(THREE, TOOL),
    }
    assert best(["b", "tool"], catalog) == {"a": 1, "b": 1, "p": 3}


def test_a_choice_is_nothing_to_keep_out() -> None:
    """The older b would do without a tool."""
    catalog = {
        "b": {"1.0": {}, "2.0": {"requires": ["tool"]}},
        "p": {"1.0": TOOL},
        "q": {"1.0": TOOL},
    }
    assert best(["b"], catalog) == {"b": 2, "p": 1}


def test_nothing_is_lower_than_the_lowest_version() -> None:
    """Least of all to be out because somebody else can be the tool."""
    catalog = {
        "b": {"1.0": {"requires": ["tool", "x"]}},
        "p": dict.fromkeys(TWO, TOOL),
        "q": {"1.0": TOOL},
        "x": TWO,
    }
    assert best(["b"], catalog, strategy="lowest") == {"b": 1, "p": 1, "x": 1}


def test_a_withdrawn_version_is_not_what_remains() -> None:
    """Neither of who is asked for, nor of somebody who could be the tool."""
    catalog = {
        "a": {"1.0": {}, "2.0": BROKEN, "3.0": BROKEN, "4.0": {"requires": ["ghost"]}},
        "p": {"1.0": TOOL, "2.0": BROKEN},
        "q": {"1.0": TOOL},
    }
    assert best(["a", "tool"], catalog) == {"a": 1, "p": 1}


def test_a_withdrawn_version_is_no_better_for_being_in_already() -> None:
    """b names it exactly; the newer c does not."""
    catalog = {
        "a": {"1.0": {}, "2.0": {"yanked": "broken"}},
        "b": {"1.0": {"requires": ["a==2.0"]}},
        "c": {"1.0": {}, "2.0": {"requires": ["a"]}},
    }
    assert best(["b", "c"], catalog) == {"a": 2, "b": 1, "c": 1}


def test_what_was_in_for_a_while_is_met_again() -> None:
    """a was in with the newer b, which needs what is not there; all that is known of a by then is
    withdrawn."""
    catalog = {
        "a": {"1.0": {"yanked": "broken"}},
        "b": {"1.0": {}, "2.0": {"requires": ["a==1.0", "d"]}},
        "c": {"1.0": {}, "2.0": {"requires": ["a"]}},
        "d": {"1.0": {"requires": ["ghost"]}},
    }
    assert best(["b", "c"], catalog) == {"b": 1, "c": 1}


def test_an_exact_line_on_a_capability_does_not_name_its_provider() -> None:
    """Its withdrawn release stays out."""
    offered = {"provides": ["tool==1.0"]}
    catalog = {"p": {"1.0": offered, "2.0": {**offered, "yanked": "broken"}}}
    assert best(["tool==1.0"], catalog) == {"p": 1}


def chosen(known: Sequence[Package], targets: Mapping[Package, int], present: Package) -> int:
    """Which of p and q is the tool, when those are known of and one of them is in."""
    it = scenario_of(
        {"ask": {"modules": ["tool"]}, "catalog": {"p": {"1.0": TOOL}, "q": {"1.0": TOOL}}}
    )
    problem = Problem(it.request, it.catalog, it.host, it.preferences)
    (tool,) = problem.requested_requirements()
    provider = CatalogProvider(problem, targets=targets)
    choice = provider.number(Alternatives(tool.package, problem.meeting(tool)))
    numbers = {each: provider.number(each) for each in known}
    domains = [*provider.domains]
    if present in numbers:
        domains[numbers[present]] &= ~ABSENT
    return provider.choose(choice, states(2) & ~ABSENT, domains)


def test_the_provider_that_is_in_already_is_chosen() -> None:
    """Else one to be kept, else the first; who is to stay out is none to be kept."""
    p, q = state_of(0), state_of(1)
    assert chosen([P, Q], {}, P) == chosen([], {}, P) == p
    assert chosen([P, Q], {}, Q) == chosen([Q], {}, Q) == q
    assert chosen([P, Q], {Q: state_of(0)}, P) == p
    assert chosen([P, Q], {Q: state_of(0)}, ROOT) == q
    assert chosen([P, Q], {Q: ABSENT}, ROOT) == p
