"""From "there is no answer" to the error people get: the smallest reason, in order, with help."""

from collections.abc import Sequence
from dataclasses import replace

from packaging.version import Version

from recyclic.model.diagnostic import DiagnosticsError, Place
from recyclic.model.package import CORE, PAHEKO, PYTHON, Package
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.conflict import Conflict
from recyclic.resolve.derivation import Asked, Besides, Derivation, Step, ordered
from recyclic.resolve.errors import FailureKind, NoSolutionError
from recyclic.resolve.fixes import Effort, fixes
from recyclic.resolve.kernel import smallest_conflict
from recyclic.resolve.nearest import nearest_names, nearest_versions
from recyclic.resolve.problem import Problem
from recyclic.resolve.reach import Reach
from recyclic.resolve.relation import NeedKind, Relation, name_of
from recyclic.resolve.solver import Refused, Solver
from recyclic.resolve.specifier_text import specifier_text


def refusal(problem: Problem, effort: Effort) -> NoSolutionError:
    """The error for an unsolvable problem: kind, smallest conflict, and what would help.

    A release with mistakes that nobody has to read troubles nobody.
    """
    try:
        return _explained(problem, effort)
    except DiagnosticsError:
        return _explained(problem.readable(), effort)


def _explained(problem: Problem, effort: Effort) -> NoSolutionError:
    conflict = _first_missing(problem, smallest_conflict(problem))
    bundle = problem.request.bundle
    if not conflict.relations and bundle is not None:
        # The bundle itself cannot be had: it is asked for like anything else then.
        asked = (bundle, *problem.request.requirements)
        request = replace(problem.request, bundle=None, requirements=asked)
        return _explained(problem.amended({}, request), effort)
    relations = ordered(conflict.relations)
    helpful = fixes(problem, conflict, effort)
    derivation = derivation_of(problem, relations)
    return NoSolutionError(
        kind_of(problem, relations),
        relations,
        replace(derivation, besides=_besides(problem, conflict)),
        helpful.found,
        proven=conflict.smallest,
        all_tried=helpful.complete,
    )


def _first_missing(problem: Problem, conflict: Conflict) -> Conflict:
    """Of several names that are not there, each a conflict by itself, the one asked for first."""
    told = conflict.relations
    lines = _placed(problem, (*told, *conflict.others))
    missing = [
        each.relation for each in lines if each.missing and problem.is_root(each.relation.depender)
    ]
    if len(told) != 1 or told[0] not in missing or told[0] == missing[0]:
        return conflict
    if not isinstance(Solver(CatalogProvider(problem, {missing[0]}.__contains__)).solve(), Refused):
        return conflict
    others = tuple(sorted({*told, *conflict.others} - {missing[0]}))
    return replace(conflict, relations=(missing[0],), others=others, touched=others)


def _besides(problem: Problem, conflict: Conflict) -> tuple[Besides, ...]:
    """What else is wrong: other conflicts, and whatever else is not there, in the order of their
    places."""
    missing = [each for each in conflict.touched if problem.unknown(each.dependency)]
    told = {name.dependency for name in conflict.relations}
    besides = [each for each in missing if each.dependency not in told]
    return _placed(problem, sorted({*conflict.others, *besides}))


def _placed(problem: Problem, relations: Sequence[Relation]) -> tuple[Besides, ...]:
    """Those relations with their places, the newest release's, in the order of these."""
    places: dict[Relation, Place] = {}
    for speaker in dict.fromkeys(
        who for each in relations for who in problem.speakers(each.depender)
    ):
        for version in reversed(problem.known(speaker).versions):
            for need in problem.needs(speaker, version):
                found = problem.relation(speaker, need.requirement)
                if found is not None:
                    places.setdefault(found, need.requirement.place)
    besides = [
        Besides(relation, places[relation], problem.unknown(relation.dependency))
        for relation in relations
        if relation in places
    ]
    return tuple(sorted(besides, key=lambda each: (each.place, each.relation)))


