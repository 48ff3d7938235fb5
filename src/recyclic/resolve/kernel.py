"""The kernel: the few rules of an unsolvable problem that any conflict can be made of.

Leave out one relation of every conflict that shows up until there is an answer. Wherever that
answer respects a package's rules whatever happens elsewhere, the package is out of the question:
no smallest conflict contains a rule that such a package satisfies. What remains is usually tiny,
and only its releases have to be read.

Source: Kullmann, "Investigations on autark assignments" (2000): a rule that an autarky satisfies
is in no minimal unsatisfiable set.
"""

from collections.abc import Iterable, Mapping

from recyclic.resolve.catalog_provider import CatalogProvider
from recyclic.resolve.conflict import ConflictSearch
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Relation
from recyclic.resolve.rules import Rules
from recyclic.resolve.solver import Refused, Solved, Solver
from recyclic.resolve.term import ABSENT


def kernel(problem: Problem) -> tuple[Rules, tuple[Relation, ...]]:
    """Rules that hold every minimal conflict of a problem without an answer, and one conflict."""
    first: tuple[Relation, ...] = ()
    without: list[Relation] = []
    while True:
        provider = CatalogProvider(problem, lambda relation: relation not in without)
        verdict = Solver(provider).solve()
        if isinstance(verdict, Solved):
            return _Kernel(problem, verdict.states, provider).rules(), first
        assert isinstance(verdict, Refused), "without a budget there is a verdict"
        conflict = _some_conflict(provider, verdict.derivation)
        if not conflict:
            return Rules(provider.domains, _externals(verdict.derivation)), first
        first = first or conflict
        without.append(conflict[-1])


def _some_conflict(provider: CatalogProvider, derivation: Incompatibility) -> tuple[Relation, ...]:
    """A conflict that the derivation rests on, from which nothing can be left out."""
    rules = Rules(provider.domains, _externals(derivation))
    return ConflictSearch(rules).minimal()


def _externals(derivation: Incompatibility) -> list[Incompatibility]:
    return [found for found in derivation.closure() if not found.antecedents]


class _Kernel:
    """Which packages have a rule that the answer does not keep to, and so on from there."""

    def __init__(
        self, problem: Problem, states: Mapping[int, int], solved: CatalogProvider
    ) -> None:
        self._provider = CatalogProvider(problem)
        start = tuple(self._provider.start())
        # The answer is in the numbers of the provider that solved it: translate.
        self._states = {
            self._provider.number(solved.subjects[number]): state
            for number, state in states.items()
        }
        self._found: list[Incompatibility] = []
        self._start = start
        self._in_question: set[int] = set()
        self._asking: dict[int, list[Incompatibility]] = {}
        self._todo: list[int] = []

    def rules(self) -> Rules:
        """The rules between packages that are in question."""
        self._listen(self._start)
        for number, state in list(self._states.items()):
            if not self._provider.is_root(number):
                self._listen(self._provider.incompatibilities(number, state))
        for number in range(len(self._provider.domains)):
            if self._provider.is_root(number):
                self._question(number)
        while self._todo:
            self._look_at(self._todo.pop())
        return Rules(self._provider.domains, self._found)

    def _look_at(self, number: int) -> None:
        versions = self._provider.domains[number] & ~ABSENT
        if versions:
            self._listen(self._provider.incompatibilities(number, versions))
        self._listen(self._asking.pop(number, ()))

    def _listen(self, rules: Iterable[Incompatibility]) -> None:
        """Put in question whoever does not keep to a rule by itself."""
        for rule in rules:
            keeping = [package for package, mask in rule.terms if self._keeps(package, mask)]
            if keeping:
                for package in keeping:
                    self._asking.setdefault(package, []).append(rule)
            else:
                for package, _ in rule.terms:
                    self._question(package)
                self._found.append(rule)

    def _keeps(self, package: int, mask: int) -> bool:
        """True when the answer alone makes this term false, and nothing is wrong with it."""
        return package not in self._in_question and not self._states.get(package, ABSENT) & mask

    def _question(self, package: int) -> None:
        if package not in self._in_question:
            self._in_question.add(package)
            self._todo.append(package)
