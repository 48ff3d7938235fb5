"""What a proof looks like: the same bytes for the same question, and nothing that is not used."""

from collections.abc import Mapping

import pytest
from tests.property.many_problems import numbered_problem
from tests.scenarios.scenario_file import Scenario, scenario_of

from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.proof import Document, proof_of_answer, proof_of_refusal
from recyclic.resolve.resolve import resolve
from recyclic.resolve.solver import Refused, Solver
from recyclic.testing.strategies import HOST


def proof_of(it: Scenario) -> Document:
    problem = Problem(it.request, it.catalog, it.host, Preferences())
    try:
        return proof_of_answer(problem, resolve(it.request, it.catalog, it.host))
    except NoSolutionError as error:
        return proof_of_refusal(problem, error)


ASK = {
    "bundle": "bundle:shop",
    "modules": ["b<2", "a"],
    "omit": ["y", "x"],
    "override": {"c": "1.0"},
}
ASKED = {
    "needs": [
        ["requires", "a", ""],
        ["requires", "b", "<2"],
        ["requires", "bundle:shop", ""],
    ],
    "host": {"recyclic": "1.0", "python": "3.12"},
    "overrides": {"c": "1.0"},
    "left_out": ["x", "y"],
    "opened": {},
}


def test_the_proof_of_an_answer_is_what_was_asked_and_chosen() -> None:
    """``format`` comes first."""
    catalog: Mapping[str, object] = {
        "bundle:shop": {"1.0": {}},
        "a": {"1.0": {}},
        "b": {"1.0": {}, "2.0": {}},
    }
    proof = proof_of(scenario_of({"ask": ASK, "catalog": catalog}))
    assert list(proof.items()) == [
        ("format", 3),
        ("answer", "yes"),
        ("asked", ASKED),
        ("versions", {"bundle:shop": "1.0", "a": "1.0", "b": "1.0"}),
    ]


def test_the_proof_of_a_refusal_is_rules_in_order_and_what_follows() -> None:
    """A choice names who can be chosen, without the withdrawn versions nobody may count on."""
    catalog = {
        "bundle:shop": {"1.0": {}},
        "a": {"1.0": {"requires": ["tool"]}},
        "b": {"1.0": {"conflicts": ["p", "q"]}, "2.0": {}},
        "p": {"1.0": {"provides": ["tool"]}, "2.0": {"provides": ["tool"], "yanked": "broken"}},
        "q": {"1.0": {"provides": ["tool"]}},
    }
    proof = proof_of(scenario_of({"ask": ASK, "catalog": catalog}))
    assert list(proof) == ["format", "answer", "asked", "choices", "rules", "steps"]
    assert (proof["format"], proof["answer"], proof["asked"]) == (3, "no", ASKED)
    ((choice, who),) = proof["choices"].items()
    assert choice.startswith("tool#")
    assert who == {"0": ["p", ["1.0"]], "1": ["q", ["1.0"]]}
    assert proof["rules"] == sorted(proof["rules"], key=repr)
    assert {"a": ["1.0"], choice: [None]} in proof["rules"]
    assert proof["steps"][-1] == {}
    for each in (*proof["rules"], *proof["steps"]):
        assert list(each) == sorted(each)


def test_a_proof_has_only_the_steps_that_lead_to_its_end() -> None:
    """Here one thing more is learned than that."""
    drawn = numbered_problem(1036)
    problem = Problem(drawn.request, drawn.catalog, HOST, Preferences())
    with pytest.raises(NoSolutionError) as caught:
        resolve(drawn.request, drawn.catalog, HOST, fix_budget=0)
    told = frozenset(caught.value.relations)
    solver = Solver(CatalogProvider(problem, told.__contains__))
    verdict = solver.solve()
    assert isinstance(verdict, Refused)
    used = [found for found in verdict.derivation.closure() if found.antecedents]
    assert len(used) < len(solver.learned)
    assert len(proof_of_refusal(problem, caught.value)["steps"]) == len(used)
