"""Proofs hold for a checker that shares no code with the resolver, and forged ones do not."""

import copy
from typing import Any

from hypothesis import given
from tests.proof_checker import Catalog, check
from tests.property.effort import law

from recyclic.model.package import Release, Requirement
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.proof import proof_of_answer, proof_of_refusal
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def plain(problem: DrawnProblem) -> tuple[list[list[str]], Catalog]:
    """What is asked and what releases declare, as the data the checker reads."""
    catalog: Catalog = {}
    for release in problem.releases:
        catalog.setdefault(name_of(release.package), {})[str(release.version)] = _entry(release)
    return [_need("requires", each) for each in problem.request.requirements], catalog


def _entry(release: Release) -> dict[str, Any]:
    asked = [("requires", release.requires), ("optional", release.optional)]
    asked.append(("conflicts", release.conflicts))
    return {
        "needs": [_need(kind, each) for kind, many in asked for each in many],
        "provides": {each.name: each.version and str(each.version) for each in release.provides},
        "yanked": release.yanked is not None,
    }


def _need(kind: str, requirement: Requirement) -> list[str]:
    return [kind, name_of(requirement.package), str(requirement.specifier)]


def proof_of(problem: DrawnProblem) -> dict[str, Any]:
    question = Problem(problem.request, problem.catalog, HOST, Preferences())
    try:
        return proof_of_answer(
            question, resolve(problem.request, problem.catalog, HOST, fix_budget=0)
        )
    except NoSolutionError as error:
        return proof_of_refusal(question, error)


@law
@given(problems(most_packages=8))
def test_every_proof_is_accepted(problem: DrawnProblem) -> None:
    """For yes and for no."""
    assert check(proof_of(problem), *plain(problem)) == []


@law
@given(problems(most_packages=8))
def test_a_forged_proof_is_refused(problem: DrawnProblem) -> None:
    """Leave out any one version of an answer, or any one rule of a refusal, and it shows."""
    proof = proof_of(problem)
    key = "versions" if proof["answer"] == "yes" else "rules"
    for at in list(proof[key]) if key == "versions" else range(len(proof[key])):
        forged = copy.deepcopy(proof)
        del forged[key][at]
        assert check(forged, *plain(problem)), f"without {at} it was accepted all the same"
