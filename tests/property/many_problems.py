"""Problems by the thousand: drawn with plain ``random``, some fifty times as fast as Hypothesis.

Nothing shrinks here, and a seed is all a failure needs. Capabilities, conflicts, withdrawn releases
and pre-releases are more common than in :mod:`recyclic.testing.strategies`.
"""

import random
from collections.abc import Iterable, Sequence

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    Capability,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import Omission, Override, Request
from recyclic.resolve.preferences import Preferences
from recyclic.testing.strategies import DrawnProblem, packages

_VERSIONS = tuple(map(Version, ("1.0", "1.1", "2.0", "2.1rc1", "3.0")))
_RANGES = ("", ">=1.0", ">=1.1", "<3.1", "!=2.0", "==2.0", "==1.*", "~=1.0", ">=2.1rc1", "<=1.1")
_SPECIFIERS = tuple(map(SpecifierSet, (*_RANGES[:5] * 3, *_RANGES, "<2", ">=2")))
_CAPABILITIES = tuple(Package(PackageKind.MODULE, name) for name in ("till", "scale"))
_NOWHERE = Package(PackageKind.MODULE, "nowhere")
_OFFERED = (None, Version("1.0"), Version("2.0"))
_PROFILE = Place("profile.toml", 20)


def numbered_problem(seed: int, most_packages: int = 8, most_versions: int = 3) -> DrawnProblem:
    """The problem of that number: the same on every machine."""
    dice = random.Random(seed)
    names = packages(dice.randint(2, most_packages))
    found: list[Release] = []
    for package in names:
        count = dice.randint(1, most_versions)
        first = dice.randint(0, min(2, len(_VERSIONS) - count))
        found += [_release(dice, package, at, names) for at in _VERSIONS[first : first + count]]
    asked = _distinct(_asked(dice, names, line + 1) for line in range(dice.randint(1, 4)))
    omitted = Omission(dice.choice(names), _PROFILE)
    overridden = Override(dice.choice(names), dice.choice(_VERSIONS), _PROFILE)
    request = Request(
        "drawn",
        None,
        asked,
        omissions=(omitted,) if dice.random() < 0.08 else (),
        overrides=(overridden,) if dice.random() < 0.08 else (),
    )
    return DrawnProblem(request, tuple(found))


def layered_problem(seed: int, count: int = 40) -> DrawnProblem:
    """A larger one without capabilities, in which the newest versions mostly go together."""
    dice = random.Random(seed)
    names = [Package(PackageKind.MODULE, f"p{number:03d}") for number in range(count)]
    found: list[Release] = []
    for at, package in enumerate(names):
        below = names[at + 1 : at + 1 + count // 4]
        targets = dice.sample(below, min(len(below), dice.choice((1, 2, 3, 4))))
        found += [_layer(dice, package, version, targets) for version in range(1, 6)]
    place = Place("drawn.toml", 1)
    asked = [Requirement(each, SpecifierSet(), place) for each in names[: count // 10]]
    return DrawnProblem(Request("drawn", None, tuple(asked)), tuple(found))


def _layer(
    dice: random.Random, package: Package, version: int, targets: Sequence[Package]
) -> Release:
    asked = []
    for target in targets:
        low = dice.randint(1, max(1, version - 1))
        high = f",<{dice.randint(low + 1, 5)}" if dice.random() < 0.2 and low < 5 else ""
        asked.append(Requirement(target, SpecifierSet(f">={low}{high}"), Place("drawn.toml", 2)))
    place = Place(f"{package.name}/module.toml", 1)
    origin = Origin(OriginKind.INDEX, "drawn")
    return Release(package, Version(str(version)), place, origin, requires=tuple(asked))


def numbered_preferences(seed: int, found: Sequence[Release]) -> Preferences:
    """Some of the releases as locked and as installed; often none."""
    dice = random.Random(-1 - seed)
    pairs = [(release.package, release.version) for release in found]

    def some() -> dict[Package, Version]:
        return dict(dice.sample(pairs, min(len(pairs), dice.choice((0, 0, 1, 2, 3)))))

    return Preferences(locked=some(), installed=some())


def _distinct(asked: Iterable[Requirement]) -> tuple[Requirement, ...]:
    found: dict[Package, Requirement] = {}
    for each in asked:
        found.setdefault(each.package, each)
    return tuple(found.values())


def _asked(dice: random.Random, names: Sequence[Package], line: int) -> Requirement:
    kind = dice.random()
    target = dice.choice(names) if kind < 0.78 else dice.choice(_CAPABILITIES)
    package = _NOWHERE if kind > 0.97 else target
    return Requirement(package, dice.choice(_SPECIFIERS), Place("drawn.toml", line))


def _release(
    dice: random.Random, package: Package, version: Version, names: Sequence[Package]
) -> Release:
    def few(probability: float) -> tuple[Requirement, ...]:
        return (_asked(dice, names, 9),) if dice.random() < probability else ()

    plain = package.kind is PackageKind.BUNDLE
    offers = package.kind is PackageKind.MODULE and dice.random() < 0.35
    offered = dice.sample(_CAPABILITIES, dice.randint(1, 2)) if offers else []
    place = Place("drawn.toml", 1)
    count = dice.choice((0, 0, 1, 1, 2, 3))
    return Release(
        package,
        version,
        Place(f"{package.name}/module.toml", 1),
        Origin(OriginKind.INDEX, "drawn"),
        requires=_distinct(_asked(dice, names, line + 2) for line in range(count)),
        yanked="broken" if dice.random() < 0.06 else None,
        provides=tuple(Capability(each.name, dice.choice(_OFFERED), place) for each in offered),
        optional=() if plain else few(0.1),
        conflicts=() if plain else few(0.12),
    )
