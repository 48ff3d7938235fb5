"""The laws on many problems at once, each judged by what shares no code with the solver.

``RECYCLIC_HUNT=20000`` looks at as many others, on every run.
"""

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from packaging.version import Version
from tests.property.many_problems import (
    layered_problem,
    numbered_preferences,
    numbered_problem,
)
from tests.property.reference import Reference
from tests.property.test_resolver_going_back import after, lock_of

from recyclic.model.package import Package, PackageKind, Requirement
from recyclic.model.resolution import Resolution
from recyclic.resolve import kernel
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem

_HUNT = int(os.environ.get("RECYCLIC_HUNT", "0"))


def numbers(usual: int) -> Iterator[int]:
    """The same small numbers always, or many that nobody has tried."""
    first = random.SystemRandom().randrange(1 << 40) if _HUNT else 0
    return iter(range(first, first + (_HUNT or usual)))


def outcome(problem: DrawnProblem, wanted: Preferences) -> Resolution | NoSolutionError:
    try:
        return resolve(problem.request, problem.catalog, HOST, wanted, fix_budget=0)
    except NoSolutionError as error:
        return error


def test_answers_are_right_and_refusals_are_true_and_smallest() -> None:
    """Whatever is locked: sound, complete, nothing superfluous, no smaller conflict."""
    for seed in numbers(400):
        problem = numbered_problem(seed)
        wanted = numbered_preferences(seed, problem.releases)
        reference = Reference(problem.request, problem.releases, HOST, wanted)
        found = outcome(problem, wanted)
        if isinstance(found, Resolution):
            assert reference.violations(found.versions) == [], seed
            for package in found.versions:
                rest = {each: v for each, v in found.versions.items() if each != package}
                assert reference.violations(rest), (seed, package)
        else:
            assert not reference.satisfiable(), seed
            assert found.proven, seed
            told = {(each.depender, each.dependency) for each in found.relations}
            assert len(told) == len(reference.smallest_conflict()), seed
            assert not reference.satisfiable_with(told), seed


