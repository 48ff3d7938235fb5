"""Laws of the resolver that need no oracle: order, locks, fewer demands, fewer versions."""

import random
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from tests.property.effort import hard_law, law
from tests.property.reference import Reference

from recyclic.model.package import Package
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences, Strategy
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, preferences, problems


def outcome(
    problem: DrawnProblem, wanted: Preferences | None = None
) -> Resolution | NoSolutionError:
    try:
        return resolve(
            problem.request, problem.catalog, HOST, wanted or Preferences(), fix_budget=0
        )
    except NoSolutionError as error:
        return error


def shuffled(problem: DrawnProblem, seed: int) -> DrawnProblem:
    """The same problem as other files, tables and directories would give it."""
    shuffle = random.Random(seed).sample
    releases = [
        replace(
            release,
            requires=tuple(shuffle(release.requires, len(release.requires))),
            provides=tuple(shuffle(release.provides, len(release.provides))),
        )
        for release in problem.releases
    ]
    asked = problem.request.requirements
    request = replace(problem.request, requirements=tuple(shuffle(asked, len(asked))))
    return DrawnProblem(request, tuple(shuffle(releases, len(releases))))


@law
@given(problems(most_packages=8), st.integers(0, 1000))
def test_order_of_input_changes_nothing(problem: DrawnProblem, seed: int) -> None:
    """The answer, its order, and the conflict told are the same for any order of files."""
    one, other = outcome(problem), outcome(shuffled(problem, seed))
    if isinstance(one, Resolution):
        assert isinstance(other, Resolution)
        assert list(one.versions.items()) == list(other.versions.items())
        assert one.required_by == other.required_by
        assert one.chosen_providers == other.chosen_providers
    else:
        assert isinstance(other, NoSolutionError)
        assert (one.relations, one.kind) == (other.relations, other.kind)
        assert one.derivation == other.derivation


@law
@given(problems(most_packages=8))
def test_resolving_a_lock_again_changes_nothing(problem: DrawnProblem) -> None:
    """Locked or installed, the answer is its own lock."""
    first = outcome(problem)
    if isinstance(first, Resolution):
        for wanted in (Preferences(locked=first.versions), Preferences(installed=first.versions)):
            again = outcome(problem, wanted)
            assert isinstance(again, Resolution)
            assert again.versions == first.versions


@law
@given(problems(most_packages=8), st.data())
def test_dropping_a_requirement_never_breaks(problem: DrawnProblem, data: st.DataObject) -> None:
    """Who asks for less gets an answer where there was one."""
    if isinstance(outcome(problem), Resolution):
        dropped = data.draw(st.sampled_from(problem.request.requirements))
        asked = tuple(each for each in problem.request.requirements if each != dropped)
        fewer = replace(problem, request=replace(problem.request, requirements=asked))
        # What only the dropped line opened (a pre-release, a withdrawn version) stays open.
        first = outcome(problem)
        assert isinstance(first, Resolution)
        assert isinstance(outcome(fewer, Preferences(locked=first.versions)), Resolution)


@law
@given(problems(most_packages=8), st.data())
def test_a_version_nobody_chose_can_be_removed(problem: DrawnProblem, data: st.DataObject) -> None:
    """There still is an answer, and with a lock the same one."""
    first = outcome(problem)
    if not isinstance(first, Resolution):
        return
    unused = [r for r in problem.releases if first.versions.get(r.package) != r.version]
    if unused:
        gone = data.draw(st.sampled_from(unused))
        kept = tuple(release for release in problem.releases if release is not gone)
        again = outcome(replace(problem, releases=kept), Preferences(locked=first.versions))
        assert isinstance(again, Resolution)
        assert again.versions == first.versions


@hard_law
@given(problems(most_packages=4), st.data())
def test_as_little_as_possible_of_what_is_kept_moves(
    problem: DrawnProblem, data: st.DataObject
) -> None:
    """No other answer moves fewer of the locked and installed packages."""
    wanted = data.draw(preferences(problem.releases))
    answer = outcome(problem, wanted)
    reference = Reference(problem.request, problem.releases, HOST, wanted)
    if not isinstance(answer, Resolution):
        assert not reference.satisfiable()
        return
    kept = {package: wanted.preferred(package) for package in wanted.keeps()}

    def moved(versions: Mapping[Package, Version]) -> int:
        return sum(
            versions[package] != version for package, version in kept.items() if package in versions
        )

    needed = [each for each in reference.every_answer() if not superfluous(reference, each)]
    assert moved(answer.versions) <= min(map(moved, needed))


def superfluous(reference: Reference, answer: Mapping[Package, Version]) -> bool:
    return any(
        not reference.violations({each: v for each, v in answer.items() if each != package})
        for package in answer
    )


@law
@given(problems(most_packages=8), st.data(), st.sampled_from(Strategy))
def test_preferences_never_decide_whether_there_is_an_answer(
    problem: DrawnProblem, data: st.DataObject, strategy: Strategy
) -> None:
    """They choose between right answers."""
    wanted = replace(data.draw(preferences(problem.releases)), strategy=strategy)
    reference = Reference(problem.request, problem.releases, HOST, wanted)
    answer = outcome(problem, wanted)
    assert isinstance(answer, Resolution) == reference.satisfiable()
    if isinstance(answer, Resolution):
        assert reference.violations(answer.versions) == []


@law
@given(problems(most_packages=8))
def test_the_lowest_of_the_lowest_is_never_newer(problem: DrawnProblem) -> None:
    """With one requested package, the lowest strategy gives the oldest that can be had."""
    first, *_ = problem.request.requirements
    one = replace(problem, request=Request("drawn", None, (first,)))
    newest = outcome(one)
    oldest = outcome(one, Preferences(strategy=Strategy.LOWEST))
    if isinstance(newest, Resolution):
        assert isinstance(oldest, Resolution)
        if first.package in newest.versions and first.package in oldest.versions:
            assert oldest.versions[first.package] <= newest.versions[first.package]
