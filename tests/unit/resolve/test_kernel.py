"""The smallest conflict of a request, also where it is not the one that is met first."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.scenarios.scenario_file import scenario_of

from recyclic.resolve.kernel import smallest_conflict
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Relation

Catalog = Mapping[str, Mapping[str, Mapping[str, Any]]]


def both(*requires: str) -> Mapping[str, Mapping[str, Any]]:
    """Two versions that ask for the same."""
    return {"1.0": {"requires": [*requires]}, "2.0": {"requires": [*requires]}}


def names(relations: Sequence[Relation]) -> list[str]:
    return sorted(f"{each.depender.name} {each.dependency.name}" for each in relations)


def told(modules: list[str], catalog: Catalog) -> tuple[list[str], list[str], list[str]]:
    """The conflict, the others, and what was touched."""
    it = scenario_of({"ask": {"modules": modules}, "catalog": catalog})
    found = smallest_conflict(Problem(it.request, it.catalog, it.host, it.preferences))
    assert found.smallest
    return names(found.relations), names(found.others), names(found.touched)


def test_a_chain_is_all_of_it() -> None:
    """No link can be left out, and there is nothing else."""
    catalog = {"a": both("b"), "b": both("c"), "c": both("gone")}
    assert told(["a"], catalog) == (["<root> a", "a b", "b c", "c gone"], [], [])


def test_a_shorter_way_to_the_same_clash() -> None:
    """z does not go with what a asks for through p; b asks for the same itself, and is decided
    after it."""
    catalog = {
        "a": {"1.0": {"requires": ["p"]}},
        "p": {"1.0": {"requires": ["c<2"]}},
        "b": both("c<2"),
        "z": both("c>=2"),
        "c": {"1.0": {}, "2.0": {}},
    }
    assert told(["a", "b", "z"], catalog) == (["<root> b", "<root> z", "b c", "z c"], [], [])


def test_a_shorter_conflict_somewhere_else() -> None:
    """The long one is met first; what it ends in is told besides."""
    long: Catalog = {
        "a": {"1.0": {"requires": ["b"]}},
        "b": {"1.0": {"requires": ["c"]}},
        "c": {"1.0": {"requires": ["gone"]}},
    }
    short = {"z": {**both("y"), "3.0": {"requires": ["y"]}}, "y": both("lost")}
    expected = (["<root> z", "y lost", "z y"], ["c gone"], ["c gone"])
    assert told(["a", "z"], {**long, **short}) == expected


def test_what_goes_wrong_as_well_is_touched() -> None:
    """b asks for two things that cannot be: one of both is the conflict, and shares b with the
    other, which is no matter without it."""
    catalog: Catalog = {
        "a": {"1.0": {"requires": ["c<2"]}},
        "b": {"1.0": {"requires": ["c>=2", "gone"]}},
        "c": {"1.0": {}, "2.0": {}},
    }
    assert told(["a", "b"], catalog) == (["<root> b", "b gone"], [], ["b c"])
