"""A fix: lines to change so that there is a solution."""

from dataclasses import dataclass

from recyclic.model.diagnostic import Place
from recyclic.model.package import Package


@dataclass(frozen=True, slots=True)
class Patch:
    """One line to change.

    Attributes:
        package: What the line is about.
        old: The value there now: a specifier, or ``false`` for what is left out.
        new: The value to put there, or None to take the line out.
        renamed: The name to put in place of the package's, where the name is the mistake.
    """

    place: Place
    package: Package
    old: str
    new: str | None
    renamed: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """Changes that were tried and work.

    Attributes:
        patches: To be made together, in the order of their places.
        versions: What the root's own packages would then be, as text by name.
    """

    patches: tuple[Patch, ...]
    versions: tuple[tuple[str, str], ...] = ()
