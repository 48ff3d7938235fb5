"""Fixes solve: each one offered, made by somebody else, gives an answer."""

from dataclasses import replace

from hypothesis import given
from packaging.specifiers import SpecifierSet
from tests.property.effort import law
from tests.property.reference import Reference

from recyclic.model.package import Package, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.fix import Fix, Patch
from recyclic.resolve.fixes import MOST
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def patched(request: Request, patch: Patch) -> Request:
    """The request after somebody edited that line."""
    if patch.old == "false":
        kept = tuple(each for each in request.omissions if each.package != patch.package)
        return replace(request, omissions=kept)
    overridden = [each for each in request.overrides if each.place == patch.place]
    if overridden and patch.new is None:
        kept_too = tuple(each for each in request.overrides if each not in overridden)
        return replace(request, overrides=kept_too)
    lines: list[Requirement] = []
    for line in request.requirements:
        if (line.place, line.package) != (patch.place, patch.package):
            lines.append(line)
        elif patch.new is not None:
            package = Package(line.package.kind, patch.renamed or line.package.name)
            lines.append(replace(line, package=package, specifier=SpecifierSet(patch.new)))
    return replace(request, requirements=tuple(lines))


def solves(problem: DrawnProblem, fix: Fix) -> bool:
    request = problem.request
    for patch in fix.patches:
        request = patched(request, patch)
    return Reference(request, problem.releases, HOST).satisfiable()


@law
@given(problems(most_packages=7))
def test_every_fix_offered_solves(problem: DrawnProblem) -> None:
    """At most five, no two alike, smallest first."""
    try:
        resolve(problem.request, problem.catalog, HOST)
    except NoSolutionError as error:
        assert len(error.fixes) <= MOST
        assert len({fix.patches for fix in error.fixes}) == len(error.fixes)
        assert all(solves(problem, fix) for fix in error.fixes)
