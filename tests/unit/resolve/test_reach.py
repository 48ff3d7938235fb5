"""Which releases a conflict is about, its relations seen one at a time."""

from collections.abc import Mapping

from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.package import ROOT
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.reach import Reach
from recyclic.resolve.relation import Relation
from recyclic.resolve.term import state_of

A, B = package("a"), package("b")


def reach(ask: Mapping[str, object], catalog: Mapping[str, object], *relations: Relation) -> Reach:
    it = scenario_of({"ask": ask, "catalog": catalog})
    return Reach(Problem(it.request, it.catalog, it.host, Preferences()), relations)


BOTH: Mapping[str, object] = {"1.0": {}, "2.0": {}}


def test_what_one_relation_leaves_bears_on_the_next_in_whatever_order() -> None:
    """a is 1.0, so b has to be below 1, though a 2.0 would take any. b clashes, and what its
    versions ask can still be told."""
    catalog = {"a": {"1.0": {"requires": ["b<1"]}, "2.0": {"requires": ["b"]}}, "b": BOTH}
    pair = (Relation(A, B), Relation(ROOT, A))
    for relations in (pair, pair[::-1]):
        found = reach({"modules": ["a<2"]}, catalog, *relations)
        assert found.clash == B
        assert found.left(A) == state_of(0)
        assert found.left(B) == state_of(0) | state_of(1)


def test_nothing_clashes_while_everything_has_a_version_left() -> None:
    catalog = {"a": {"1.0": {"requires": ["b<2"]}, "2.0": {"conflicts": ["b"]}}, "b": BOTH}
    found = reach({"modules": ["a"]}, catalog, Relation(ROOT, A), Relation(A, B))
    assert found.clash is None
    assert (found.left(A), found.left(B)) == (state_of(0) | state_of(1), state_of(0))


def test_what_nobody_knows_has_nothing_left() -> None:
    assert reach({"modules": ["a"]}, {}, Relation(ROOT, A)).clash == A


def test_only_versions_of_the_bundle_that_are_asked_for_speak() -> None:
    """shop 1.0 would leave a at 1.0 too; the newest of those in question is heard first."""
    catalog = {
        "bundle:shop": {
            "1.0": {"requires": ["a<2"]},
            "2.0": {"requires": ["a>=2"]},
            "3.0": {"requires": ["a>1"]},
        },
        "a": BOTH,
    }
    relation = Relation(ROOT, A)
    found = reach({"bundle": "bundle:shop>=2"}, catalog, relation)
    assert found.left(A) == state_of(1)
    told = [str(need.requirement) for _, _, need in found.needs(relation)]
    assert told == ["a>1", "a>=2"]
