"""Who asked for a package: every path to it, read from the answer without solving again."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from recyclic.model.package import ROOT, Package, Requirement
from recyclic.model.resolution import RequiredBy, Resolution

MOST_PATHS = 100
"""There can be very many paths; the shortest ones say most."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a path: ``depender`` asks, ``package`` is who answers.

    Attributes:
        by_capability: True when the requirement names something that ``package`` provides.
    """

    depender: Package
    requirement: Requirement
    package: Package

    @property
    def by_capability(self) -> bool:
        """See the attributes."""
        return self.requirement.package != self.package


Path = tuple[Link, ...]
"""From the root to the package that was asked about."""


def why(resolution: Resolution, package: Package, most: int = MOST_PATHS) -> tuple[Path, ...]:
    """Paths from the root to ``package``, shortest first, then by name; none when it is not in."""
    return tuple(islice(_paths(resolution, package), most))


def _paths(resolution: Resolution, package: Package) -> Iterator[Path]:
    todo: deque[Path] = deque(_links(resolution, package, ()))
    while todo:
        path = todo.popleft()
        if path[0].depender == ROOT:
            yield path
        else:
            todo.extend(_links(resolution, path[0].depender, path))


def _links(resolution: Resolution, package: Package, rest: Path) -> Iterator[Path]:
    passed = {link.package for link in rest} | {package}
    for asked in resolution.required_by.get(package, ()):
        if asked.depender not in passed:
            yield (Link(asked.depender, asked.requirement, package), *rest)


def holders(resolution: Resolution, package: Package) -> tuple[RequiredBy, ...]:
    """Everything that asks for it, the root first."""
    found = resolution.required_by.get(package, ())
    return tuple(sorted(found, key=lambda each: (each.depender != ROOT, each.depender)))
