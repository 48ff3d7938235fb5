"""Which former lock is the answer again, and which are remembered."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from packaging.version import Version
from tests.fakes.mistaken_catalog import MistakenCatalog
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.package import Package
from recyclic.model.resolution import MOST_FORMER, Displaced, Former, Resolution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import ALL, Preferences
from recyclic.resolve.resolve import resolve

CATALOG: Mapping[str, object] = {
    "till": {"1.0": {}, "1.5": {}, "2.0": {}},
    "labels": {"1.0": {"requires": ["till<2"]}},
    "sorter": {"1.0": {"requires": ["till<1.5"]}},
    "scale": {"1.0": {}, "2.0": {}},
}


def asked(
    *modules: str,
    on: Resolution | None = None,
    catalog: Mapping[str, object] = CATALOG,
    wanted: Preferences | None = None,
) -> Resolution:
    """The answer for those modules, on top of another."""
    it = scenario_of({"ask": {"modules": ["till", *modules]}, "catalog": catalog})
    kept = wanted or Preferences()
    if on is not None:
        kept = replace(kept, locked=on.versions, displaced=on.displaced, before=on.before)
    return resolve(it.request, it.catalog, it.host, kept)


def texts(former: Former | Resolution) -> dict[str, str]:
    return {each.name: str(version) for each, version in former.versions.items()}


def lock(answer: Resolution) -> object:
    return answer.versions, answer.displaced, answer.before


def test_a_lock_that_would_go_back_itself_comes_back() -> None:
    """The sorter moves what the labels had moved; that newer tills came since changes nothing."""
    first = asked()
    second = asked("labels", on=first)
    third = asked("labels", "sorter", on=second)
    assert [texts(each) for each in third.before] == [
        {"till": "2.0"},
        {"labels": "1.0", "till": "1.5"},
    ]
    newer = {**CATALOG, "till": {"1.0": {}, "1.5": {}, "1.6": {}, "2.0": {}, "3.0": {}}}
    assert lock(asked("labels", on=third, catalog=newer)) == lock(second)
    assert lock(asked(on=third, catalog=newer)) == lock(first)


def test_the_first_of_them_that_fits_is_taken() -> None:
    """Its own way back is then known again, and no other."""
    states = [Former({package("till"): Version(text)}) for text in ("1.0", "1.5", "2.0")]
    found = asked(wanted=Preferences(locked=states[2].versions, before=(states[1], states[0])))
    assert texts(found) == {"till": "1.5"}
    assert found.before == ()
    found = asked("scale", wanted=Preferences(locked=states[2].versions, before=tuple(states)))
    assert texts(found) == {"scale": "2.0", "till": "2.0"}
    assert found.before == (*states, states[2])


def test_what_only_came_or_only_went_is_not_remembered() -> None:
    first = asked()
    second = asked("scale", on=first)
    assert second.before == asked(on=second).before == ()
    third = asked("labels")
    assert asked(on=third).before == ()


def test_what_is_upgraded_is_forgotten() -> None:
    """All of it: a lock with the old version in it is not one to go back to."""
    second = asked("labels", on=asked())
    assert second.before
    for upgrade in (frozenset({package("scale")}), ALL):
        wanted = Preferences(upgrade=upgrade)
        assert asked("labels", on=second, wanted=wanted).before == ()
        assert asked(on=second, wanted=wanted).before == ()


def test_only_so_many_are_remembered() -> None:
    """The last ones."""
    till = package("till")
    old: dict[str, object] = {f"0.{at}": {} for at in range(MOST_FORMER)}
    former = tuple(Former({till: Version(text)}) for text in old)
    second = asked("labels", on=asked())
    wanted = {**CATALOG, "till": {**old, "1.0": {}, "1.5": {}, "2.0": {}}}
    third = asked("labels", "sorter", on=replace(second, before=former), catalog=wanted)
    assert len(third.before) == MOST_FORMER
    assert texts(third.before[-1]) == {"labels": "1.0", "till": "1.5"}
    assert third.before[0] == former[1]


def test_what_nothing_asks_for_any_more_is_forgotten() -> None:
    """Whoever takes more away never comes back to it; what is asked for all the same stays."""
    fourth = asked("labels", "scale", "sorter", on=asked("labels", "scale", on=asked("scale")))
    assert [*map(texts, fourth.before)] == [
        {"scale": "2.0", "till": "2.0"},
        {"labels": "1.0", "scale": "2.0", "till": "1.5"},
    ]
    assert [*map(texts, asked("scale", "sorter", on=fourth).before)] == [
        {"scale": "2.0", "till": "2.0"}
    ]
    assert asked("sorter", on=fourth).before == ()
    gone = Former({package("scale"): Version("1.0"), package("till"): Version("2.0")})
    kept = Preferences(locked={package("till"): Version("1.0")}, before=(gone,))
    assert asked("labels", wanted=kept).before == ()


def test_a_former_lock_that_would_change_is_not_the_answer() -> None:
    """It was on its way back itself."""
    till = package("till")
    former = Former({till: Version("1.5")}, {till: (Version("2.0"),)})
    found = asked(wanted=Preferences(locked={till: Version("1.0")}, before=(former,)))
    assert texts(found) == {"till": "1.0"}
    assert found.before == ()


def test_without_an_answer_there_is_a_refusal_as_ever() -> None:
    second = asked("labels", on=asked())
    with pytest.raises(NoSolutionError):
        asked("labels", "nowhere", on=second)
    catalog = {**CATALOG, "labels": {"1.0": {"conflicts": ["till"]}}}
    former = Former({package("till"): Version("2.0"), package("labels"): Version("1.0")})
    with pytest.raises(NoSolutionError):
        asked("labels", catalog=catalog, wanted=Preferences(before=(former,)))


def test_what_is_gone_is_not_gone_back_to() -> None:
    """A version that the catalog lost, a release that misses something, one that is too much."""
    second = asked("labels", on=asked())
    without = {**CATALOG, "till": {"1.0": {}, "1.5": {}}}
    assert texts(asked(on=second, catalog=without)) == {"till": "1.5"}
    missing = {**CATALOG, "till": {"1.0": {}, "1.5": {}, "2.0": {"requires": ["nowhere"]}}}
    assert texts(asked(on=second, catalog=missing)) == {"till": "1.5"}
    superfluous = Former({package("till"): Version("1.0"), package("scale"): Version("1.0")})
    wanted = Preferences(locked=second.versions, before=(superfluous,))
    assert texts(asked(wanted=wanted)) == {"till": "1.5"}


def test_what_cannot_be_read_is_not_gone_back_to() -> None:
    """It is not in the answer, so nobody wants to hear of it."""
    second = asked("labels", on=asked())
    labels, till = package("labels"), package("till")
    for modules, expected in (
        (["till"], {"till": "1.5"}),
        (["till", "labels"], {"labels": "1.0", "till": "1.5"}),
    ):
        it = scenario_of({"ask": {"modules": modules}, "catalog": CATALOG})
        releases = [
            it.catalog.release(p, v) for p in (labels, till) for v in it.catalog.versions(p)
        ]
        catalog = MistakenCatalog(releases, {(till, Version("2.0"))})
        kept = Preferences(locked=second.versions, before=second.before)
        found = resolve(it.request, catalog, it.host, kept)
        assert (texts(found), found.before) == (expected, ())


def test_a_circle_is_gone_round_once() -> None:
    world = {
        **CATALOG,
        "scale": {"1.0": {"requires": ["weights"]}},
        "weights": {"1.0": {"requires": ["scale", "till"]}},
    }
    second = asked("scale", "labels", on=asked("scale", catalog=world), catalog=world)
    assert texts(second.before[0]) == {"scale": "1.0", "till": "2.0", "weights": "1.0"}


def test_there_is_no_way_back_to_what_was_for_another_alone() -> None:
    """Once that one is gone nobody may have it: remembered, it would be anybody's. What goes on
    asking for it is remembered with it, and what was nobody's in particular."""
    world = {
        "till": {"1.0": {}, "2.0": {"yanked": "broken"}},
        "x": {"1.0": {"requires": ["till==2.0"]}, "2.0": {}},
        "stock": {"1.0": {"requires": ["till"]}},
        "labels": {"1.0": {"requires": ["till<2", "x"]}},
    }
    till, x, two = package("till"), package("x"), Version("2.0")

    def on(locked: dict[Package, Version], *modules: str) -> tuple[dict[str, str], Displaced]:
        it = scenario_of({"ask": {"modules": list(modules)}, "catalog": world})
        found = resolve(it.request, it.catalog, it.host, Preferences(locked=locked))
        return texts(found), found.displaced

    both = {x: Version("1.0"), till: two}
    assert on(both, "stock") == ({"stock": "1.0", "till": "1.0"}, {})
    assert on(both, "labels")[1] == {x: (Version("1.0"),), till: (two,)}
    assert on({till: two}, "labels")[1] == {till: (two,)}
