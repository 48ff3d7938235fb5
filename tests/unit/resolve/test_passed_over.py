"""Why a version that could be had is not what is there: each reason, and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.model.diagnostic import Place
from recyclic.resolve.passed_over import PassedOver, Passing, passed_over
from recyclic.resolve.problem import Problem
from recyclic.resolve.resolve import resolve

Table = Mapping[str, Mapping[str, Any]]

CATALOG: Table = {"a": {"1.0": {}, "2.0": {}, "3.0rc1": {}}, "b": {"1.0": {}}}
UNFINISHED: Table = {"a": {"1.0rc1": {}, "2.0rc1": {}}}
WITHDRAWN: Table = {"a": {"1.0": {}, "2.0": {"yanked": "loses sales"}}}
IN_SILENCE: Table = {"a": {"1.0": {}, "2.0": {"yanked": ""}}}
INSTALLED: Table = {"prefer": {"installed": {"a": "1.0"}}}
OVERRIDDEN: Table = {"override": {"a": "1.0"}}
BY_THE_PROFILE = Passing(PassedOver.OVERRIDDEN, "1.0", Place("profile.toml", 30))


@pytest.mark.parametrize(
    ("catalog", "more", "version", "expected"),
    [
        (CATALOG, {}, "1.0", ()),
        (CATALOG, {}, "2.0", ()),
        (CATALOG, {}, "3.0rc1", (Passing(PassedOver.PRERELEASE),)),
        (UNFINISHED, {}, "1.0rc1", ()),
        (WITHDRAWN, {}, "2.0", (Passing(PassedOver.WITHDRAWN, "loses sales"),)),
        (WITHDRAWN, {}, "1.0", ()),
        (IN_SILENCE, {}, "2.0", (Passing(PassedOver.WITHDRAWN),)),
        (CATALOG, INSTALLED, "2.0", (Passing(PassedOver.KEPT, "1.0"),)),
        (CATALOG, INSTALLED, "1.0", ()),
        (CATALOG, OVERRIDDEN, "2.0", (BY_THE_PROFILE,)),
        (CATALOG, OVERRIDDEN, "1.0", ()),
        (CATALOG, {**INSTALLED, **OVERRIDDEN}, "2.0", (BY_THE_PROFILE,)),
    ],
)
def test_every_reason_is_told(
    catalog: Table,
    more: Table,
    version: str,
    expected: tuple[Passing, ...],
) -> None:
    """Where the profile names a version it is not said as well that this one is kept."""
    ask = {"modules": ["a"], "override": more.get("override", {})}
    it = scenario_of({"ask": ask, "catalog": catalog, "prefer": more.get("prefer", {})})
    problem = Problem(it.request, it.catalog, it.host, it.preferences)
    now = resolve(it.request, it.catalog, it.host, it.preferences)
    assert passed_over(problem, now, package("a"), Version(version)) == expected


def test_what_is_not_there_at_all_is_not_kept_out() -> None:
    """Nobody asks for it: that is all."""
    it = scenario_of({"ask": {"modules": ["a"]}, "catalog": CATALOG})
    problem = Problem(it.request, it.catalog, it.host, it.preferences)
    now = resolve(it.request, it.catalog, it.host)
    assert passed_over(problem, now, package("b"), Version("1.0")) == ()


def test_the_reasons_are_called() -> None:
    """As those who read JSON know them."""
    assert [*PassedOver] == ["overridden", "withdrawn", "pre-release", "kept"]
