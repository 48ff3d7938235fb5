"""A relation: one package asks something of another, whatever its versions."""

from dataclasses import dataclass
from enum import StrEnum

from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package, PackageKind, Requirement


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """``depender`` asks something of ``dependency``: the unit explanations are counted in.

    Attributes:
        depender: ROOT for the requested bundle and the profile.
        dependency: As named: a capability is named like the module that could be meant.
    """

    depender: Package
    dependency: Package


class NeedKind(StrEnum):
    """What is asked of the other package."""

    REQUIRES = "requires"
    OPTIONAL = "optional"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Need:
    """One line of a manifest that asks something of another package."""

    kind: NeedKind
    requirement: Requirement

    def sort_key(self) -> tuple[object, ...]:
        """By what is asked: never by the order in which a file says it."""
        requirement = self.requirement
        return (requirement.package, self.kind, str(requirement.specifier), requirement.place)


_PLAIN = {PackageKind.MODULE, PackageKind.CAPABILITY, PackageKind.ROOT}


def name_of(package: Package) -> str:
    """A package's name in JSON and in words: plain for a module, ``paheko:x``, ``bundle:x``."""
    if package in (ROOT, CORE, PAHEKO, PYTHON) or package.kind in _PLAIN:
        return package.name
    return f"{package.kind.value}:{package.name}"
