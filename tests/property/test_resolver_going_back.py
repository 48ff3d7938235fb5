"""What is added and taken away again leaves no trace: the lock remembers what it displaced."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from tests.property.effort import law

from recyclic.model.package import Package, Requirement
from recyclic.model.resolution import Displaced, Former, Resolution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, preferences, problems

Lock = tuple[Mapping[Package, Version], Displaced, tuple[Former, ...]]


def lock_of(answer: Resolution) -> Lock:
    """All that a config.toml keeps of an answer for the next resolution."""
    return answer.versions, answer.displaced, answer.before


def after(
    problem: DrawnProblem, asked: tuple[Requirement, ...], lock: Lock | Preferences
) -> Resolution | None:
    """The answer for those lines on top of a lock; None when there is none."""
    if isinstance(lock, Preferences):
        kept = lock
    else:
        kept = Preferences(locked=lock[0], displaced=lock[1], before=lock[2])
    request = replace(problem.request, requirements=asked)
    try:
        return resolve(request, problem.catalog, HOST, kept, fix_budget=0)
    except NoSolutionError:
        return None


@law
@given(problems(most_packages=8), st.data())
def test_a_lock_is_its_own_answer(problem: DrawnProblem, data: st.DataObject) -> None:
    """Whatever it was made from, and whatever it had to displace."""
    asked = problem.request.requirements
    answer = after(problem, asked, data.draw(preferences(problem.releases)))
    for _ in range(2):
        if answer is not None:
            again = after(problem, asked, lock_of(answer))
            assert again is not None
            assert lock_of(again) == lock_of(answer)
            fewer = after(problem, asked[:1], lock_of(answer))
            answer = fewer and after(problem, asked, lock_of(fewer))


@law
@given(problems(most_packages=8), st.data())
def test_adding_and_removing_gives_the_first_lock_back(
    problem: DrawnProblem, data: st.DataObject
) -> None:
    """Also where the addition moved, pushed out or replaced what was there.

    The first lock is one in which nothing is displaced; others follow below.
    """
    *others, added = problem.request.requirements
    asked = tuple(others)
    first = after(problem, asked, data.draw(preferences(problem.releases)))
    if first is None:
        return
    second = after(problem, (*asked, added), lock_of(first))
    if second is not None:
        third = after(problem, asked, lock_of(second))
        assert third is not None
        assert lock_of(third) == lock_of(first), (second.versions, second.displaced)


@law
@given(problems(most_packages=8), st.data(), st.booleans())
def test_two_additions_can_go_in_any_order(
    problem: DrawnProblem, data: st.DataObject, last_first: bool
) -> None:
    """The lock in between is not the point: the last one is the first again."""
    asked = problem.request.requirements
    if len(asked) < 3:
        return
    one, two, three = asked[:3]
    first = after(problem, (one,), data.draw(preferences(problem.releases)))
    second = first and after(problem, (one, two), lock_of(first))
    third = second and after(problem, asked[:3], lock_of(second))
    if first is None or first.displaced or third is None:
        return
    fourth = after(problem, (one, two) if last_first else (one, three), lock_of(third))
    assert fourth is not None
    fifth = after(problem, (one,), lock_of(fourth))
    assert fifth is not None
    assert lock_of(fifth) == lock_of(first)


@law
@given(problems(most_packages=8), st.data())
def test_nothing_is_remembered_where_nothing_was_displaced(
    problem: DrawnProblem, data: st.DataObject
) -> None:
    """The table is there only for what is not where it was."""
    wanted = data.draw(preferences(problem.releases))
    answer = after(problem, problem.request.requirements, wanted)
    if answer is None:
        return
    for package, stood in answer.displaced.items():
        assert len(stood) == 1
        assert answer.versions.get(package) != stood[0]
        assert stood[0] is None or stood[0] == wanted.preferred(package)
    fresh = after(problem, problem.request.requirements, Preferences())
    assert fresh is None or not fresh.displaced
