"""The known versions of one package, and the sets of them that specifiers name."""

from bisect import bisect_left
from collections.abc import Sequence, Set
from functools import lru_cache

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from recyclic.resolve.term import ABSENT, state_of, states

_ORDERED = {">=", "<", "<=", ">", "==", "!="}


class KnownVersions:
    """The versions of one package as bits: bit ``i + 1`` is the ``i``-th oldest.

    Attributes:
        versions: Oldest first.
        everything: The set of all of them.
        opened: Those that were named by the people who ask, are locked or installed: a
            pre-release or yanked version among them fits like any other.
    """

    __slots__ = ("_closed", "_found", "_plain", "everything", "opened", "versions")

    def __init__(self, versions: Sequence[Version], opened: Set[Version]) -> None:
        self.versions = tuple(versions)
        self.everything = states(len(self.versions)) & ~ABSENT
        self.opened = self._set_of(opened)
        pre = self._set_of({version for version in self.versions if version.is_prerelease})
        # With no final release there is nothing better than the pre-releases.
        self._closed = pre & ~self.opened if pre != self.everything else 0
        self._plain = not any(
            version.is_prerelease or version.is_postrelease or version.local
            for version in self.versions
        )
        self._found: dict[int, tuple[SpecifierSet, int]] = {}

    def state(self, version: Version) -> int:
        """That version as a state, or 0 when it is not known."""
        at = bisect_left(self.versions, version)
        known = at < len(self.versions) and self.versions[at] == version
        return state_of(at) if known else 0

    def within(self, specifier: SpecifierSet) -> int:
        """Versions inside ``specifier``, pre-releases like any other."""
        # Catalogs share specifiers between releases: the same object is met again and again.
        known = self._found.get(id(specifier))
        if known is None:
            found = self.everything
            for clause in specifier:
                found &= self._within_clause(clause)
            known = self._found[id(specifier)] = (specifier, found)
        return known[1]

    def fitting(self, specifier: SpecifierSet) -> int:
        """Versions that meet a requirement.

        A pre-release only when the specifier names one, or it is opened, or there is no final
        release at all.

        Source: PEP 440, "Handling of pre-releases".
        """
        found = self.within(specifier)
        return found & ~self._closed if self._closed and not specifier.prereleases else found

    def _set_of(self, wanted: Set[Version]) -> int:
        found = 0
        for version in wanted:
            found |= self.state(version)
        return found

    def _within_clause(self, clause: Specifier) -> int:
        if not self._plain or clause.operator not in _ORDERED or clause.version.endswith(".*"):
            return self._within_slowly(clause)
        bound = _version(clause.version)
        at = bisect_left(self.versions, bound)
        exactly = state_of(at) if at < len(self.versions) and self.versions[at] == bound else 0
        older = state_of(at) - 1 & ~ABSENT
        newer = self.everything & ~older & ~exactly
        match clause.operator:
            case ">=":
                return newer | exactly
            case ">":
                return newer
            case "<=":
                return older | exactly
            case "<":
                return older
            case "==":
                return exactly
            case _:
                return older | newer

    def _within_slowly(self, clause: Specifier) -> int:
        found = 0
        for index, version in enumerate(self.versions):
            if clause.contains(version, prereleases=True):
                found |= state_of(index)
        return found


@lru_cache(maxsize=4096)
def _version(text: str) -> Version:
    """Catalogs name the same few bounds again and again."""
    return Version(text)


def is_exact(specifier: SpecifierSet) -> bool:
    """True when it names one version with ``==`` or ``===``: what a yanked release asks for."""
    return any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
        for clause in specifier
    )
