"""Explanations stay short however large the conflict is."""

from tests.bench.resolver import HOST, LazyCatalog, request_of
from tests.bench.resolver_shapes import Workload, w3, w5, w5b, w5c

from recyclic.cli.render_conflict import MOST_LINES, no_solution_json, render_no_solution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.resolve import resolve


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
