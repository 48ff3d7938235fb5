"""The boot order: what a module needs stands before it, then by name; circles are named."""

from pathlib import Path

import pytest
from tests.unit.catalog.made_resolutions import MadeSite

from recyclic.catalog.order import boot_order, check_cycles
from recyclic.model.diagnostic import DiagnosticsError, Severity


@pytest.fixture
def site(tmp_path: Path) -> MadeSite:
    return MadeSite(tmp_path)


def needing(*names: str, kind: str = "modules") -> str:
    """A [dependencies] table."""
    listed = ", ".join(f'"{name}"' for name in names)
    return f"[dependencies]\n{kind} = [{listed}]\n"


def test_what_is_needed_comes_first_then_names(site: MadeSite) -> None:
    """``a`` needs ``z``; nothing says where ``m`` stands, so its name does."""
    site.module("a", needing("z")).module("m").module("z")
    assert boot_order(site.resolution()) == ("m", "z", "a")


def test_a_ready_module_never_waits_for_a_later_name(site: MadeSite) -> None:
    """As soon as its needs stand, a module comes before all later names."""
    site.module("b", needing("c")).module("c").module("a", needing("d")).module("d")
    assert boot_order(site.resolution()) == ("c", "b", "d", "a")


def test_an_optional_dependency_that_is_there_boots_first(site: MadeSite) -> None:
    """And one that is not there changes nothing."""
    site.module("a", needing("z", "nowhere", kind="optional")).module("z")
    assert boot_order(site.resolution()) == ("z", "a")


def test_the_chosen_provider_boots_first(site: MadeSite) -> None:
    """Of two providers, the order follows the one that was chosen."""
    site.module("a", needing("till")).module("b", needing("till==1", kind="provides"))
    site.module("z", needing("till==1", kind="provides"))
    assert boot_order(site.resolution(till="z")) == ("b", "z", "a")
    assert boot_order(site.resolution(till="b")) == ("b", "a", "z")


def test_a_module_may_need_what_it_provides_itself(site: MadeSite) -> None:
    """That is no circle."""
    site.module("a", '[dependencies]\nmodules = ["till"]\nprovides = ["till"]\n')
    assert boot_order(site.resolution()) == ("a",)


def test_a_circle_is_refused_and_named_in_full(site: MadeSite) -> None:
    """From its first name on, with the line of every step."""
    site.module("c", needing("a")).module("a", needing("b")).module("b", needing("c"))
    with pytest.raises(DiagnosticsError) as caught:
        boot_order(site.resolution())
    (found,) = caught.value.diagnostics
    assert found.code == "RCY-C002"
    assert found.facts["circle"] == "a -> b -> c -> a"
    assert [(cause.facts["module"], str(cause.place)) for cause in found.causes] == [
        ("a", f"{site.folder}/a/module.toml:4:12"),
        ("b", f"{site.folder}/b/module.toml:4:12"),
        ("c", f"{site.folder}/c/module.toml:4:12"),
    ]


def test_every_circle_is_named(site: MadeSite) -> None:
    """Two that share a module, one apart, and a module that needs itself."""
    site.module("a", needing("b", "c")).module("b", needing("a")).module("c", needing("a"))
    site.module("x", needing("y")).module("y", needing("x")).module("s", needing("s"))
    circles = {found.facts["circle"] for found in check_cycles(site.resolution())}
    assert circles == {"a -> b -> a", "a -> c -> a", "x -> y -> x", "s -> s"}


def test_a_circle_through_a_capability(site: MadeSite) -> None:
    """The step is told as it is written."""
    site.module("a", needing("till"))
    site.module("z", '[dependencies]\nmodules = ["a"]\nprovides = ["till"]\n')
    (found,) = check_cycles(site.resolution(till="z"))
    assert [cause.facts["requirement"] for cause in found.causes] == ["till", "a"]


def test_an_optional_dependency_in_a_circle_gives_way(site: MadeSite) -> None:
    """With a warning; the hard need keeps its order."""
    site.module("a", needing("b")).module("b", needing("a", kind="optional"))
    assert boot_order(site.resolution()) == ("b", "a")
    (found,) = check_cycles(site.resolution())
    assert (found.code, found.severity) == ("RCY-C003", Severity.WARNING)


def test_circles_without_number_are_bounded(site: MadeSite) -> None:
    """A knot of eight has thousands of circles; a screenful is told."""
    names = "abcdefgh"
    for name in names:
        site.module(name, needing(*(other for other in names if other != name)))
    assert 0 < len(check_cycles(site.resolution())) <= 20


def test_a_long_chain_does_not_recurse(site: MadeSite) -> None:
    """More modules in a row than Python has stack are ordered like three."""
    for number in range(1100):
        needs = needing(f"m{number + 1:04}") if number < 1099 else ""
        site.module(f"m{number:04}", needs)
    order = boot_order(site.resolution())
    assert (order[0], order[-1]) == ("m1099", "m0000")
