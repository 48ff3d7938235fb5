"""What a refusal says: of what kind it is, what each line asks, and what is wrong in the end."""

from collections.abc import Mapping
from itertools import permutations

import pytest
from packaging.version import Version
from tests.fakes.mistaken_catalog import MistakenCatalog
from tests.scenarios.scenario_file import Scenario, scenario_of

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import ROOT, Package, PackageKind
from recyclic.resolve import refusal as refusals
from recyclic.resolve.conflict import Conflict
from recyclic.resolve.derivation import ordered
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.fixes import Effort
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Relation
from recyclic.resolve.resolve import resolve

NOTHING = Effort(budget=0)
B = Package(PackageKind.MODULE, "b")


def asking(*requires: str) -> Mapping[str, object]:
    return {"requires": list(requires)}


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def problem_of(it: Scenario) -> Problem:
    return Problem(it.request, it.catalog, it.host, Preferences())


def refused(catalog: Mapping[str, object], *modules: str, **ask: object) -> NoSolutionError:
    it = scenario_of({"ask": {"modules": list(modules), **ask}, "catalog": catalog})
    return refusals.refusal(problem_of(it), NOTHING)


def told(error: NoSolutionError) -> list[tuple[str, str]]:
    return [(each.depender.name, each.dependency.name) for each in error.relations]


def test_one_end_that_is_not_there_is_what_is_wrong() -> None:
    """Though another release meets somebody else's range in c: that is where it goes on."""
    catalog = {
        "a": {"1.0": asking("b>=9"), "2.0": asking("b>=1")},
        "b": {"1.0": asking("ghost")},
    }
    error = refused(catalog, "a")
    assert told(error) == [("<root>", "a"), ("a", "b"), ("b", "ghost")]
    assert error.kind == "no-such-module"


def test_where_two_ranges_meet_it_is_a_conflict() -> None:
    """One release of a needs what is not there, but the other one does not go with c."""
    catalog = {"a": {"1.0": asking("ghost"), "2.0": asking("c<2")}, "c": {"1.0": {}, "2.0": {}}}
    error = refused(catalog, "a", "c>=2")
    assert told(error) == [("<root>", "a"), ("<root>", "c"), ("a", "c"), ("a", "ghost")]
    assert error.kind == "conflict"


@pytest.mark.parametrize(
    ("wanted", "kind"), [("ghost", "no-such-module"), ("c>=9", "no-version"), ("d", "excluded")]
)
def test_two_ways_to_the_same_dead_end_are_no_conflict(wanted: str, kind: str) -> None:
    """Whichever release of a is taken, nothing could meet what it leads to."""
    catalog = {
        "a": {"1.0": asking("x"), "2.0": asking("y")},
        "x": {"1.0": asking(wanted)},
        "y": {"1.0": asking(wanted)},
        "c": {"1.0": {}},
        "d": {"1.0": {}},
    }
    error = refused(catalog, "a", omit=["d"])
    assert len(error.relations) == 5
    assert error.kind == kind


def test_two_different_dead_ends_are_a_conflict() -> None:
    catalog = {"a": {"1.0": asking("ghost"), "2.0": asking("c>=9")}, "c": {"1.0": {}}}
    assert refused(catalog, "a").kind == "conflict"


def test_only_the_line_that_leaves_out_what_is_missing_is_named() -> None:
    catalog = {"a": {"1.0": asking("d")}, "d": {"1.0": {}}, "e": {"1.0": {}}}
    assert refused(catalog, "a", omit=["e", "d"]).derivation.omitted_at == Place("profile.toml", 21)
    assert refused({"a": {"1.0": {}}}, "a>=2", omit=["e"]).derivation.omitted_at is None


def test_a_step_says_which_releases_ask_for_what() -> None:
    """Oldest first; none where all of those in question do, and none for the root."""
    every: Mapping[str, object] = {f"{number}.0": asking("b<1") for number in range(1, 10)}
    catalog = {"a": {**every, "1.0": asking("b<2"), "9.0": asking("b<2")}, "b": {"3.0": {}}}
    steps = refused(catalog, "a!=2.*,!=4.*", "b").derivation.steps
    (of_root,) = {(step.releases, step.asked[0].versions) for step in steps[:-1]}
    assert of_root == ((), ())
    first, second = steps[-1].asked
    assert (first.specifier, first.versions) == ("<2", ("1.0", "9.0"))
    assert (second.specifier, second.versions) == ("<1", ("3.0", "5.0", "6.0", "7.0", "8.0"))
    assert steps[-1].releases == ("1.0", "3.0", "5.0", "6.0", "7.0", "8.0", "9.0")
    (alone,) = (
        refused({"a": {"1.0": asking("b<1")}, "b": {"1.0": {}}}, "a").derivation.steps[1].asked
    )
    assert alone.versions == ()


def test_few_of_many_releases_are_told_oldest_first() -> None:
    """The first and the ninth of them."""
    every: Mapping[str, object] = {f"{number}.0": {} for number in range(1, 10)}
    asked = {"1.0": asking("b<1"), "9.0": asking("b<1")}
    catalog = {"a": {**every, **asked}, "b": {"1.0": {}}}
    steps = refused(catalog, "a!=2.*,!=3.*,!=4.*,!=5.*,!=6.*,!=7.*,!=8.*").derivation.steps
    assert steps[-1].releases == ("1.0", "9.0")


