"""A term: "this package is in this set", over packages that are numbers and sets that are bits.

The catalog is finite and known before solving starts, so the states of a package are the bits
of one integer: bit 0 is "not in the answer", bit ``i + 1`` is its version ``i``, oldest first.
Union, intersection and complement are ``|``, ``&`` and ``full & ~``; the newest version of a
set is its highest bit.

Source: the PubGrub paper's terms (dart-lang/pub, doc/solver.md, "Term"). There a term is
positive or negative; here a negative term is simply a set that contains the absent state.
"""

from collections.abc import Iterator

Term = tuple[int, int]
"""Package, and the set of states it is said to be in."""

ABSENT = 1
"""The state "not in the answer"."""


def states(version_count: int) -> int:
    """Every state of a package with that many versions."""
    return (2 << version_count) - 1


def state_of(index: int) -> int:
    """The state "at version ``index``", counted from 0, oldest first."""
    return 2 << index


def newest(mask: int) -> int:
    """The newest version of a set that holds at least one, as a state."""
    return 1 << (mask.bit_length() - 1)


def oldest(mask: int) -> int:
    """The oldest version of a set that holds at least one, as a state."""
    versions = mask & ~ABSENT
    return versions & -versions


def indexes(mask: int) -> Iterator[int]:
    """The version indexes of a set, oldest first; the absent state is passed over."""
    mask >>= 1
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def is_one_version(mask: int) -> bool:
    """True when the set is exactly one version: the package is in, and at that version."""
    return not mask & (mask - 1) and mask > ABSENT


def conjunction(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The terms with one per package: two terms on one package are their intersection."""
    if len(terms) == 2 and terms[0][0] != terms[1][0]:
        return terms
    merged: dict[int, int] = {}
    for package, mask in terms:
        known = merged.get(package)
        merged[package] = mask if known is None else mask & known
    return tuple(merged.items())
