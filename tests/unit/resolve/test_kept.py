"""What should stay as it is, and what the next resolution is told of what did not."""

from collections.abc import Mapping

from packaging.version import Version
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.package import Package
from recyclic.resolve.kept import Kept
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.term import ABSENT, state_of

Texts = Mapping[str, str | None]
FIRST, SECOND = state_of(0), state_of(1)
TOOLS = {"p": {"1.0": {"provides": ["tool"]}}, "q": {"1.0": {"provides": ["tool"]}}}
B: Mapping[str, object] = {"b": {"1.0": {}, "2.0": {}}}


def versions(texts: Texts) -> dict[Package, Version]:
    return {package(name): Version(text) for name, text in texts.items() if text}


def kept(
    ask: Mapping[str, object],
    catalog: Mapping[str, object],
    locked: Texts | None = None,
    displaced: Texts | None = None,
) -> Kept:
    it = scenario_of({"ask": ask, "catalog": catalog})
    before = {
        package(name): (Version(text) if text else None,)
        for name, text in (displaced or {}).items()
    }
    preferences = Preferences(locked=versions(locked or {}), displaced=before)
    return Kept(Problem(it.request, it.catalog, it.host, preferences))


def targets(found: Kept) -> dict[str, int]:
    return {each.name: state for each, state in found.targets.items()}


def displaced(found: Kept, now: Texts) -> dict[str, str | None]:
    told = found.displaced(versions(now))
    return {
        each.name: str(version) if version else None
        for each, stood in told.items()
        for version in stood
    }


def test_what_was_displaced_goes_back_before_what_is_locked() -> None:
    """And what came in stays out; what nobody knows any more is no target."""
    found = kept(
        {"modules": ["a", "b", "c", "d"]},
        {"a": {"1.0": {}, "2.0": {}}, **B, "c": {"1.0": {}}, "d": {"1.0": {}}},
        locked={"a": "1.0", "b": "1.0", "c": "1.0", "gone": "1.0"},
        displaced={"b": "2.0", "c": None, "d": None},
    )
    assert targets(found) == {"a": FIRST, "b": SECOND, "c": ABSENT, "d": ABSENT}


def test_who_could_take_the_place_of_a_provider_stays_out() -> None:
    assert targets(kept({"modules": ["tool"]}, TOOLS, {"q": "1.0"})) == {"q": FIRST, "p": ABSENT}


def test_where_nobody_is_there_anybody_may_come() -> None:
    """No provider of the tool is in, so none of them would be beside another."""
    found = kept({"modules": ["b", "tool"]}, {**TOOLS, **B}, {"b": "1.0"})
    assert targets(found) == {"b": FIRST}


def test_only_what_is_reached_at_its_target_counts() -> None:
    """a 2.0 would ask for the tool, but it is a 1.0 that is kept; nor does x, which is nowhere."""
    catalog = {**TOOLS, "a": {"1.0": {"requires": ["a"]}, "2.0": {"requires": ["tool"]}}}
    found = kept({"modules": ["a", "x"]}, catalog, {"a": "1.0", "q": "1.0"})
    assert targets(found) == {"a": FIRST, "q": FIRST}
    found = kept({"modules": ["a"]}, catalog, {"a": "2.0", "q": "1.0"})
    assert targets(found) == {"a": SECOND, "q": FIRST, "p": ABSENT}


def test_what_is_asked_for_at_another_version_leads_nowhere() -> None:
    """a is kept at 1.0, which asks for the tool; the request wants 2.0."""
    catalog = {**TOOLS, "a": {"1.0": {"requires": ["tool"]}, "2.0": {}}}
    found = kept({"modules": ["a>=2"]}, catalog, {"a": "1.0", "q": "1.0"})
    assert targets(found) == {"a": FIRST, "q": FIRST}


