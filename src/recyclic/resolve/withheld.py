"""A provider that keeps some relations from the solver, and remembers everything it was told."""

from collections.abc import Collection, Hashable, Iterable, Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.provider import Provider
from recyclic.resolve.term import ABSENT


class Withheld:
    """Passes on what ``provider`` tells, except the rules of ``relations``.

    Attributes:
        domains: See :class:`recyclic.resolve.provider.Provider`, which this also is.
    """

    def __init__(self, provider: Provider, relations: Collection[Hashable]) -> None:
        self.domains = provider.domains
        self._provider = provider
        self._relations = relations
        self._about: dict[int, list[Incompatibility]] = {}
        self._withheld: list[Incompatibility] = []
        self._told: dict[int, int] = {}

    def start(self) -> Iterable[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        return self._passed_on(self._provider.start())

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        self._told[package] = self._told.get(package, 0) | versions
        return self._passed_on(self._provider.incompatibilities(package, versions))

    def rank(self, package: int) -> Hashable:
        """See :class:`recyclic.resolve.provider.Provider`."""
        return self._provider.rank(package)

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:
        """See :class:`recyclic.resolve.provider.Provider`."""
        return self._provider.choose(package, candidates, domains)

    def withheld(self) -> Sequence[Incompatibility]:
        """The rules met so far that the solver does not know."""
        return self._withheld

    def about(self, package: int) -> Sequence[Incompatibility]:
        """Every rule that names a package, once all of its own versions have been asked for."""
        untold = self.domains[package] & ~ABSENT & ~self._told.get(package, 0)
        if untold:
            self.incompatibilities(package, untold)
        return self._about.get(package, ())

    def _passed_on(self, found: Iterable[Incompatibility]) -> list[Incompatibility]:
        passed = []
        for rule in found:
            for package, _ in rule.terms:
                self._about.setdefault(package, []).append(rule)
            if rule.relation in self._relations:
                self._withheld.append(rule)
            else:
                passed.append(rule)
        return passed
