"""What the answer should look like where several are possible, and what the host is."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from packaging.version import Version

from recyclic.model.package import Package

_EMPTY: Mapping[Package, Version] = MappingProxyType({})

ALL: Literal["all"] = "all"
"""Upgrade everything: neither the lock nor what is installed is preferred."""


class Strategy(StrEnum):
    """Which version to try first where nothing is locked or installed."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    LOWEST_DIRECT = "lowest-direct"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The versions that are given, not chosen.

    Attributes:
        paheko: None when there is no Paheko here; what is required of its version is then
            deferred: not checked.
    """

    core: Version
    python: Version
    paheko: Version | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """In this order: what is locked, what is installed, then the strategy.

    Attributes:
        upgrade: Packages for which lock and installation do not count, or :data:`ALL`.
    """

    locked: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    installed: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    upgrade: Set[Package] | Literal["all"] = frozenset()
    strategy: Strategy = Strategy.HIGHEST

    def preferred(self, package: Package) -> Version | None:
        """The version to keep if that can be, or None."""
        if self.upgrade == ALL or package in self.upgrade:
            return None
        return self.locked.get(package) or self.installed.get(package)

    def keeps(self) -> tuple[Package, ...]:
        """Every package with a version to keep, sorted."""
        known = {*self.locked, *self.installed}
        return tuple(sorted(found for found in known if self.preferred(found) is not None))
