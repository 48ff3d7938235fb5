"""What is kept: displaced before locked before installed, none of it for what is upgraded."""

from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.scenarios.scenario_file import package

from recyclic.model.diagnostic import Place
from recyclic.model.package import Requirement
from recyclic.model.profile import Request
from recyclic.model.resolution import Displaced
from recyclic.resolve.preferences import ALL, Preferences, still_counting

A, B, C, D, E = map(package, "abcde")
SHOP = package("bundle:shop")
ONE, TWO, THREE = (Version(f"{number}.0") for number in (1, 2, 3))


def test_displaced_counts_before_locked_before_installed() -> None:
    """What came in has no version to go back to: what is locked of it stays."""
    wanted = Preferences(
        displaced={A: (ONE,), D: (None,), E: (None,)},
        locked={B: TWO, A: TWO, D: TWO},
        installed={C: THREE, B: THREE, A: THREE},
    )
    assert [wanted.preferred(each) for each in (A, B, C, D, E)] == [ONE, TWO, THREE, TWO, None]
    assert [wanted.present(each) for each in (A, B, C)] == [TWO, TWO, THREE]
    assert wanted.keeps() == (A, B, C, D)
    assert wanted.came_in() == (D, E)


def test_the_order_of_what_is_kept_is_by_name() -> None:
    wanted = Preferences(locked={E: ONE, C: ONE, D: ONE}, displaced={B: (None,), A: (None,)})
    assert wanted.keeps() == (C, D, E)
    assert wanted.came_in() == (A, B)


def test_nothing_is_kept_of_what_is_upgraded() -> None:
    """Nor does it have to stay out."""
    before: Displaced = {A: (ONE,), D: (None,)}
    known = Preferences(displaced=before, locked={A: TWO, B: TWO}, installed={A: THREE})
    for upgrade in (frozenset({A, D}), ALL):
        wanted = replace(known, upgrade=upgrade)
        assert wanted.recalled(A) == ()
        assert wanted.present(A) is wanted.preferred(A) is None
        assert wanted.keeps() == (() if upgrade == "all" else (B,))
        assert wanted.came_in() == ()


def counting(specifier: str | None, displaced: Version | None, locked: Version | None) -> bool:
    """Does what was displaced still count for that request?"""
    line = Place("profile.toml", 1)
    asked = None if specifier is None else Requirement(SHOP, SpecifierSet(specifier), line)
    before: Displaced = {A: (ONE,)} | ({SHOP: (displaced,)} if displaced else {})
    wanted = Preferences(locked={SHOP: locked} if locked else {}, displaced=before)
    found = still_counting(wanted, Request("lyon", asked))
    assert (found.displaced or before) == before
    return bool(found.displaced)


def test_a_bundle_that_moved_on_ends_what_was_displaced() -> None:
    """Unless the version it has now, or had, is asked for again, be it a pre-release."""
    assert counting("==2.0", displaced=None, locked=TWO)
    assert counting("==1.0", displaced=ONE, locked=TWO)
    assert not counting("==3.0", displaced=ONE, locked=TWO)
    assert not counting("==3.0", displaced=None, locked=None)
    assert counting(">=1", displaced=None, locked=Version("2.0rc1"))
    assert counting(None, displaced=ONE, locked=TWO)
