"""The answer of a resolution: one version per package, and who asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from packaging.version import Version

from recyclic.model.package import Package, Release, Requirement
from recyclic.model.profile import Override
from recyclic.model.settings import LayeredValue

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RequiredBy:
    """One reason a package is in the answer.

    Attributes:
        depender: Who asks; ``ROOT`` when the bundle file or the profile does.
        requirement: What it asks, with the line. Its package may be a capability's name.
    """

    depender: Package
    requirement: Requirement


Displaced = Mapping[Package, tuple[Version | None, ...]]
"""Packages that were moved, to where each stood before: first where it stood at first, then before
each time it was moved again. None where it was not in."""


MOST_FORMER = 100
"""So many former locks are remembered, the last ones. A new version of the bundle forgets all."""


@dataclass(frozen=True, slots=True)
class Former:
    """A lock as it was: a resolution goes back to it when it is the answer again.

    Attributes:
        versions: Modules, extensions and bundles.
        displaced: What was out of place then already.
    """

    versions: Mapping[Package, Version]
    displaced: Displaced = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Resolution:
    """One version per package that is in, and nothing that nobody needs.

    Attributes:
        versions: Modules, extensions and bundles; sorted by package.
        releases: The manifest of each of them.
        required_by: For each package, everything that asks for it, sorted.
        order: The modules in boot order: what a module needs first, then by name. Empty until
            the rules have ordered it.
        chosen_providers: A requirement's text, ``till>=1``, to the module that answers it, where
            that is not the module it names.
        overrides: In force, whether or not they changed anything.
        displaced: Packages that are not where they were and would go back. Part of the lock.
        before: The locks it came from, oldest first, while it may have to go back. Part of the
            lock.
        settings: Every enabled module's settings after all layers.
    """

    versions: Mapping[Package, Version]
    releases: Mapping[Package, Release]
    required_by: Mapping[Package, tuple[RequiredBy, ...]]
    order: tuple[str, ...] = ()
    chosen_providers: Mapping[str, Package] = field(default_factory=lambda: _EMPTY)
    overrides: tuple[Override, ...] = ()
    displaced: Displaced = field(default_factory=lambda: _EMPTY)
    before: tuple[Former, ...] = ()
    settings: Mapping[str, Mapping[str, LayeredValue]] = field(default_factory=lambda: _EMPTY)
