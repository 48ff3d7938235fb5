"""The smallest change to a specifier that lets one more version in."""

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

_LOWER = (">=", ">", "~=")


def widened(specifier: SpecifierSet, version: Version) -> SpecifierSet:
    """``specifier`` with the clauses that exclude ``version`` moved just far enough."""
    kept = [clause for clause in specifier if clause.contains(version, prereleases=True)]
    moved = [clause for clause in specifier if clause not in kept]
    texts = {str(clause) for clause in kept} | {_moved(clause, version) for clause in moved}
    found = SpecifierSet(",".join(sorted(texts - {""})))
    if version.is_prerelease and not found.prereleases:
        found &= SpecifierSet(f">={version.public}")
    return found


def _moved(clause: Specifier, version: Version) -> str:
    """One clause's replacement; nothing when it is best left out.

    Only ``==`` may name a local version.
    """
    if clause.operator == "!=":
        return ""
    if clause.operator in ("==", "==="):
        return f"=={version}"
    bound = Version(clause.version)
    if clause.operator in _LOWER and version <= bound:
        return f">={version.public}"
    if clause.operator == "~=":
        return f">={bound}"
    if version.is_prerelease:
        return f"<={version.public}"
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f"<{epoch}{version.major + 1}"
