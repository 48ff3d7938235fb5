"""The states that a lock had, and which of them is the answer again.

What is displaced and would go back stands in ``displaced``, package by package. That is enough
where nothing else was out of place. Where something was, the way back is not unique: so the lock
also remembers the ones it came from, and what was added and is taken away again gives the very
lock that was there. A former lock counts when it is its own answer to what is asked now, that is,
when resolving it again would change nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package
from recyclic.model.resolution import MOST_FORMER, Former
from recyclic.resolve.answer import needed
from recyclic.resolve.problem import Problem
from recyclic.resolve.search import Best, best_answer

_GIVEN = (ROOT, CORE, PYTHON, PAHEKO)


def answer(problem: Problem) -> Best | None:
    """The first former lock that is the answer again, else the best answer; None when there is
    none."""
    preferences = problem.preferences
    if not preferences.upgrade:
        for number, former in enumerate(preferences.before):
            again = _again(problem, former)
            if again is not None:
                return replace(again, before=preferences.before[:number])
    best = best_answer(problem)
    return None if best is None else replace(best, before=_remembered(problem, best))


def _again(problem: Problem, former: Former) -> Best | None:
    """The answer on top of a former lock where that is the same lock."""
    then = problem.on_top_of(former.versions, former.displaced)
    if not _is_complete(then, former.versions):
        return None
    best = best_answer(then)
    return best if best is not None and _lock(best) == former else None


def _is_complete(problem: Problem, versions: Mapping[Package, Version]) -> bool:
    """True when they are all there, need each other and nothing else; it rules out nearly all."""
    if not all(problem.known(package).state(version) for package, version in versions.items()):
        return False
    given = {package: problem.known(package).versions[:1] for package in _GIVEN}
    present = {package: version for package, found in given.items() for version in found}
    try:
        found = needed(problem, {**present, **versions})
    except DiagnosticsError:
        return False  # One of them cannot be read any more, and need not be.
    return found is not None and found.packages - given.keys() == versions.keys()


def _lock(best: Best) -> Former:
    """What the next resolution is told of an answer."""
    versions = {package: best.versions[package] for package in best.versions.keys() - set(_GIVEN)}
    return Former(versions, best.displaced)


def _remembered(problem: Problem, best: Best) -> tuple[Former, ...]:
    """The locks that an answer may have to go back to.

    Nothing has to be remembered of a lock that lost nothing, or only what ``displaced`` tells.
    """
    preferences = problem.preferences
    if preferences.upgrade:
        return ()
    now = Former(preferences.standing(), preferences.displaced)
    if not now.versions or now == _lock(best):
        return preferences.before
    if _is_part(best, now) and not preferences.before:
        return ()
    if preferences.before or now.displaced or best.displaced:
        return (*preferences.before, now)[-MOST_FORMER:]
    return ()


def _is_part(best: Best, former: Former) -> bool:
    return _lock(best).versions.items() <= former.versions.items()
