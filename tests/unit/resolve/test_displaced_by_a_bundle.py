"""A new version of the requested bundle displaces like anything else, and ends what went before."""

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import Origin, OriginKind, Package, PackageKind, Release, Requirement
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST

LINE = Place("shop.toml", 1)
SHOP, TILL = Package(PackageKind.BUNDLE, "shop"), Package(PackageKind.MODULE, "till")


def release(package: Package, version: str, till: str | None = None) -> Release:
    asked = () if till is None else (Requirement(TILL, SpecifierSet(till), LINE),)
    origin = Origin(OriginKind.INDEX, "index.json")
    return Release(package, Version(version), LINE, origin, requires=asked)


CATALOG = MemoryCatalog(
    [
        *(release(TILL, version) for version in ("1.0", "2.0")),
        release(SHOP, "1.0", "<=2"),
        release(SHOP, "1.1", "<2"),
        release(SHOP, "1.2", "<=2"),
    ]
)


def at(version: str, before: Resolution | None = None) -> Resolution:
    """The answer for the bundle's file at that version, on top of another."""
    request = Request("lyon", Requirement(SHOP, SpecifierSet(f"=={version}"), LINE))
    if before is None:
        return resolve(request, CATALOG, HOST)
    kept = Preferences(locked=before.versions, displaced=before.displaced, before=before.before)
    return resolve(request, CATALOG, HOST, kept)


def test_the_bundle_as_it_was_gives_the_lock_as_it_was() -> None:
    """Its old version back, everything else back."""
    first = at("1.0")
    second = at("1.1", first)
    assert second.displaced == {SHOP: (Version("1.0"),), TILL: (Version("2.0"),)}
    third = at("1.0", second)
    assert (third.versions, third.displaced) == (first.versions, {})


def test_a_bundle_that_moves_on_leaves_it_at_that() -> None:
    """What the version before the last had is history."""
    second = at("1.1", at("1.0"))
    assert second.before == ()
    third = at("1.2", second)
    assert third.versions[TILL] == Version("1.0")
    assert (third.displaced, third.before) == ({}, ())
