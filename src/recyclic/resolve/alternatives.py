"""Alternatives: a requirement that more than one module can meet, as a package of its own.

Its versions are those who can meet it. That makes the choice of a provider a decision like
any other: propagated, learned from, and taken back.
"""

from dataclasses import dataclass

from recyclic.model.package import Package


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Who can meet requirements on ``name``, and with which versions of theirs.

    Equal sets are equal values: two requirements that the same versions meet share the choice.

    Attributes:
        choices: The named module first, then providers by name, each with the set of its
            versions that fit.
    """

    name: Package
    choices: tuple[tuple[Package, int], ...]
