"""Which releases a conflict is about: those its relations, seen one at a time, still allow."""

from collections.abc import Iterator, Sequence

from recyclic.model.package import Package
from recyclic.resolve.known_versions import KnownVersions
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Need, NeedKind, Relation
from recyclic.resolve.term import indexes


class Reach:
    """The versions left to each package of a conflict.

    Attributes:
        clash: The first package found to have none left, or None when only combinations clash.
    """

    def __init__(self, problem: Problem, relations: Sequence[Relation]) -> None:
        self.clash: Package | None = None
        self._problem = problem
        self._relations = relations
        self._left: dict[Package, int] = {}
        bundle = problem.request.bundle
        if bundle is not None:
            self._left[bundle.package] = problem.known(bundle.package).fitting(bundle.specifier)
        while self.clash is None and self._shrink():
            pass

    def left(self, package: Package) -> int:
        """The versions of a package that are not excluded."""
        left = self._left.get(package)
        return self._problem.known(package).everything if left is None else left

    def needs(self, relation: Relation) -> Iterator[tuple[Package, int, Need]]:
        """Who speaks, at which version index, and what is asked; newest releases first."""
        for speaker in self._problem.speakers(relation.depender):
            known = self._problem.known(speaker)
            for index in reversed(list(indexes(self.left(speaker)))):
                for need in self._problem.needs(speaker, known.versions[index]):
                    if need.requirement.package == relation.dependency:
                        yield speaker, index, need

    def _shrink(self) -> bool:
        changed = False
        for relation in self._relations:
            package = relation.dependency
            if self._problem.providers(package):
                continue
            before = self.left(package)
            left = before & self._allowed(relation)
            if not left:
                # What its versions ask is part of why none is left: they stay.
                self.clash = package
                return True
            if left != before:
                self._left[package] = left
                changed = True
        return changed

    def _allowed(self, relation: Relation) -> int:
        """Versions of the dependency that at least one release of each speaker can live with."""
        known = self._problem.known(relation.dependency)
        allowed = known.everything
        for speaker in self._problem.speakers(relation.depender):
            versions = self._problem.known(speaker).versions
            tolerated = 0
            for index in indexes(self.left(speaker)):
                needs = self._problem.needs(speaker, versions[index])
                tolerated |= self._tolerated(needs, relation.dependency, known)
            allowed &= tolerated
        return allowed

    def _tolerated(self, needs: Sequence[Need], dependency: Package, known: KnownVersions) -> int:
        tolerated = known.everything
        for need in needs:
            requirement = need.requirement
            if requirement.package != dependency:
                continue
            if need.kind is NeedKind.REQUIRES:
                tolerated &= dict(self._problem.acceptable(requirement)).get(dependency, 0)
            elif need.kind is NeedKind.OPTIONAL:
                tolerated &= known.within(requirement.specifier)
            else:
                tolerated &= ~known.within(requirement.specifier)
        return tolerated
