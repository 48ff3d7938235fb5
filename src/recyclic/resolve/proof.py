"""What somebody else needs to check an answer, or that there is none, without trusting us.

For an answer: every version chosen, and for every need of each of them who meets it. For "no":
the rules the smallest conflict consists of, each to be found in a manifest, and incompatibilities
that follow one after the other by propagation alone, the last of them empty.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from packaging.version import Version

from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package
from recyclic.model.resolution import Resolution
from recyclic.resolve.alternatives import Alternatives
from recyclic.resolve.answer import meeting_among, states_of
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.known_versions import KnownVersions
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import NeedKind, Relation, name_of
from recyclic.resolve.solver import Refused, Solver
from recyclic.resolve.term import ABSENT, indexes

FORMAT = 1
"""The value of ``format``, the first key of every proof."""

Document = dict[str, Any]


def proof_of_answer(problem: Problem, resolution: Resolution) -> Document:
    """The proof that ``resolution`` meets everything and holds nothing superfluous."""
    versions = {ROOT: problem.known(ROOT).versions[0], **resolution.versions}
    return {
        "format": FORMAT,
        "answer": "yes",
        "host": _host(problem),
        "versions": {name_of(each): str(version) for each, version in resolution.versions.items()},
        "met": sorted(_met(problem, versions)),
        "overrides": _overrides(problem),
        "left_out": sorted(name_of(each.package) for each in problem.request.omissions),
    }


def proof_of_refusal(problem: Problem, error: NoSolutionError) -> Document:
    """The proof that the relations of ``error`` cannot all hold.

    A term is a name and the states it may be in: versions, and null for "not in the answer". A
    name like ``caisse#1`` stands for a choice; its states are the numbers of who can be chosen.
    """
    provider = CatalogProvider(problem, frozenset(error.relations).__contains__)
    solver = Solver(provider)
    verdict = solver.solve()
    assert isinstance(verdict, Refused), "the relations of a conflict cannot all hold"
    used = {id(found) for found in verdict.derivation.closure()}
    names = _Names(problem, provider)
    rules = [found for found in verdict.derivation.closure() if not found.antecedents]
    steps = [found for found in solver.learned if id(found) in used and found.antecedents]
    return {
        "format": FORMAT,
        "answer": "no",
        "host": _host(problem),
        "known": names.known(),
        "choices": names.choices(),
        "rules": sorted((names.rule(rule) for rule in rules), key=repr),
        "steps": [names.terms(step) for step in steps],
        "overrides": _overrides(problem),
        "left_out": sorted(name_of(each.package) for each in problem.request.omissions),
    }


class _Names:
    """Numbers and bits as names and versions."""

    def __init__(self, problem: Problem, provider: CatalogProvider) -> None:
        self._problem = problem
        self._provider = provider
        self._choices = {
            number: f"{subject.name.name}#{number}"
            for number, subject in enumerate(provider.subjects)
            if isinstance(subject, Alternatives)
        }

    def known(self) -> Document:
        """Every version of every package that is mentioned."""
        subjects = [each for each in self._provider.subjects if isinstance(each, Package)]
        return {
            name_of(each): [str(version) for version in self._problem.known(each).versions]
            for each in sorted(subjects)
        }

    def choices(self) -> Document:
        """For every choice what it is for, and who can be chosen at which versions."""
        found: Document = {}
        for number, name in self._choices.items():
            subject = self._provider.subjects[number]
            assert isinstance(subject, Alternatives)
            found[name] = [
                [name_of(package), _texts(self._problem.known(package), accepted)]
                for package, accepted in subject.choices
            ]
        return found

    def rule(self, rule: Incompatibility) -> Document:
        """One rule and the relation it belongs to; null for what a choice or an omission is."""
        relation = rule.relation
        pair = None
        if isinstance(relation, Relation):
            pair = [name_of(relation.depender), name_of(relation.dependency)]
        return {"relation": pair, "terms": self.terms(rule)}

    def terms(self, found: Incompatibility) -> list[list[Any]]:
        """Names and states, sorted by name."""
        return sorted(
            ([self._name(number), self._states(number, mask)] for number, mask in found.terms),
            key=lambda term: str(term[0]),
        )

    def _name(self, number: int) -> str:
        subject = self._provider.subjects[number]
        return name_of(subject) if isinstance(subject, Package) else self._choices[number]

    def _states(self, number: int, mask: int) -> list[str | None]:
        subject = self._provider.subjects[number]
        absent: list[str | None] = [None] if mask & ABSENT else []
        if isinstance(subject, Package):
            return [*absent, *_texts(self._problem.known(subject), mask)]
        return [*absent, *(str(index) for index in indexes(mask))]


def _texts(known: KnownVersions, mask: int) -> list[str]:
    return [str(known.versions[index]) for index in indexes(mask)]


def _met(problem: Problem, versions: Mapping[Package, Version]) -> Iterable[list[str]]:
    everyone = states_of(problem, {**versions, **_given(problem)})
    for package, version in versions.items():
        for need in problem.needs(package, version):
            if need.kind is NeedKind.REQUIRES:
                who = meeting_among(problem, need.requirement, everyone)
                yield [name_of(package), str(need.requirement.package.name), name_of(who[0])]


def _given(problem: Problem) -> dict[Package, Version]:
    return {
        package: problem.known(package).versions[0]
        for package in (CORE, PAHEKO, PYTHON)
        if problem.known(package).versions
    }


def _host(problem: Problem) -> dict[str, str]:
    return {name_of(package): str(version) for package, version in _given(problem).items()}


def _overrides(problem: Problem) -> dict[str, str]:
    return {name_of(each.package): str(each.version) for each in problem.request.overrides}
