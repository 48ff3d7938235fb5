"""What the answer should look like where several are possible, and what the host is."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from packaging.version import Version

from recyclic.model.package import Package
from recyclic.model.profile import Request
from recyclic.model.resolution import Displaced, Former

_EMPTY: Mapping[Package, Any] = MappingProxyType({})

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
    """In this order: what was displaced, what is locked, what is installed, then the strategy.

    Attributes:
        displaced: What former resolutions moved: see :mod:`recyclic.resolve.kept`.
        before: The locks before this one, oldest first: see :mod:`recyclic.resolve.going_back`.
        upgrade: Packages for which none of these count, or :data:`ALL`.
    """

    locked: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    installed: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    displaced: Displaced = field(default_factory=lambda: _EMPTY)
    before: tuple[Former, ...] = ()
    upgrade: Set[Package] | Literal["all"] = frozenset()
    strategy: Strategy = Strategy.HIGHEST

    def preferred(self, package: Package) -> Version | None:
        """The version to keep if that can be, or None: the one before it was displaced."""
        return next(iter(self.recalled(package)), None) or self.present(package)

    def recalled(self, package: Package) -> tuple[Version | None, ...]:
        """Where it stood before it was displaced, first things first; empty when it never was."""
        return () if self.lets_go(package) else self.displaced.get(package, ())

    def stood(self, package: Package) -> tuple[Version | None, ...]:
        """Where it stood since before it was displaced; last where it is now."""
        return (*self.recalled(package), self.present(package))

    def present(self, package: Package) -> Version | None:
        """The version that is locked or installed, or None."""
        if self.lets_go(package):
            return None
        return self.locked.get(package) or self.installed.get(package)

    def standing(self) -> dict[Package, Version]:
        """Every version that is locked or installed."""
        return {**self.installed, **self.locked}

    def went_from(self) -> dict[Package, Version]:
        """The same where all that was displaced is back where it stood first."""
        found = self.standing()
        for package in self.displaced:
            for before in self.recalled(package)[:1]:
                found.pop(package, None)
                if before is not None:
                    found[package] = before
        return found

    def lets_go(self, package: Package) -> bool:
        """True when it is to be upgraded."""
        return self.upgrade == ALL or package in self.upgrade

    def keeps(self) -> tuple[Package, ...]:
        """Every package with a version to keep, sorted."""
        known = {*self.displaced, *self.locked, *self.installed}
        return tuple(sorted(found for found in known if self.preferred(found) is not None))

    def came_in(self) -> tuple[Package, ...]:
        """Packages that came in beside one that would do, sorted: rather without them."""
        return tuple(
            sorted(
                package
                for package, before in self.displaced.items()
                if before[0] is None and not self.lets_go(package)
            )
        )


def still_counting(preferences: Preferences, request: Request) -> Preferences:
    """``preferences`` for that request: what was displaced under another version of its bundle
    than the present one is forgotten, and what was before, unless the request asks for that
    version again.

    A new version of a bundle is a new beginning. Otherwise a bundle that widens a range it once
    narrowed would make sites older.
    """
    asked = request.bundle
    if asked is None or not (preferences.displaced or preferences.before):
        return preferences
    stood = (
        preferences.displaced.get(asked.package, (None,))[0],
        preferences.present(asked.package),
    )
    if any(each and asked.specifier.contains(each, prereleases=True) for each in stood):
        return preferences
    return replace(preferences, displaced=_EMPTY, before=())
