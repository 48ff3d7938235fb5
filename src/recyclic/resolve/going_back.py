"""The states that a lock had, and which of them is the answer again.

What is displaced and would go back stands in ``displaced``, package by package. That is enough
where nothing else was out of place. Where something was, the way back is not unique: so the lock
also remembers the ones it came from, and what was added and is taken away again gives the very
lock that was there. A former lock counts when it is its own answer to what is asked now, that is,
when resolving it again would change nothing. It is forgotten when it holds what nothing asks for
any more, since nobody who takes something away gets there.
"""

from collections.abc import Mapping
from dataclasses import replace

from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package
from recyclic.model.resolution import MOST_FORMER, Former
from recyclic.resolve.answer import meeting_among, needed, states_of
from recyclic.resolve.problem import Problem
from recyclic.resolve.search import Best, best_answer

_GIVEN = (ROOT, CORE, PYTHON, PAHEKO)


def answer(problem: Problem) -> Best | None:
    """The first former lock that is the answer again, else the best answer; None when there is
    none."""
    preferences = problem.preferences
    if preferences.upgrade:
        return best_answer(problem)
    for number, former in enumerate(preferences.before):
        again = _again(problem, former)
        if again is not None:
            return replace(again, before=_on_the_way(problem, preferences.before[:number]))
    best = best_answer(problem)
    if best is None:
        return None
    before = _on_the_way(problem, preferences.before)
    # Of a lock that lost nothing but what `displaced` tells there is nothing to remember.
    if before or best.displaced:
        now = Former(preferences.standing(), preferences.displaced)
        before += _on_the_way(problem, (now,))
    return replace(best, before=before[-MOST_FORMER:])


def _again(problem: Problem, former: Former) -> Best | None:
    """The answer on top of a former lock where that is the same lock."""
    then = problem.on_top_of(former.versions, former.displaced)
    if not _is_complete(then, former.versions):
        return None
    best = best_answer(then)
    return best if best is not None and _lock(best) == former else None


def _is_complete(problem: Problem, versions: Mapping[Package, Version]) -> bool:
    """True when they need each other and nothing else; it rules out nearly all, and cheaply."""
    try:
        found = needed(problem, {**_given(problem), **versions})
    except DiagnosticsError:
        return False  # One of them cannot be read any more, and need not be.
    return found is not None and found.packages - set(_GIVEN) == versions.keys()


def _on_the_way(problem: Problem, before: tuple[Former, ...]) -> tuple[Former, ...]:
    """Those that could be the answer if less were asked.

    What holds something that nothing asks for now was the answer to something else. What meets all
    that is asked, and is not the answer, would not be if less were.
    """
    return tuple(former for former in before if _is_on_the_way(problem, former))


def _is_on_the_way(problem: Problem, former: Former) -> bool:
    then = problem.on_top_of(former.versions, former.displaced)
    versions = {**_given(then), **former.versions}
    present, reached, todo, unmet = states_of(then, versions), set[Package](), [ROOT], 0
    try:
        while todo:
            package = todo.pop()
            if package not in reached:
                reached.add(package)
                for requirement in then.requirements(package, versions[package]):
                    who = meeting_among(then, requirement, present)
                    todo += who
                    unmet += not who
    except DiagnosticsError:
        return False
    return unmet > 0 and former.versions.keys() <= reached


def _given(problem: Problem) -> dict[Package, Version]:
    """The root, and what the host has."""
    known = ((package, problem.known(package).versions) for package in _GIVEN)
    return {package: versions[0] for package, versions in known if versions}


def _lock(best: Best) -> Former:
    """What the next resolution is told of an answer."""
    versions = {package: best.versions[package] for package in best.versions.keys() - set(_GIVEN)}
    return Former(versions, best.displaced)
