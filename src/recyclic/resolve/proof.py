"""What somebody else needs to check an answer, or that there is none, without trusting us.

Either says what was asked. For an answer: every version chosen; the manifests say the rest. For
"no": the rules the smallest conflict consists of, each to be found in a manifest, and
incompatibilities that follow one after the other by propagation alone, the last of them empty.
"""

from typing import Any

from packaging.version import Version

from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package
from recyclic.model.resolution import Resolution
from recyclic.resolve.alternatives import Alternatives
from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.known_versions import KnownVersions
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import name_of
from recyclic.resolve.solver import Refused, Solver
from recyclic.resolve.term import ABSENT, indexes

FORMAT = 3
"""The value of ``format``, the first key of every proof."""

Document = dict[str, Any]


def proof_of_answer(problem: Problem, resolution: Resolution) -> Document:
    """The proof that ``resolution`` meets everything and holds nothing superfluous."""
    return {
        "format": FORMAT,
        "answer": "yes",
        "asked": _asked(problem),
        "versions": {name_of(each): str(version) for each, version in resolution.versions.items()},
    }


def proof_of_refusal(problem: Problem, error: NoSolutionError) -> Document:
    """The proof that the relations of ``error`` cannot all hold.

    A rule or step says which names cannot all be in the states given: versions, and null for "not
    in the answer". A name like ``caisse#1`` stands for a choice; its states are the numbers of
    who can be chosen.
    """
    provider = CatalogProvider(problem, frozenset(error.relations).__contains__)
    solver = Solver(provider)
    verdict = solver.solve()
    assert isinstance(verdict, Refused), "the relations of a conflict cannot all hold"
    used = {id(found) for found in verdict.derivation.closure()}
    names = _Names(problem, provider)
    root_is_in = ((provider.number(ROOT), ABSENT),)
    rules = [
        found
        for found in verdict.derivation.closure()
        if not found.antecedents and found.terms != root_is_in
    ]
    steps = [found for found in solver.learned if id(found) in used]
    return {
        "format": FORMAT,
        "answer": "no",
        "asked": _asked(problem),
        "choices": names.choices(),
        "rules": sorted((names.terms(rule) for rule in rules), key=repr),
        "steps": [names.terms(step) for step in steps],
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

    def choices(self) -> Document:
        """For every choice and number who that is, and at which versions."""
        found: Document = {}
        for number, name in self._choices.items():
            subject = self._provider.subjects[number]
            assert isinstance(subject, Alternatives)
            found[name] = {
                str(index): [name_of(package), self._accepted(package, accepted)]
                for index, (package, accepted) in enumerate(subject.choices)
            }
        return found

    def _accepted(self, package: Package, accepted: int) -> list[str]:
        """Those versions, without the withdrawn ones, which no choice may count on."""
        versions = _versions(self._problem.known(package), accepted)
        return [str(each) for each in versions if not self._problem.yanked(package, each)]

    def terms(self, found: Incompatibility) -> dict[str, list[str | None]]:
        """The states of each name, sorted by name."""
        return dict(
            sorted((self._name(number), self._states(number, mask)) for number, mask in found.terms)
        )

    def _name(self, number: int) -> str:
        subject = self._provider.subjects[number]
        return name_of(subject) if isinstance(subject, Package) else self._choices[number]

    def _states(self, number: int, mask: int) -> list[str | None]:
        subject = self._provider.subjects[number]
        absent: list[str | None] = [None] if mask & ABSENT else []
        if isinstance(subject, Package):
            return [*absent, *map(str, _versions(self._problem.known(subject), mask))]
        return [*absent, *(str(index) for index in indexes(mask))]


def _versions(known: KnownVersions, mask: int) -> list[Version]:
    return [known.versions[index] for index in indexes(mask)]


def _given(problem: Problem) -> dict[Package, Version]:
    return {
        package: problem.known(package).versions[0]
        for package in (CORE, PAHEKO, PYTHON)
        if problem.known(package).versions
    }


def _asked(problem: Problem) -> Document:
    """What the root needs, as files say it, and everything else that bends what releases ask."""
    request = problem.request
    needs = [each for each in (request.bundle, *request.requirements) if each is not None]
    return {
        "needs": sorted(["requires", name_of(n.package), str(n.specifier)] for n in needs),
        "host": {name_of(package): str(version) for package, version in _given(problem).items()},
        "overrides": {name_of(each.package): str(each.version) for each in request.overrides},
        "left_out": sorted(name_of(each.package) for each in request.omissions),
        "opened": {
            name_of(package): [str(version) for version in versions]
            for package, versions in problem.opened().items()
        },
    }
