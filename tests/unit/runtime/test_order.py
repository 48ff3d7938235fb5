"""The boot order is checked, never changed."""

import pytest

from recyclic.runtime.descriptor import ModuleDescriptor, describe
from recyclic.runtime.errors import (
    ConflictingModuleError,
    DependencyMissingError,
    DependencyTooLateError,
    DependencyVersionError,
    ModuleError,
    WrongVersionError,
)
from recyclic.runtime.order import check_order


def module(name: str, version: str | None = "1.0", **dependencies: list[str]) -> ModuleDescriptor:
    return describe(name, {"version": version, "dependencies": dependencies})


def errors(*order: ModuleDescriptor, **expected: str) -> dict[str, type[ModuleError]]:
    return {name: type(error) for name, error in check_order(order, expected).items()}


def test_an_order_that_holds_has_nothing_wrong() -> None:
    """Dependencies first, versions as stated."""
    assert errors(module("a"), module("b", modules=["a>=1,<2"]), a="1.0", b="1.0") == {}


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ([module("b", modules=["a"])], {"b": DependencyMissingError}),
        ([module("b", modules=["a"]), module("a")], {"b": DependencyTooLateError}),
        ([module("a", "3.0"), module("b", modules=["a<2"])], {"b": DependencyVersionError}),
        ([module("a"), module("b", conflicts=["a"])], {"b": ConflictingModuleError}),
        ([module("b", optional=["a"]), module("a")], {"b": DependencyTooLateError}),
        ([module("a", "3"), module("b", optional=["a<2"])], {"b": DependencyVersionError}),
    ],
)
def test_an_order_that_does_not_hold_is_laid_to_one_module(
    order: list[ModuleDescriptor], wrong: dict[str, type[ModuleError]]
) -> None:
    """The one whose need is not met; what it needs is not at fault."""
    assert errors(*order) == wrong


def test_an_optional_need_that_is_absent_is_none() -> None:
    """Never pulled in, never missed."""
    assert errors(module("b", optional=["a"])) == {}


def test_an_absent_conflict_or_an_older_one_is_fine() -> None:
    """A conflict names versions too."""
    assert errors(module("a"), module("b", conflicts=["a>=2", "gone"])) == {}


def test_the_code_on_disk_has_to_be_the_version_stated() -> None:
    """Spelled differently is the same version; a different one is told with both."""
    assert errors(module("a", "1.0"), a="1") == {}
    assert errors(module("a", "1.1"), a="1.0") == {"a": WrongVersionError}
    facts = check_order([module("a", "1.1")], {"a": "1.0"})["a"].facts
    assert facts == {"module": "a", "expected": "1.0", "found": "1.1"}


def test_a_capability_meets_a_need_in_another_s_name() -> None:
    """At its own version, which is not the provider's."""
    provider = module("p", "9.0", provides=["export==1.0"])
    assert errors(provider, module("b", modules=["export>=1,<2"])) == {}
    assert errors(provider, module("b", modules=["export>=2"])) == {"b": DependencyVersionError}


def test_a_capability_without_a_version_meets_only_any_version() -> None:
    """Nobody knows what it is."""
    provider = module("p", provides=["export"])
    assert errors(provider, module("b", modules=["export"])) == {}
    assert errors(provider, module("b", modules=["export>=1"])) == {"b": DependencyVersionError}


def test_a_pre_release_that_was_chosen_counts() -> None:
    """The installer has decided; the runtime does not ask again whether it may."""
    assert errors(module("a", "2.0rc1"), module("b", modules=["a>=1"])) == {}


def test_a_cycle_shows_as_what_stands_too_late() -> None:
    """No order holds for a cycle, so the first of it is set aside and the boot goes on."""
    found = errors(module("a", modules=["b"]), module("b", modules=["a"]))
    assert found == {"a": DependencyTooLateError}
