"""Fixes solve: each one offered, made by somebody else, gives an answer."""

from dataclasses import replace

from hypothesis import given
from packaging.specifiers import SpecifierSet
from tests.property.effort import law
from tests.property.reference import Reference

from recyclic.model.package import Package, Requirement
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.fix import Fix, Patch
from recyclic.resolve.fixes import MOST
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST, DrawnProblem, problems


def patched(problem: DrawnProblem, patch: Patch) -> DrawnProblem:
    """The files after somebody edited that line, in the profile or in a bundle."""
    request = problem.request
    if patch.old == "false":
        kept = tuple(each for each in request.omissions if each.package != patch.package)
        return replace(problem, request=replace(request, omissions=kept))
    left = tuple(each for each in request.overrides if each.place != patch.place)
    if len(left) < len(request.overrides) and patch.new is None:
        return replace(problem, request=replace(request, overrides=left))
    asked = edited(request.requirements, patch)
    releases = tuple(
        replace(
            release,
            requires=edited(release.requires, patch),
            optional=edited(release.optional, patch),
            conflicts=edited(release.conflicts, patch),
        )
        for release in problem.releases
    )
    return DrawnProblem(replace(request, requirements=asked), releases)


def edited(lines: tuple[Requirement, ...], patch: Patch) -> tuple[Requirement, ...]:
    """Drawn lines share places: every line at that place about that package is the line meant."""
    found: list[Requirement] = []
    for line in lines:
        if (line.place, line.package) != (patch.place, patch.package):
            found.append(line)
        elif patch.new is not None:
            package = Package(line.package.kind, patch.renamed or line.package.name)
            found.append(replace(line, package=package, specifier=SpecifierSet(patch.new)))
    return tuple(found)


def solves(problem: DrawnProblem, fix: Fix) -> bool:
    for patch in fix.patches:
        problem = patched(problem, patch)
    return Reference(problem.request, problem.releases, HOST).satisfiable()


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
