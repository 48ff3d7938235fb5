"""Pre-releases and withdrawn versions that are there already: for whom they count."""

from collections.abc import Mapping

import pytest
from packaging.version import Version
from tests.fakes.mistaken_catalog import MistakenCatalog
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.package import PackageKind
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.term import indexes

WITHDRAWN: Mapping[str, object] = {"1.0": {"yanked": "broken"}, "2.0": {}}
EARLY: Mapping[str, object] = {"1.0": {}, "2.0rc1": {}}


def tolerated(
    ask: list[str],
    catalog: Mapping[str, object],
    locked: Mapping[str, str],
    override: Mapping[str, str] | None = None,
    **displaced: str,
) -> set[str]:
    """The modules that are opened at the version they are locked at, or went from ("": nowhere)."""
    asked = {"modules": ask, "override": override or {}}
    it = scenario_of({"ask": asked, "catalog": catalog})
    preferences = Preferences(
        locked={package(name): Version(text) for name, text in locked.items()},
        displaced={
            package(name): (Version(text) if text else None,) for name, text in displaced.items()
        },
    )
    problem = Problem(it.request, it.catalog, it.host, preferences)
    states = {**locked, **{name: text for name, text in displaced.items() if text}}
    return {
        name
        for name, text in states.items()
        if package(name).kind is PackageKind.MODULE
        and problem.known(package(name)).opened & problem.known(package(name)).state(Version(text))
    }


def test_what_nobody_asks_for_any_more_stays() -> None:
    """It was asked for once, or was not withdrawn then."""
    assert tolerated([], {"p": EARLY}, {"p": "2.0rc1"}) == {"p"}
    assert tolerated(["p"], {"p": EARLY}, {"p": "2.0rc1"}) == {"p"}
    assert tolerated(["p"], {"p": WITHDRAWN}, {"p": "1.0"}) == {"p"}


@pytest.mark.parametrize("catalog", [EARLY, WITHDRAWN])
def test_what_one_asks_for_is_for_that_one_alone(catalog: Mapping[str, object]) -> None:
    """Unless somebody else there has nothing else; who is not there yet does not count."""
    version, asks = ("1.0", "p==1.0") if catalog is WITHDRAWN else ("2.0rc1", "p>=2.0rc1")
    world = {
        "p": catalog,
        "one": {"1.0": {"requires": [asks]}},
        "other": {"1.0": {"requires": ["p"]}},
        "absent": {"1.0": {"requires": ["p"]}},
    }
    locked = {"p": version, "one": "1.0"}
    assert tolerated(["one"], world, locked) == set()
    assert tolerated(["one", "absent"], world, locked) == set()
    assert tolerated(["one", "other"], world, {**locked, "other": "1.0"}) == {"p"}
    assert tolerated(["one", "p"], world, locked) == {"p"}


def test_what_does_not_fit_is_not_counted_on() -> None:
    """Nor asked for; a locked version that nobody knows asks for nothing."""
    world = {
        "p": EARLY,
        "one": {"1.0": {"requires": ["p>=2.0rc1"]}},
        "other": {"1.0": {"requires": ["p<2"]}},
    }
    locked = {"p": "2.0rc1", "one": "1.0", "other": "1.0"}
    assert tolerated(["one", "other"], world, locked) == set()
    assert tolerated(["other"], world, {"p": "2.0rc1", "other": "1.0", "one": "9.9"}) == {"p"}


def test_a_capability_is_counted_on_where_nobody_else_offers_it() -> None:
    """By its own version; an override leaves nobody the choice."""
    early = {"1.0": {}, "2.0rc1": {"provides": ["tool==1.0"]}}
    world = {
        "p": early,
        "q": {"1.0": {"provides": ["tool==1.0"]}},
        "one": {"1.0": {"requires": ["p>=2.0rc1"]}},
    }
    locked = {"p": "2.0rc1", "one": "1.0"}
    assert tolerated(["one", "tool"], world, locked) == {"p"}
    assert tolerated(["one", "tool>=2"], world, locked) == set()
    assert tolerated(["one", "tool"], world, {**locked, "q": "1.0"}) == set()
    assert tolerated(["one", "tool"], world, locked, override={"tool": "1.0"}) == set()
    world["p"] = {"1.0": {"provides": ["tool==1.0"]}, "2.0rc1": {}}
    assert tolerated(["one", "tool"], world, locked) == set()


def test_where_it_would_go_back_to_counts_as_well() -> None:
    """What was displaced, with what is there; what was never there is not tolerated."""
    world = {"p": EARLY, "one": {"1.0": {"requires": ["p>=2.0rc1"]}, "2.0": {"requires": ["p<2"]}}}
    assert tolerated(["p"], world, {"p": "1.0"}, p="2.0rc1") == {"p"}
    assert tolerated(["one"], world, {"p": "1.0", "one": "2.0"}, p="2.0rc1", one="1.0") == set()
    shared = {
        "p": {**EARLY, "2.0rc1": {"provides": ["tool"]}},
        "q": {"1.0": {"provides": ["tool"]}},
    }
    shared["one"] = {"1.0": {"requires": ["p>=2.0rc1"]}}
    now = {"p": "2.0rc1", "q": "1.0", "one": "1.0"}
    assert tolerated(["one", "tool"], shared, now) == set()
    assert tolerated(["one", "tool"], shared, now, q="") == {"p"}
    problem = scenario_of({"ask": {"modules": ["p"]}, "catalog": world})
    fresh = Problem(problem.request, problem.catalog, problem.host, Preferences())
    assert list(indexes(fresh.known(package("p")).opened)) == []


def test_what_cannot_be_read_is_left_alone() -> None:
    """It is not tolerated, and what it would ask for does not count; the others do."""
    world = {
        "one": {"1.0": {"requires": ["p"]}},
        "two": {"1.0": {"requires": ["q==1.0"]}},
        **dict.fromkeys("pqr", WITHDRAWN),
    }
    it = scenario_of({"ask": {"modules": []}, "catalog": world})
    p, one, r = map(package, ("p", "one", "r"))
    first = Version("1.0")
    locked = dict.fromkeys(map(package, world), first)
    releases = [it.catalog.release(each, v) for each in locked for v in it.catalog.versions(each)]
    for mistaken, found in ((p, {r}), (one, {p, r})):
        catalog = MistakenCatalog(releases, {(mistaken, first)})
        problem = Problem(it.request, catalog, it.host, Preferences(locked=locked))
        assert problem.opened().keys() == found