def kind_of(problem: Problem, relations: Sequence[Relation]) -> FailureKind:
    """What sort of failure a conflict is.

    Where two relations meet in one package it is a conflict; where every path ends in something
    that cannot be had at all, it is what is wrong with that.
    """
    asked: dict[Package, int] = {}
    for relation in relations:
        asked[relation.dependency] = asked.get(relation.dependency, 0) + 1
    reach = Reach(problem, relations)
    kinds = {package: _kind_of_dependency(problem, package, relations, reach) for package in asked}
    special = {kind for kind in kinds.values() if kind is not FailureKind.CONFLICT}
    met = any(
        count > 1 and kinds[package] is FailureKind.CONFLICT for package, count in asked.items()
    )
    return special.pop() if len(special) == 1 and not met else FailureKind.CONFLICT


def _kind_of_dependency(
    problem: Problem, package: Package, relations: Sequence[Relation], reach: Reach
) -> FailureKind:
    if package in (CORE, PAHEKO, PYTHON):
        return FailureKind.PLATFORM
    if problem.omitted(package):
        return FailureKind.EXCLUDED
    if problem.unknown(package):
        return FailureKind.NO_SUCH_MODULE
    asking = [relation for relation in relations if relation.dependency == package]
    needs = [need for relation in asking for _, _, need in reach.needs(relation)]
    if needs and not any(problem.acceptable(need.requirement) for need in needs):
        return FailureKind.NO_VERSION
    return FailureKind.CONFLICT


def derivation_of(problem: Problem, relations: Sequence[Relation]) -> Derivation:
    """The facts of a conflict, one step a relation."""
    reach = Reach(problem, relations)
    steps = tuple(_step(problem, reach, relation) for relation in relations)
    clash = reach.clash or _dead_end(problem, reach, relations)
    met_by = tuple(
        index for index, relation in enumerate(relations) if relation.dependency == clash
    )
    omitted_at = next(
        (found.place for found in problem.request.omissions if found.package == clash), None
    )
    nearest = _nearest(problem, clash, steps, met_by) if clash else ()
    withdrawn = _withdrawn(problem, clash) if clash else frozenset()
    return Derivation(steps, clash, met_by, nearest, omitted_at, withdrawn)


def _withdrawn(problem: Problem, package: Package) -> frozenset[str]:
    versions = problem.known(package).versions
    return frozenset(
        str(version) for version in versions if _is_withdrawn(problem, package, version)
    )


def _is_withdrawn(problem: Problem, package: Package, version: Version) -> bool:
    try:
        return problem.yanked(package, version)
    except DiagnosticsError:  # a release with mistakes troubles only those who need it
        return False


def _dead_end(problem: Problem, reach: Reach, relations: Sequence[Relation]) -> Package | None:
    """The one thing asked for that is not there or left out, if that is what it comes to."""
    for relation in relations:
        package = relation.dependency
        if problem.omitted(package) or problem.unknown(package):
            return package
        needs = [need for _, _, need in reach.needs(relation) if need.kind is NeedKind.REQUIRES]
        if needs and not any(problem.acceptable(need.requirement) for need in needs):
            return package
    return None


def _step(problem: Problem, reach: Reach, relation: Relation) -> Step:
    groups: dict[tuple[str, str], list[tuple[int, Asked]]] = {}
    releases: set[int] = set()
    for speaker, index, need in reach.needs(relation):
        specifier = specifier_text(need.requirement.specifier)
        asked = Asked((), need.kind, specifier, need.requirement.place)
        groups.setdefault((need.kind.value, specifier), []).append((index, asked))
        if not problem.is_root(speaker):
            releases.add(index)
    versions = [str(version) for version in problem.known(relation.depender).versions]
    found = []
    for members in groups.values():
        who = sorted({index for index, _ in members}) if releases else []
        texts = tuple(versions[index] for index in who) if set(who) != releases else ()
        first = members[0][1]
        found.append(Asked(texts, first.kind, first.specifier, first.place))
    known = problem.known(relation.dependency).versions
    return Step(
        relation,
        tuple(versions[index] for index in sorted(releases)),
        tuple(found),
        tuple(str(version) for version in known),
        tuple(
            name_of(each)
            for each in problem.providers(relation.dependency)
            if each != relation.depender
        ),
    )


def _nearest(
    problem: Problem, clash: Package, steps: Sequence[Step], met_by: Sequence[int]
) -> tuple[str, ...]:
    known = problem.known(clash).versions
    if not known:
        return nearest_names(problem.catalog, clash)
    specifiers = [asked.specifier for index in met_by for asked in steps[index].asked]
    return nearest_versions(known, specifiers)
