"""The resolver against two oracles that share no code with it."""

from hypothesis import given
from tests.property.effort import hard_law, law
from tests.property.reference import Reference

from recyclic.model.resolution import Resolution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def answer_to(problem: DrawnProblem) -> Resolution | None:
    try:
        return resolve(problem.request, problem.catalog, HOST, fix_budget=0)
    except NoSolutionError:
        return None


@hard_law
@given(problems(most_packages=4))
def test_the_oracles_agree_with_each_other(problem: DrawnProblem) -> None:
    """Trying everything and asking a SAT solver come to the same: so either may judge."""
    reference = Reference(problem.request, problem.releases, HOST)
    assert reference.satisfiable() == any(True for _ in reference.every_answer())


@law
@given(problems(most_packages=9))
def test_says_yes_exactly_when_there_is_an_answer(problem: DrawnProblem) -> None:
    """Sound and complete, on catalogs far beyond trying everything."""
    reference = Reference(problem.request, problem.releases, HOST)
    assert (answer_to(problem) is not None) == reference.satisfiable()


@law
@given(problems(most_packages=9))
def test_an_answer_meets_everything(problem: DrawnProblem) -> None:
    """Requirements, capabilities, conflicts, optional ones, omissions, overrides."""
    answer = answer_to(problem)
    if answer is not None:
        reference = Reference(problem.request, problem.releases, HOST)
        assert reference.violations(answer.versions) == []


@law
@given(problems(most_packages=9))
def test_an_answer_holds_nothing_superfluous(problem: DrawnProblem) -> None:
    """Taking any one package out leaves something unmet."""
    answer = answer_to(problem)
    if answer is not None:
        reference = Reference(problem.request, problem.releases, HOST)
        for package in answer.versions:
            rest = {each: v for each, v in answer.versions.items() if each != package}
            assert reference.violations(rest), f"{package} can go"


@hard_law
@given(problems(most_packages=4))
def test_nothing_requested_is_needlessly_old(problem: DrawnProblem) -> None:
    """No other answer has one requested package newer and none older."""
    answer = answer_to(problem)
    if answer is None:
        return
    asked = {each.package for each in problem.request.requirements} & set(answer.versions)
    for other in Reference(problem.request, problem.releases, HOST).every_answer():
        pairs = [(other.get(package), answer.versions[package]) for package in asked]
        if all(theirs is not None and theirs >= ours for theirs, ours in pairs):
            assert all(theirs == ours for theirs, ours in pairs), (other, answer.versions)


@law
@given(problems(most_packages=8))
def test_the_conflict_told_is_the_smallest_there_is(problem: DrawnProblem) -> None:
    """As small as what an exact method of others finds, and really a conflict."""
    try:
        resolve(problem.request, problem.catalog, HOST, fix_budget=0)
    except NoSolutionError as error:
        reference = Reference(problem.request, problem.releases, HOST)
        assert error.proven
        assert len(error.relations) == len(reference.smallest_conflict())
        told = {(each.depender, each.dependency) for each in error.relations}
        assert not reference.satisfiable_with(told)


@law
@given(problems(most_packages=9))
def test_each_line_of_an_explanation_says_something(problem: DrawnProblem) -> None:
    """Whoever asks in a conflict is told with what it asks, also where no version of it is left."""
    try:
        resolve(problem.request, problem.catalog, HOST, fix_budget=0)
    except NoSolutionError as error:
        assert [step.relation for step in error.derivation.steps] == list(error.relations)
        assert all(step.asked for step in error.derivation.steps)
