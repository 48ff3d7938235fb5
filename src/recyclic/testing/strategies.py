"""Hypothesis strategies for catalogs, requests and preferences: test your own rules with ours.

    from hypothesis import given
    from recyclic.testing.strategies import HOST, problems

    @given(problems())
    def test_something(problem):
        resolve(problem.request, problem.catalog, HOST)

What is drawn is small enough for a brute-force answer and connected enough to go deep: most
requirements lead on to another package, several versions of one package ask different things, and
every kind of requirement occurs.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.catalog.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    CORE,
    Capability,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import Omission, Override, Request
from recyclic.resolve.preferences import HostFacts, Preferences

T = TypeVar("T")

HOST = HostFacts(core=Version("1.0"), python=Version("3.12"))
"""The host that drawn releases are written for; there is no Paheko on it."""

_VERSIONS = tuple(map(Version, ("1.0", "1.1", "2.0", "2.1rc1", "3.0")))
_OPEN = tuple(map(SpecifierSet, ("", ">=1.0", ">=1.1", "<3.1", "!=2.0")))
_NARROW = tuple(map(SpecifierSet, ("==2.0", "==1.*", "~=1.0", ">=2.1rc1", "<=1.1", "<2", ">=2")))
_CAPABILITIES = ("till", "scale")
_NOWHERE = Package(PackageKind.MODULE, "nowhere")


@dataclass(frozen=True)
class DrawnProblem:
    """A request and the catalog it is put to.

    Attributes:
        releases: What the catalog was made from, in the order drawn.
    """

    request: Request
    releases: tuple[Release, ...]

    @property
    def catalog(self) -> MemoryCatalog:
        """A catalog of these releases."""
        return MemoryCatalog(self.releases)


def packages(count: int) -> tuple[Package, ...]:
    """The first ``count`` of a fixed list: mostly modules, some extensions and bundles."""
    module, extension = PackageKind.MODULE, PackageKind.EXTENSION
    kinds = (module, module, module, extension)
    found = [Package(kinds[index % 4], f"p{index}") for index in range(count)]
    if count > 2:
        found[-1] = Package(PackageKind.BUNDLE, f"p{count - 1}")
    return tuple(found)


def _rarely(strategy: st.SearchStrategy[T], otherwise: T, one_in: int) -> st.SearchStrategy[T]:
    return st.integers(1, one_in).flatmap(
        lambda number: strategy if number == one_in else st.just(otherwise)
    )


def requirements(targets: st.SearchStrategy[Package]) -> st.SearchStrategy[Requirement]:
    """Requirements on one of ``targets``, each from some line of one file."""
    return st.builds(
        Requirement,
        targets,
        st.sampled_from((*_OPEN * 5, *_NARROW)),
        st.integers(1, 9).map(lambda line: Place("drawn.toml", line)),
    )


def _distinct(
    asked: st.SearchStrategy[Requirement], least: int, most: int
) -> st.SearchStrategy[tuple[Requirement, ...]]:
    lists = st.lists(asked, min_size=least, max_size=most, unique_by=lambda each: each.package)
    return lists.map(tuple)


@cache
def _asked(names: tuple[Package, ...], least: int) -> st.SearchStrategy[tuple[Requirement, ...]]:
    """One to three requirements, mostly on packages that are there."""
    capabilities = [Package(PackageKind.MODULE, name) for name in _CAPABILITIES]
    targets = st.sampled_from([*[*names] * 30, *capabilities * 3, CORE, _NOWHERE])
    return _distinct(requirements(targets), least, 3)


_CAPABILITY = st.builds(
    Capability,
    st.sampled_from(_CAPABILITIES),
    st.sampled_from([None, Version("1.0"), Version("2.0")]),
    st.just(Place("drawn.toml", 1)),
)
_OFFERS = st.lists(_CAPABILITY, min_size=1, max_size=2, unique_by=lambda each: each.name).map(tuple)
_NOTHING: tuple[Requirement, ...] = ()
_NO_OFFERS: tuple[Capability, ...] = ()


@cache
def releases(
    package: Package, version: Version, names: tuple[Package, ...]
) -> st.SearchStrategy[Release]:
    """One release of ``package`` that asks something of some of ``names``."""
    few = _distinct(requirements(st.sampled_from(names)), 1, 1)
    plain = package.kind is PackageKind.BUNDLE
    offers = package.kind is PackageKind.MODULE
    return st.builds(
        Release,
        package=st.just(package),
        version=st.just(version),
        place=st.just(Place(f"{package.name}/module.toml", 1)),
        origin=st.just(Origin(OriginKind.INDEX, "drawn")),
        requires=_rarely(st.just(_NOTHING), None, 4).flatmap(
            lambda nothing: _asked(names, 0) if nothing is None else st.just(_NOTHING)
        ),
        yanked=_rarely(st.just("broken"), None, 12),
        provides=_rarely(_OFFERS, _NO_OFFERS, 4) if offers else st.just(_NO_OFFERS),
        optional=st.just(_NOTHING) if plain else _rarely(few, _NOTHING, 10),
        conflicts=st.just(_NOTHING) if plain else _rarely(few, _NOTHING, 10),
    )


@st.composite
def catalogs(
    draw: st.DrawFn, most_packages: int = 6, most_versions: int = 3
) -> tuple[Release, ...]:
    """Releases of up to that many packages with up to that many versions each."""
    least = min(2, most_packages)
    # Small ones to shrink to; otherwise as large as may be, so that graphs go deep.
    how_many = st.integers(least, most_packages) | st.just(most_packages)
    names = packages(draw(how_many))
    found: list[Release] = []
    for package in names:
        count = draw(st.integers(1, most_versions) | st.just(most_versions))
        first = draw(st.integers(0, min(2, len(_VERSIONS) - count)))
        versions = _VERSIONS[first : first + count]
        found += [draw(releases(package, version, names)) for version in versions]
    return tuple(found)


@cache
def requests(names: tuple[Package, ...]) -> st.SearchStrategy[Request]:
    """A request for some of ``names``; now and then with an omission and an override."""
    place = Place("profile.toml", 20)
    package = st.sampled_from(names)
    omission = st.builds(Omission, package, st.just(place)).map(lambda each: (each,))
    override = st.builds(Override, package, st.sampled_from(_VERSIONS), st.just(place))
    return st.builds(
        Request,
        site=st.just("drawn"),
        bundle=st.none(),
        requirements=_asked(names, 1),
        omissions=_rarely(omission, (), 8),
        overrides=_rarely(override.map(lambda each: (each,)), (), 8),
    )


@st.composite
def problems(draw: st.DrawFn, most_packages: int = 6, most_versions: int = 3) -> DrawnProblem:
    """A catalog and a request to it; both outcomes are common."""
    found = draw(catalogs(most_packages, most_versions))
    names = tuple(dict.fromkeys(release.package for release in found))
    return DrawnProblem(draw(requests(names)), found)


@st.composite
def preferences(draw: st.DrawFn, found: tuple[Release, ...]) -> Preferences:
    """Some of the releases as installed or locked: not necessarily ones that fit together."""
    pairs = [(release.package, release.version) for release in found]
    some = st.lists(st.sampled_from(pairs), max_size=4).map(dict)
    return Preferences(locked=draw(some), installed=draw(some))
