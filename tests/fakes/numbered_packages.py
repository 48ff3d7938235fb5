"""Packages that are nothing but numbers: all that a solver needs to know of any."""

from collections.abc import Hashable, Iterable, Sequence

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.term import ABSENT, newest, states


class NumberedPackages:
    """A provider that tells all its rules, of any length, at the start.

    Args:
        wanted: Packages that must be in.
        ranks: One a package; by number when there are none.
    """

    def __init__(
        self,
        count: int,
        versions: int,
        rules: Iterable[Incompatibility] = (),
        wanted: Iterable[int] = (),
        ranks: Sequence[Hashable] | None = None,
    ) -> None:
        self.domains = [states(versions)] * count
        self.wanted = [Incompatibility(((package, ABSENT),)) for package in wanted]
        self.rules = list(rules)
        # For which versions of which package rules were asked.
        self.asked: list[tuple[int, int]] = []
        self._ranks = ranks

    def start(self) -> Sequence[Incompatibility]:
        return [*self.wanted, *self.rules]

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        assert 0 <= package < len(self.domains), "not one of these"
        self.asked.append((package, versions))
        return ()

    def rank(self, package: int) -> Hashable:
        return package if self._ranks is None else self._ranks[package]

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:
        return newest(candidates)


class NumberedReleases(NumberedPackages):
    """Tells a rule only when a version in its first term is asked for, as a catalog does."""

    def start(self) -> Sequence[Incompatibility]:
        return self.wanted

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        super().incompatibilities(package, versions)
        return [
            Incompatibility(((package, mask & versions), *rule.terms[1:]), rule.relation)
            for rule in self.rules
            for asking, mask in rule.terms[:1]
            if asking == package and mask & versions
        ]
