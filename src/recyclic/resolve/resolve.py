"""The one way in: a request and a catalog, and one version per package or the reason why not."""

from collections.abc import Callable
from dataclasses import replace

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.resolve.answer import resolution_of
from recyclic.resolve.features import unknown_features
from recyclic.resolve.fixes import BUDGET, Effort
from recyclic.resolve.going_back import answer
from recyclic.resolve.preferences import HostFacts, Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.refusal import refusal

_NO_PREFERENCES = Preferences()


def resolve(
    request: Request,
    catalog: Catalog,
    host: HostFacts,
    preferences: Preferences = _NO_PREFERENCES,
    *,
    fix_budget: int = BUDGET,
    clock: Callable[[], float] | None = None,
) -> Resolution:
    """One version for everything that is needed, and nothing that is not.

    The same answer for the same input in whatever order files and tables were read. What is
    locked or installed changes as little as possible; apart from that, no requested package
    could be newer without another requested one being older.

    Args:
        fix_budget: Work allowed for finding out what would help when there is no answer.
        clock: Gives seconds: finding that out stops after three of them.

    Raises:
        NoSolutionError: there is none; it carries the smallest reason and what would help.
        TooHardError: neither was found in bounded time.
        DiagnosticsError: a release that was looked at is malformed, or a bundle does not have a
            feature that the profile turns on.
    """
    problem = Problem(request, catalog, host, preferences)
    best = answer(problem)
    if best is None:
        raise refusal(problem, Effort(fix_budget, clock))
    unknown = unknown_features(problem, best.versions)
    if unknown:
        raise DiagnosticsError(unknown)
    found = resolution_of(best.problem, best.versions)
    return replace(found, displaced=best.displaced, before=best.before)
