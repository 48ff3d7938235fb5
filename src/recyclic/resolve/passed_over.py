"""Why a version was not chosen although it could be had: nobody forbids it, and still it is not
what anybody gets without asking for it."""

from dataclasses import dataclass
from enum import StrEnum

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.diagnostic import Place
from recyclic.model.package import Package
from recyclic.model.resolution import Resolution
from recyclic.resolve.problem import Problem


class PassedOver(StrEnum):
    """What made the resolver take another version."""

    OVERRIDDEN = "overridden"
    WITHDRAWN = "withdrawn"
    PRERELEASE = "pre-release"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Passing:
    """One such reason.

    Attributes:
        text: Why it was withdrawn, or the version that is there instead; else empty.
        place: The line of the override.
    """

    why: PassedOver
    text: str = ""
    place: Place | None = None


def passed_over(
    problem: Problem, now: Resolution, package: Package, version: Version
) -> tuple[Passing, ...]:
    """Every reason for which ``now`` does not have that version, beside what others ask."""
    chosen = now.versions.get(package)
    found = []
    override = problem.override(package)
    if override is not None and override.version != version:
        text = str(override.version)
        found.append(Passing(PassedOver.OVERRIDDEN, text, override.place))
    release = problem.release(package, version)
    if release is not None and problem.yanked(package, version):
        found.append(Passing(PassedOver.WITHDRAWN, release.yanked or ""))
    known = problem.known(package)
    if version.is_prerelease and not known.state(version) & known.fitting(SpecifierSet()):
        found.append(Passing(PassedOver.PRERELEASE))
    kept = chosen is not None and problem.preferences.present(package) == chosen != version
    if kept and override is None:
        found.append(Passing(PassedOver.KEPT, str(chosen)))
    return tuple(found)