def test_many_conflicts_found_at_once_are_told_as_truly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every request were wrong in a hundred places: no smaller conflict, and what is told
    besides is wrong whatever becomes of the conflict, and all that is."""
    monkeypatch.setattr(kernel, "_ONE_BY_ONE", 1)
    several = 0
    for seed in numbers(400):
        problem = numbered_problem(seed)
        found = outcome(problem, Preferences())
        if isinstance(found, Resolution):
            continue
        reference = Reference(problem.request, problem.releases, HOST)
        told = {(each.depender, each.dependency) for each in found.relations}
        assert found.proven, seed
        assert len(told) == len(reference.smallest_conflict()), seed
        assert not reference.satisfiable_with(told), seed
        besides = {
            (each.relation.depender, each.relation.dependency)
            for each in found.derivation.besides
            if not each.missing
        }
        missing = {
            (each.relation.depender, each.relation.dependency)
            for each in found.derivation.besides
            if each.missing
        }
        known = {release.package for release in problem.releases} | provided(problem)
        assert not any(dependency in known for _, dependency in missing), seed
        several += bool(besides)
        others = {pair for pair, _ in reference.clauses()[1]} - told
        assert not besides or not reference.satisfiable_with(others), seed
        assert reference.satisfiable_with(others - besides - missing), seed
    assert _HUNT or several > 20


def provided(problem: DrawnProblem) -> set[Package]:
    """Every capability, as the module it could be meant as."""
    return {
        Package(PackageKind.MODULE, each.name)
        for release in problem.releases
        for each in release.provides
    }


def test_nothing_requested_is_needlessly_old() -> None:
    """Against every answer there is, on small catalogs."""
    for seed in numbers(150):
        problem = numbered_problem(seed, most_packages=4)
        found = outcome(problem, Preferences())
        if not isinstance(found, Resolution):
            continue
        asked = {each.package for each in problem.request.requirements} & set(found.versions)
        for other in Reference(problem.request, problem.releases, HOST).every_answer():
            assert not newer(other, found, asked), (seed, other)


def test_nothing_at_all_is_needlessly_old() -> None:
    """Nearest to the request first, then by name: no answer is newer in that order.

    A capability is a choice of its own, and the answer as new as it can be for the choices made:
    so there are none here.
    """
    for seed in itertools.islice(numbers(12), 500):
        problem = layered_problem(seed)
        found = outcome(problem, Preferences())
        assert isinstance(found, Resolution)
        reference = Reference(problem.request, problem.releases, HOST)
        order = nearest_first(problem, found)
        assert reference.newer_in_order(order, found.versions) is None, seed


def nearest_first(problem: DrawnProblem, found: Resolution) -> list[Package]:
    """What is requested, then whatever those need, and so on; each round by kind and name."""
    order: list[Package] = []
    nearest = {each.package for each in problem.request.requirements}
    while nearest := nearest & found.versions.keys() - set(order):
        order += sorted(nearest)
        nearest = {each.package for one in nearest for each in found.releases[one].requires}
    return order


def newer(other: dict[Package, Version], found: Resolution, asked: set[Package]) -> bool:
    """Is one of those newer in the other answer, and none older?"""
    if not all(package in other for package in asked):
        return False
    pairs = [(other[package], found.versions[package]) for package in asked]
    return all(theirs >= ours for theirs, ours in pairs) and any(a > b for a, b in pairs)


def test_what_was_added_can_be_taken_away_again() -> None:
    """From any lock, also one that would go back itself; and every lock is its own answer."""
    displaced = again = 0
    for seed in numbers(600):
        problem = numbered_problem(seed, most_versions=5 if seed % 2 else 3)
        asked = problem.request.requirements
        lock = after(problem, asked[:1], numbered_preferences(seed, problem.releases))
        for count in range(1, len(asked)):
            more = lock and after(problem, asked[: count + 1], lock_of(lock))
            if lock is None or more is None:
                break
            for lines, known in ((count, lock), (count + 1, more)):
                own = after(problem, asked[:lines], lock_of(known))
                assert own is not None
                assert lock_of(own) == lock_of(known), (seed, lines)
            back = after(problem, asked[:count], lock_of(more))
            assert back is not None
            assert lock_of(back) == lock_of(lock), (seed, count)
            displaced += bool(more.displaced)
            again += bool(lock.displaced)
            lock = more
    assert _HUNT or (displaced > 20 and again > 20)


def test_the_way_back_does_not_matter() -> None:
    """Lines are added and removed as they come; the first lock is there again with its line."""
    removed = 0
    for seed in numbers(400):
        problem = numbered_problem(seed, most_packages=6, most_versions=4)
        one, *others = problem.request.requirements
        first = after(problem, (one,), numbered_preferences(seed, problem.releases))
        lock, dice, lines = first, random.Random(seed), set[Requirement]()
        for line in dice.choices(others, k=2 * len(others)) if others else ():
            wanted = lines ^ {line}
            asked = (one, *(each for each in others if each in wanted))
            more = lock and after(problem, asked, lock_of(lock))
            if more is not None:
                removed += len(wanted) < len(lines)
                lock, lines = more, wanted
        last = lock and after(problem, (one,), lock_of(lock))
        if first is not None and first.displaced == {}:
            assert last is not None
            assert lock_of(last) == lock_of(first), seed
    assert _HUNT or removed > 20


def test_the_order_of_input_changes_nothing() -> None:
    """Releases, their lines and those of the request, read the other way round."""
    for seed in numbers(300):
        problem = numbered_problem(seed)
        turned = DrawnProblem(
            replace(problem.request, requirements=problem.request.requirements[::-1]),
            tuple(
                replace(each, requires=each.requires[::-1], provides=each.provides[::-1])
                for each in problem.releases[::-1]
            ),
        )
        wanted = numbered_preferences(seed, problem.releases)
        one, other = outcome(problem, wanted), outcome(turned, wanted)
        if isinstance(one, Resolution):
            assert isinstance(other, Resolution), seed
            assert lock_of(one) == lock_of(other), seed
            assert one.required_by == other.required_by, seed
        else:
            assert isinstance(other, NoSolutionError), seed
            assert one.derivation == other.derivation, seed
