"""The few questions the solver asks. Whoever answers them knows what packages are."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol

from recyclic.resolve.incompatibility import Incompatibility


class Provider(Protocol):
    """Packages as numbers, their rules as incompatibilities.

    Attributes:
        domains: For each package known so far, every state it has. Only ever grows, when an
            incompatibility names a package for the first time.
    """

    domains: list[int]

    def start(self) -> Iterable[Incompatibility]:
        """What holds before anything is decided."""
        ...

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        """Everything those versions of ``package`` rule out.

        Asked for one version first, and for all of a package's versions once a second one is
        needed: what equal requirements of several versions rule out should then come merged.
        """
        ...

    def rank(self, package: int) -> Hashable:
        """Sorts packages: a smaller rank is decided first; among equals the solver chooses."""
        ...

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:
        """The state to try first among ``candidates``, given the states open everywhere."""
        ...
