"""Proofs hold for a checker that shares no code with the resolver, and forged ones do not."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from tests.proof_checker import Catalog, check
from tests.property.effort import law
from tests.property.many_problems import numbered_problem
from tests.property.reference import Reference

from recyclic.model.package import Release, Requirement
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.proof import proof_of_answer, proof_of_refusal
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def plain(problem: DrawnProblem) -> tuple[dict[str, Any], Catalog]:
    """What is asked and what releases declare, as the data the checker reads."""
    catalog: Catalog = {}
    for release in problem.releases:
        catalog.setdefault(name_of(release.package), {})[str(release.version)] = _entry(release)
    request = problem.request
    asked = {
        "needs": sorted(_need("requires", each) for each in request.requirements),
        "host": {"recyclic": str(HOST.core), "python": str(HOST.python)},
        "overrides": {name_of(each.package): str(each.version) for each in request.overrides},
        "left_out": sorted(name_of(each.package) for each in request.omissions),
        "opened": opened(problem),
    }
    return asked, catalog


def opened(problem: DrawnProblem) -> dict[str, list[str]]:
    reference = Reference(problem.request, problem.releases, HOST)
    found: dict[str, list[str]] = {}
    for (package, version), release in sorted(reference.releases.items(), key=lambda it: it[0]):
        doubtful = version.is_prerelease or release.yanked is not None
        if doubtful and reference.opened(package, version):
            found.setdefault(name_of(package), []).append(str(version))
    return found


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


Forgery = tuple[str, dict[str, Any]]


def refused(proof: dict[str, Any], asked: dict[str, Any], catalog: Catalog) -> bool:
    try:
        return bool(check(proof, asked, catalog))
    except LookupError:
        return True


def changed(proof: dict[str, Any], key: str, value: Any) -> Forgery:
    return f"{key} = {value}", {**proof, key: value}


def forged_questions(proof: dict[str, Any]) -> Iterator[Forgery]:
    """Another root, host, override or omission than was asked; the other answer."""
    asked = proof["asked"]
    others: dict[str, Any] = {
        "needs": [["requires", "nobody", ""]],
        "host": {**asked["host"], "python": "9.9"},
        "overrides": {**asked["overrides"], "p0": "9.9"},
        "left_out": [*asked["left_out"], "nobody"],
        "opened": {**asked["opened"], "nobody": ["1.0"]},
    }
    for key, value in others.items():
        yield changed(proof, "asked", {**asked, key: value})
    yield changed(proof, "answer", "no" if proof["answer"] == "yes" else "yes")


def forged_answers(proof: dict[str, Any]) -> Iterator[Forgery]:
    """A package too few, one too many, a version that nobody released."""
    versions = proof["versions"]
    for name in versions:
        yield changed(proof, "versions", {n: versions[n] for n in versions if n != name})
        yield changed(proof, "versions", {**versions, name: "9.9"})
    yield changed(proof, "versions", {**versions, "nobody": "1.0"})


def forged_refusals(proof: dict[str, Any]) -> Iterator[Forgery]:
    """A rule, a step, a choice or who can be chosen is gone; a rule says nothing."""
    for at, rule in enumerate(proof["rules"]):
        before, after = proof["rules"][:at], proof["rules"][at + 1 :]
        yield changed(proof, "rules", before + after)
        for name in rule:
            yield changed(proof, "rules", [*before, {**rule, name: []}, *after])
    yield changed(proof, "steps", proof["steps"][:-1])
    yield changed(proof, "steps", [{"<root>": ["0"]}])
    for name, numbered in proof["choices"].items():
        if any(name in rule for rule in proof["rules"]):
            for number in numbered:
                fewer = {n: numbered[n] for n in numbered if n != number}
                yield changed(proof, "choices", {**proof["choices"], name: fewer})


def test_every_corruption_is_refused() -> None:
    """Of 300 proofs, each changed in every one of these ways."""
    tried = {"yes": 0, "no": 0}
    for seed in range(300):
        problem = numbered_problem(seed)
        proof, (asked, catalog) = proof_of(problem), plain(problem)
        assert check(proof, asked, catalog) == [], seed
        forge = forged_answers if proof["answer"] == "yes" else forged_refusals
        for what, forged in [*forged_questions(proof), *forge(proof)]:
            assert refused(forged, asked, catalog), f"{seed}: {what}"
            tried[proof["answer"]] += 1
    assert min(tried.values()) > 500


@pytest.mark.parametrize(
    ("asks", "known", "opened", "true"),
    [
        ("p", {"1.0": {}, "2.0rc1": {}}, {}, False),
        ("p>=2", {"1.0": {}, "2.0rc1": {}}, {}, True),
        ("p>=2.0rc1", {"1.0": {}, "2.0rc1": {}}, {}, False),
        ("p", {"2.0rc1": {}}, {}, False),
        ("p>1", {"1.0": {}, "2.0rc1": {}}, {"p": ["2.0rc1"]}, False),
        ("p", {"1.0": {"yanked": True}}, {}, True),
        ("p==1.0", {"1.0": {"yanked": True}}, {}, False),
        ("p==1.*", {"1.0": {"yanked": True}}, {}, True),
        ("p", {"1.0": {"yanked": True}}, {"p": ["1.0"]}, False),
        ("tool", {"1.0": {"yanked": True, "provides": {"tool": None}}}, {}, True),
        ("tool==1", {"1.0": {"yanked": True, "provides": {"tool": "1.0"}}}, {}, True),
        ("tool", {"1.0": {"provides": {"tool": None}}}, {}, False),
    ],
)
def test_a_no_counts_who_can_be_had(
    asks: str, known: dict[str, Any], opened: dict[str, list[str]], true: bool
) -> None:
    """An early or withdrawn version where it is asked for or opened, and only there."""
    name = asks.strip("=<>0123456789.rc*")
    asked: dict[str, Any] = {"host": {}, "overrides": {}, "left_out": [], "opened": opened}
    asked["needs"] = [["requires", "a", ""]]
    releases = {version: {"needs": [], **each} for version, each in known.items()}
    catalog = {"a": {"1.0": {"needs": [["requires", name, asks[len(name) :]]]}}, "p": releases}
    rules = [{"a": ["1.0"]}, {"<root>": ["0"], "a": [None]}]
    proof = {"answer": "no", "asked": asked, "choices": {}, "rules": rules, "steps": [{}]}
    assert (check(proof, asked, catalog) == []) == true


def only(catalog: Catalog, reasons: set[tuple[str, str]]) -> Catalog:
    """The same releases, of whose needs only those between these names are left."""
    found = copy.deepcopy(catalog)
    for name, releases in found.items():
        for release in releases.values():
            release["needs"] = [need for need in release["needs"] if (name, need[1]) in reasons]
    return found


def test_a_refusal_does_not_outlive_its_reasons() -> None:
    """Of its reasons no one may be missing from the manifests; all others may."""
    tried = 0
    for seed in range(600):
        problem = numbered_problem(seed)
        question = Problem(problem.request, problem.catalog, HOST, Preferences())
        try:
            resolve(problem.request, problem.catalog, HOST, fix_budget=0)
        except NoSolutionError as error:
            proof, (asked, catalog) = proof_of_refusal(question, error), plain(problem)
            reasons = {(name_of(r.depender), name_of(r.dependency)) for r in error.relations}
            assert check(proof, asked, only(catalog, reasons)) == [], seed
            # The checker lets a pre-release or withdrawn version be refused without a reason.
            unsure = [r for r in problem.releases if r.yanked or r.version.is_prerelease]
            named = {name for reason in reasons for name in reason}
            doubtful = any(r.provides or name_of(r.package) in named for r in unsure)
            for reason in reasons:
                if reason[0] != "<root>" and not doubtful:
                    fewer = only(catalog, reasons - {reason})
                    assert refused(proof, asked, fewer), f"{seed}: without {reason}"
                    tried += 1
    assert tried > 20
