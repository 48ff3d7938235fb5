"""Why not that version: force it, solve, and tell what it would cost or what forbids it."""

from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.difference import VersionChange, difference
from recyclic.resolve.errors import NoSolutionError, UnknownVersionError
from recyclic.resolve.fix import Fix
from recyclic.resolve.passed_over import Passing, passed_over
from recyclic.resolve.preferences import HostFacts, Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.resolve import resolve

ASKED_HERE = Place("<why-not>")
"""Where the forced requirement is said to stand."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The answer.

    Attributes:
        changes: What would move if it were forced, the package itself included.
        older: Those of them that the request names and that would get older.
        reason: The conflict when it is impossible, else None.
        passed: Why it was not taken although nobody forbids it.
    """

    package: Package
    version: Version
    changes: tuple[VersionChange, ...] = ()
    older: tuple[VersionChange, ...] = ()
    reason: NoSolutionError | None = None
    passed: tuple[Passing, ...] = ()

    @property
    def possible(self) -> bool:
        """True when it can be had."""
        return self.reason is None


def why_not(
    request: Request,
    catalog: Catalog,
    host: HostFacts,
    preferences: Preferences,
    package: Package,
    version: Version,
) -> WhyNot:
    """What forbids ``package`` at ``version``, or what it would cost.

    Raises:
        UnknownVersionError: the catalog has no such version.
        NoSolutionError: the request has no answer to begin with.
    """
    known = catalog.versions(package)
    if version not in known:
        raise UnknownVersionError(
            name=package.name, version=str(version), known=[str(each) for each in known]
        )
    now = resolve(request, catalog, host, preferences)
    kept = replace(
        preferences,
        installed={**preferences.installed, **now.versions},
        displaced=now.displaced,
        before=now.before,
    )
    problem = Problem(request, catalog, host, preferences)
    passed = passed_over(problem, now, package, version)
    forced = _forced(request, package, version)
    try:
        then = resolve(forced, catalog, host, kept)
    except NoSolutionError as reason:
        # Nobody wants to hear that what they asked about could be left out.
        reason.fixes = tuple(fix for fix in reason.fixes if not _is_about_asking(fix))
        return WhyNot(package, version, reason=reason, passed=passed)
    changes = difference(now.versions, then.versions)
    asked = {requirement.package for requirement in problem.requested_requirements()}
    older = tuple(
        change
        for change in changes
        if change.package in asked
        and (change.after is None or (change.before and change.after < change.before))
    )
    return WhyNot(package, version, changes, older, passed=passed)


def _is_about_asking(fix: Fix) -> bool:
    return any(patch.place == ASKED_HERE for patch in fix.patches)


def _forced(request: Request, package: Package, version: Version) -> Request:
    """The request with one requirement more, which no override of that package replaces."""
    exactly = Requirement(package, SpecifierSet(f"=={version}"), ASKED_HERE)
    forced = tuple(
        replace(each, version=version) if each.package == package else each
        for each in request.overrides
    )
    return replace(request, requirements=(*request.requirements, exactly), overrides=forced)
