"""What was perhaps meant: the nearest names and versions."""

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import package, scenario_of

from recyclic.resolve.nearest import nearest_names, nearest_versions

KNOWN = [Version(text) for text in ("1.0", "1.5", "2.0", "3.0", "4.0")]


def test_up_to_three_names_of_the_same_kind_the_most_alike_first() -> None:
    names = ["caisse", "caisses", "caisse2", "caissette", "paheko:caissa", "zzz"]
    it = scenario_of({"ask": {}, "catalog": {name: {"1.0": {}} for name in names}})
    assert nearest_names(it.catalog, package("caisse1")) == ("caisse", "caisses", "caisse2")
    assert nearest_names(it.catalog, package("barcodes")) == ()


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ([">=9"], ["4.0"]),
        (["<0.5"], ["1.0"]),
        (["==1.7"], ["1.5", "2.0"]),
        (["==1.6.*"], ["1.5", "2.0"]),
        ([">2.0"], ["2.0", "3.0"]),
        (["<1.2", ">9"], ["1.0", "1.5", "4.0"]),
        (["<1.2", ">2.5,<9"], ["2.0", "3.0", "4.0"]),
        (["===odd"], ["2.0", "3.0", "4.0"]),
        ([""], ["2.0", "3.0", "4.0"]),
        ([], ["2.0", "3.0", "4.0"]),
    ],
)
def test_the_versions_next_to_each_bound(asked: list[str], nearest: list[str]) -> None:
    """Up to three, the newest of them, oldest first; without a bound the newest there are."""
    assert list(nearest_versions(KNOWN, asked)) == nearest
