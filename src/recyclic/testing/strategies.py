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

from dataclasses import dataclass, replace

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

HOST = HostFacts(core=Version("1.0"), python=Version("3.12"))
"""The host that drawn releases are written for; there is no Paheko on it."""

_VERSIONS = tuple(map(Version, ("1.0", "1.1", "2.0", "2.1rc1", "3.0")))
_SPECIFIERS = (
    "",
    "",
    "",
    ">=1.1",
    ">=1.0",
    "<3",
    "<2",
    ">=2",
    "==2.0",
    "==1.*",
    "!=1.1",
    "~=1.0",
    ">=2.1rc1",
    "<=1.1",
)
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


def requirements(targets: st.SearchStrategy[Package]) -> st.SearchStrategy[Requirement]:
    """Requirements on one of ``targets``, each from a line of its own file."""
    return st.builds(
        Requirement,
        targets,
        st.sampled_from(_SPECIFIERS).map(SpecifierSet),
        st.integers(1, 9).map(lambda line: Place("drawn.toml", line)),
    )


def _distinct(
    asked: st.SearchStrategy[Requirement], most: int
) -> st.SearchStrategy[tuple[Requirement, ...]]:
    return st.lists(asked, max_size=most, unique_by=lambda each: each.package).map(tuple)


def _targets(names: tuple[Package, ...]) -> st.SearchStrategy[Package]:
    capabilities = [Package(PackageKind.MODULE, name) for name in _CAPABILITIES]
    often = [*names] * 12
    return st.sampled_from([*often, *capabilities * 2, CORE, _NOWHERE])


@st.composite
def releases(
    draw: st.DrawFn, package: Package, version: Version, names: tuple[Package, ...]
) -> Release:
    """One release of ``package`` that asks something of some of ``names``."""
    others = st.sampled_from(names)
    rarely = st.integers(0, 7).map(lambda number: number == 0)
    release = Release(
        package,
        version,
        Place(f"{package.name}/module.toml", 1),
        Origin(OriginKind.INDEX, "drawn"),
        requires=draw(_distinct(requirements(_targets(names)), 2)),
        yanked="broken" if draw(rarely) else None,
    )
    if package.kind is PackageKind.MODULE:
        offered = draw(_distinct_capabilities()) if draw(rarely) else ()
        release = replace(release, provides=offered)
    if package.kind is not PackageKind.BUNDLE and draw(rarely):
        asked = draw(_distinct(requirements(others), 1))
        kind = "optional" if draw(st.booleans()) else "conflicts"
        release = replace(release, **{kind: asked})
    return release


def _distinct_capabilities() -> st.SearchStrategy[tuple[Capability, ...]]:
    one = st.builds(
        Capability,
        st.sampled_from(_CAPABILITIES),
        st.sampled_from([None, Version("1.0"), Version("2.0")]),
        st.just(Place("drawn.toml", 1)),
    )
    return st.lists(one, max_size=2, unique_by=lambda each: each.name).map(tuple)


@st.composite
def catalogs(
    draw: st.DrawFn, most_packages: int = 6, most_versions: int = 3
) -> tuple[Release, ...]:
    """Releases of up to that many packages with up to that many versions each."""
    names = packages(draw(st.integers(1, most_packages)))
    found: list[Release] = []
    for package in names:
        count = draw(st.integers(1, most_versions))
        first = draw(st.integers(0, len(_VERSIONS) - count))
        versions = _VERSIONS[first : first + count]
        found += [draw(releases(package, version, names)) for version in versions]
    return tuple(found)


@st.composite
def requests(draw: st.DrawFn, names: tuple[Package, ...]) -> Request:
    """A request for some of ``names``; sometimes with omissions and an override."""
    asked = draw(
        st.lists(
            requirements(_targets(names)),
            min_size=1,
            max_size=4,
            unique_by=lambda each: each.package,
        )
    )
    place = Place("profile.toml", 20)
    omitted = draw(st.lists(st.sampled_from(names), max_size=1)) if draw(st.booleans()) else []
    overridden = draw(st.lists(st.sampled_from(names), max_size=1)) if draw(st.booleans()) else []
    return Request(
        site="drawn",
        bundle=None,
        requirements=tuple(asked),
        omissions=tuple(Omission(package, place) for package in omitted),
        overrides=tuple(
            Override(package, draw(st.sampled_from(_VERSIONS)), place) for package in overridden
        ),
    )


@st.composite
def problems(draw: st.DrawFn, most_packages: int = 6, most_versions: int = 3) -> DrawnProblem:
    """A catalog and a request to it; about a third have no solution."""
    found = draw(catalogs(most_packages, most_versions))
    names = tuple(dict.fromkeys(release.package for release in found))
    return DrawnProblem(draw(requests(names)), found)


@st.composite
def preferences(draw: st.DrawFn, found: tuple[Release, ...]) -> Preferences:
    """Some of the releases as installed or locked: not necessarily ones that fit together."""
    pairs = [(release.package, release.version) for release in found]
    some = st.lists(st.sampled_from(pairs), max_size=4).map(dict)
    return Preferences(locked=draw(some), installed=draw(some))