def test_a_bundle_leads_on_from_where_it_stood() -> None:
    """Also when another version of it is asked for now; when it is new it leads nowhere yet."""
    catalog = {**TOOLS, "bundle:shop": {"1.0": {"requires": ["tool"]}, "2.0": {}}}
    ask = {"bundle": "bundle:shop>=2"}
    found = kept(ask, catalog, {"bundle:shop": "1.0", "q": "1.0"})
    assert targets(found) == {"shop": FIRST, "q": FIRST, "p": ABSENT}
    assert targets(kept(ask, catalog, {"q": "1.0"})) == {"q": FIRST}
    beside = kept({**ask, "modules": ["tool"]}, catalog, {"q": "1.0"})
    assert targets(beside) == {"q": FIRST, "p": ABSENT}


def test_it_counts_who_is_off_target() -> None:
    """Who came without having one moved nothing."""
    found = kept({"modules": ["b"]}, B, {"b": "2.0"}, {"c": None})
    assert found.moved(versions({"b": "2.0"})) == []
    assert found.moved(versions({"b": "1.0"})) == [1]


def test_who_should_have_stayed_out_and_came_moved_too() -> None:
    found = kept({"modules": ["tool"]}, TOOLS, {"q": "1.0"})
    assert found.moved(versions({"p": "1.0", "q": "1.0"})) == [1]


def test_what_moved_is_told_in_order_with_what_stood_before() -> None:
    """None for what came in."""
    catalog = {**TOOLS, **B, "z": {"1.0": {}, "2.0": {}}}
    found = kept({"modules": ["z", "b", "tool"]}, catalog, {"b": "2.0", "q": "1.0", "z": "1.0"})
    now = {"z": "2.0", "b": "1.0", "p": "1.0", "q": "1.0"}
    assert list(displaced(found, now).items()) == [("b", "2.0"), ("p", None), ("z", "1.0")]
    assert displaced(found, {"z": "1.0", "b": "2.0", "q": "1.0"}) == {}


def test_what_nothing_leads_to_any_more_is_forgotten() -> None:
    """b is out because nobody asks for it: not displaced."""
    found = kept({"modules": ["a"]}, {**B, "a": {"1.0": {}, "2.0": {}}}, {"a": "1.0", "b": "1.0"})
    assert displaced(found, {"a": "2.0"}) == {"a": "1.0"}


def test_what_leads_to_it_may_be_what_came_in_itself() -> None:
    """Only p, which came in beside q, asks for b: as long as p is there, b would go back."""
    catalog = {
        **TOOLS,
        **B,
        "p": {"1.0": {"provides": ["tool"], "requires": ["b"]}},
    }
    before: Texts = {"p": None, "b": "2.0"}
    found = kept({"modules": ["tool"]}, catalog, {"p": "1.0", "q": "1.0", "b": "1.0"}, before)
    assert displaced(found, {"p": "1.0", "q": "1.0", "b": "1.0"}) == {"b": "2.0", "p": None}
    assert displaced(found, {"q": "1.0"}) == {}


def test_another_version_of_the_bundle_alone_is_nothing_to_go_back_to() -> None:
    """The request asks for it; beside something else it is told as well."""
    catalog = {**B, "bundle:shop": {"1.0": {"requires": ["b"]}, "2.0": {"requires": ["b"]}}}
    found = kept({"bundle": "bundle:shop>=2"}, catalog, {"bundle:shop": "1.0", "b": "2.0"})
    assert displaced(found, {"bundle:shop": "2.0", "b": "2.0"}) == {}
    told = displaced(found, {"bundle:shop": "2.0", "b": "1.0"})
    assert told == {"shop": "1.0", "b": "2.0"}


def test_a_bundle_that_was_moved_by_others_goes_back() -> None:
    """The request would take what it had, a pre-release like any other."""
    for before in ("2.0", "2.1rc1"):
        catalog: Mapping[str, object] = {"bundle:shop": {"1.0": {}, before: {}}}
        found = kept({"bundle": "bundle:shop>=1"}, catalog, {"bundle:shop": before})
        assert displaced(found, {"bundle:shop": "1.0"}) == {"shop": before}
