"""The laws tried on one real request: what its authors promise by their ranges, and what we do.

A range is a promise that every version in it works. So each requirement of the answer is tried at
the oldest and at the newest version it accepts; then the answer itself is held against the laws
that the resolver is tested with: the order of input, its own lock, one requirement less.
"""

from collections.abc import Iterator
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.catalog.catalog import Catalog
from recyclic.model.diagnostic import Diagnostic, Place
from recyclic.model.package import Package, Requirement
from recyclic.model.profile import Request
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.resolve.difference import difference
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import HostFacts, Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve
from recyclic.resolve.specifier_text import specifier_text
from recyclic.resolve.term import indexes, newest, oldest

TRIED_HERE = Place("<properties>")
"""Where a version that is being tried is said to stand."""


def broken_laws(request: Request, catalog: Catalog, host: HostFacts) -> list[Diagnostic]:
    """What does not hold for this request, smallest example of each; empty when all does.

    Raises:
        NoSolutionError: the request has no answer at all.
    """
    return _Trial(request, catalog, host).findings()


class _Trial:
    def __init__(self, request: Request, catalog: Catalog, host: HostFacts) -> None:
        self._request = request
        self._catalog = catalog
        self._host = host
        self._problem = Problem(request, catalog, host, Preferences())
        # Without an answer nothing can be varied, and what would help is worth looking for.
        self._answer = resolve(request, catalog, host)

    def findings(self) -> list[Diagnostic]:
        found = [*self._bounds(), *self._order(), *self._lock(), *self._fewer()]
        return sorted(found, key=Diagnostic.sort_key)

    def _resolve(self, request: Request, preferences: Preferences | None = None) -> Resolution:
        wanted = preferences or Preferences()
        return resolve(request, self._catalog, self._host, wanted, fix_budget=0)

    def _bounds(self) -> Iterator[Diagnostic]:
        """Each requirement of the answer at the oldest and the newest version it accepts."""
        tried: set[tuple[Package, Version]] = set()
        for package, asked in self._answer.required_by.items():
            for each in asked:
                for version in self._ends(package, each):
                    if (package, version) not in tried:
                        tried.add((package, version))
                        yield from self._at(package, version, each)

    def _ends(self, package: Package, asked: RequiredBy) -> tuple[Version, ...]:
        accepted = dict(self._problem.acceptable(asked.requirement)).get(package, 0)
        if not accepted:
            return ()
        versions = self._problem.known(package).versions
        ends = [*indexes(oldest(accepted)), *indexes(newest(accepted))]
        return tuple(versions[index] for index in dict.fromkeys(ends))

    def _at(self, package: Package, version: Version, asked: RequiredBy) -> Iterator[Diagnostic]:
        exactly = Requirement(package, SpecifierSet(f"=={version}"), TRIED_HERE)
        request = replace(self._request, requirements=(*self._request.requirements, exactly))
        try:
            self._resolve(request)
        except NoSolutionError as reason:
            yield Diagnostic(
                "RCY-D008",
                place=asked.requirement.place,
                facts={
                    "depender": name_of(asked.depender),
                    "name": name_of(package),
                    "specifier": specifier_text(asked.requirement.specifier) or "*",
                    "version": str(version),
                    "relations": _pairs(reason),
                },
            )

    def _order(self) -> Iterator[Diagnostic]:
        """The same request read backwards."""
        backwards = replace(
            self._request,
            requirements=self._request.requirements[::-1],
            omissions=self._request.omissions[::-1],
            overrides=self._request.overrides[::-1],
        )
        yield from self._same("RCY-D009", self._resolve(backwards))

    def _lock(self) -> Iterator[Diagnostic]:
        """The answer as its own lock."""
        answer = self._answer
        lock = Preferences(locked=answer.versions, displaced=answer.displaced, before=answer.before)
        again = self._resolve(self._request, lock)
        yield from self._same("RCY-D010", again)

    def _same(self, code: str, other: Resolution) -> Iterator[Diagnostic]:
        changes = difference(self._answer.versions, other.versions)
        if changes:
            moved = [f"{name_of(each.package)} {each.before} {each.after}" for each in changes]
            yield Diagnostic(code, facts={"moved": moved})

    def _fewer(self) -> Iterator[Diagnostic]:
        """One line of the request less."""
        kept = Preferences(locked=self._answer.versions)
        for dropped in self._request.requirements:
            left = tuple(each for each in self._request.requirements if each is not dropped)
            try:
                self._resolve(replace(self._request, requirements=left), kept)
            except NoSolutionError as reason:
                facts = {"name": name_of(dropped.package), "relations": _pairs(reason)}
                yield Diagnostic("RCY-D011", place=dropped.place, facts=facts)


def _pairs(reason: NoSolutionError) -> list[str]:
    return [f"{name_of(each.depender)} -> {name_of(each.dependency)}" for each in reason.relations]
