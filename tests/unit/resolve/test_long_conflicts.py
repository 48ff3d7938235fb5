"""Explanations stay short however large the conflict is."""

import pytest
from packaging.specifiers import SpecifierSet
from tests.bench.resolver import HOST, LazyCatalog, request_of
from tests.bench.resolver_shapes import Workload, w3, w5, w5b, w5c

from recyclic.cli.render_conflict import MOST_LINES, no_solution_json, render_no_solution
from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, PackageKind, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.provider import Provider
from recyclic.resolve.reporter import Reporter
from recyclic.resolve.resolve import resolve
from recyclic.resolve.solver import Solver

ANY = SpecifierSet()


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def refusal(workload: Workload) -> NoSolutionError:
    try:
        resolve(request_of(workload), LazyCatalog(workload), HOST)
    except NoSolutionError as error:
        return error
    raise AssertionError("there is no answer")


def test_a_pigeonhole_is_summed_up() -> None:
    """49 relations, all of them needed, in fewer lines; all of them in the JSON."""
    error = refusal(w5b())
    assert (len(error.relations), error.proven) == (49, True)
    assert len(render_no_solution(error).splitlines()) <= MOST_LINES
    assert len(no_solution_json(error)["relations"]) == 49


def test_a_deep_conflict_is_one_line_a_relation() -> None:
    """22 packages of 422 that the proof needs, and none of the others."""
    error = refusal(w5())
    assert error.proven
    assert len(error.relations) == 23
    assert all(each.dependency.name.startswith("zq") for each in error.relations)
    lines = render_no_solution(error).splitlines()
    assert len(lines) <= len(error.relations) + 2 + 1 + len(error.fixes)


def test_a_cycle_of_two_ends() -> None:
    """Three relations; resolvers that backtrack without learning do not end here."""
    assert len(refusal(w5c()).relations) == 3


def test_a_chain_of_two_thousand_is_no_problem() -> None:
    """Nothing here recurses over the depth of a graph."""
    workload = w3()
    assert len(resolve(request_of(workload), LazyCatalog(workload), HOST).versions) == 2000


def many_missing(count: int) -> NoSolutionError:
    names = [f"x{number}" for number in range(count)]
    lines = [
        Requirement(module(name), ANY, Place("shop.toml", at)) for at, name in enumerate(names)
    ]
    try:
        resolve(Request("lyon", None, requirements=tuple(lines[::-1])), MemoryCatalog(()), HOST)
    except NoSolutionError as error:
        return error
    raise AssertionError("there is no answer")


def test_names_that_are_not_there_are_told_together() -> None:
    """The first by its place is the conflict: one name is the smallest there is. The others are
    named with their places, as many as fit on a line; all of them are in the JSON."""
    error = many_missing(3000)
    assert [each.dependency.name for each in error.relations] == ["x0"]
    assert error.proven
    text = render_no_solution(error)
    assert len(text.splitlines()) <= MOST_LINES
    assert "either: x1 (shop.toml:1), x2 (shop.toml:2)," in text
    assert text.endswith("x6 (shop.toml:6) and 2993 more.")
    besides = no_solution_json(error)["besides"]
    assert [each["line"] for each in besides] == list(range(1, 3000))
    assert besides[0] == {
        "depender": "<root>",
        "dependency": "x1",
        "missing": True,
        "file": "shop.toml",
        "line": 1,
    }


def test_the_others_are_told_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    last = render_no_solution(many_missing(9)).splitlines()[-1]
    assert last.startswith("  Absents du catalogue eux aussi : x1 (shop.toml:1), ")
    assert last.endswith(" et 2 de plus.")


def test_many_conflicts_take_few_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, each of them would take its own."""
    made = 0
    init = Solver.__init__

    def counted(solver: Solver, provider: Provider, reporter: Reporter | None = None) -> None:
        nonlocal made
        made += 1
        init(solver, provider, reporter)

    monkeypatch.setattr(Solver, "__init__", counted)
    many_missing(100)
    assert made < 40