def test_the_requested_bundle_speaks_for_the_root() -> None:
    """So its versions are not told, though it has some."""
    bundle = {f"{number}.0": asking("a>=9") for number in (1, 2, 3)}
    error = refused({"bundle:shop": bundle, "a": {"1.0": {}}}, bundle="bundle:shop")
    (step,) = error.derivation.steps
    assert step.relation.depender == ROOT
    assert (step.releases, step.asked[0].versions) == ((), ())


def test_the_name_asked_for_first_is_told_whoever_speaks_for_the_root() -> None:
    """In whatever order a bundle names what is not there."""
    for first, second in permutations(("one", "zero")):
        error = refused({"bundle:shop": {"1.0": asking(first, second)}}, bundle="bundle:shop")
        assert told(error) == [("<root>", first)]
        assert [each.relation.dependency.name for each in error.derivation.besides] == [second]


def test_a_message_names_what_clashes_and_what_there_is() -> None:
    error = refused({"a": {"1.0": asking("b>=5")}, "b": {"1.0": {}, "2.0": {}}}, "a")
    assert error.facts == {
        "kind": "no-version",
        "relations": [["<root>", "a"], ["a", "b"]],
        "name": "b",
        "nearest": ["2.0"],
        "known": ["1.0", "2.0"],
    }


def test_a_message_names_nothing_when_only_combinations_clash() -> None:
    """Each release of a leaves a version of x and of y, but not both of those b wants."""
    both: Mapping[str, object] = {"1.0": {}, "2.0": {}}
    catalog = {
        "a": {"1.0": asking("x<2"), "2.0": asking("x>=2", "y<2")},
        "b": {"1.0": asking("x>=2", "y>=2")},
        "x": both,
        "y": both,
    }
    error = refused(catalog, "a", "b")
    assert error.derivation.clash is None
    assert (error.facts["name"], error.facts["known"]) == ("", [])


def mistaken(wanted: str) -> tuple[Scenario, MemoryCatalog]:
    catalog = {"b": {"1.0": {}, "2.0": {"yanked": "broken"}}}
    it = scenario_of({"ask": {"modules": [wanted]}, "catalog": catalog})
    releases = [it.catalog.release(B, version) for version in it.catalog.versions(B)]
    return it, MistakenCatalog(releases, {(B, Version("1.0"))})


def test_a_release_with_mistakes_is_no_way_out() -> None:
    """Any version of b would be it; what does without b is offered, and nothing else is told."""
    it, catalog = mistaken("b>=9")
    with pytest.raises(NoSolutionError) as caught:
        resolve(it.request, catalog, it.host)
    assert caught.value.kind == "no-version"
    assert [fix.patches[0].new for fix in caught.value.fixes] == [None]


def test_a_release_with_mistakes_troubles_only_those_who_need_it() -> None:
    """It is outside the range, so nobody has to know whether it was withdrawn."""
    it, catalog = mistaken("b>1,<3")
    problem = Problem(it.request, catalog, it.host, Preferences())
    found = refusals.derivation_of(problem, [Relation(ROOT, B)])
    assert (found.clash, found.withdrawn) == (B, frozenset({"2.0"}))


def test_a_release_with_mistakes_that_nobody_reached_is_no_matter() -> None:
    """b 1.0 is what a asks for, and never was a way out: neither to it does any fix lead."""
    catalog = {
        "a": {"1.0": {"requires": ["b<2"]}},
        "b": {"1.0": {}, "2.0": {}, "3.0": {}},
    }
    it = scenario_of({"ask": {"modules": ["a", "b>=2"]}, "catalog": catalog})
    known = [(each, found) for each in (module("a"), B) for found in it.catalog.versions(each)]
    releases = [it.catalog.release(each, version) for each, version in known]
    mistaken = MistakenCatalog(releases, {(B, Version("1.0"))})
    with pytest.raises(NoSolutionError) as caught:
        resolve(it.request, mistaken, it.host)
    with pytest.raises(NoSolutionError) as without_mistakes:
        resolve(it.request, it.catalog, it.host)
    usual = without_mistakes.value
    assert caught.value.relations == usual.relations
    assert caught.value.proven
    works = [fix for fix in usual.fixes if ("b", "1.0") not in fix.versions]
    assert [*caught.value.fixes] == works
    assert 0 < len(works) < len(usual.fixes)


def test_it_says_when_there_may_be_a_smaller_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    relation = Relation(ROOT, B)
    monkeypatch.setattr(
        refusals, "smallest_conflict", lambda problem: Conflict((relation,), smallest=False)
    )
    assert not refused({}, "b").proven


def test_a_conflict_is_told_from_the_root_outwards() -> None:
    """Whoever is nearer comes first, whatever the names; those reached from nowhere come last."""
    pairs = [("<root>", "m"), ("<root>", "z"), ("z", "k"), ("k", "a"), ("a", "b"), ("c", "b")]
    relations = [
        Relation(ROOT if one == "<root>" else module(one), module(two)) for one, two in pairs
    ]
    for each in permutations(relations, 3):
        others = [relation for relation in relations if relation not in each]
        assert list(ordered([*each, *others])) == relations
