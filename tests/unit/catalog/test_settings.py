"""Settings in layers: profile over bundle over included bundle over the module's default."""

from pathlib import Path

import pytest
from tests.unit.catalog.made_resolutions import MadeSite

from recyclic.catalog.settings import lay_settings
from recyclic.model.settings import LayeredValue

CAISSE = """
[settings.properties.currency]
default = "EUR"
[settings.properties.rate]
default = { normal = 20, reduced = 5 }
[settings.properties.quiet]
type = "boolean"
"""


@pytest.fixture
def site(tmp_path: Path) -> MadeSite:
    return MadeSite(tmp_path).module("caisse", CAISSE)


def laid(site: MadeSite) -> dict[str, LayeredValue]:
    """The settings of ``caisse``."""
    return dict(lay_settings(site.resolution(), site.request)["caisse"])


def test_a_default_comes_from_the_schema(site: MadeSite) -> None:
    """With the line that declares it; a setting without one is absent."""
    found = laid(site.bundle("main"))
    assert found["currency"].value == "EUR"
    assert (found["currency"].layer, found["currency"].place.line) == ("module:caisse", 4)
    assert "quiet" not in found


def test_a_bundle_beats_the_default(site: MadeSite) -> None:
    """And the default is remembered."""
    found = laid(site.bundle("main", '[settings.caisse]\ncurrency = "CHF"'))
    assert (found["currency"].value, found["currency"].layer) == ("CHF", "bundle:main")
    assert [(value, layer) for value, _, layer in found["currency"].lost] == [
        ("EUR", "module:caisse")
    ]


def test_the_profile_beats_all(site: MadeSite) -> None:
    """An empty text is a value, too."""
    site.bundle("main", '[settings.caisse]\ncurrency = "CHF"')
    found = laid(site.profile('[settings.caisse]\ncurrency = ""'))
    assert (found["currency"].value, found["currency"].layer) == ("", "profile:profile.toml")
    assert [layer for _, _, layer in found["currency"].lost] == ["bundle:main", "module:caisse"]


def test_a_bundle_beats_what_it_includes(site: MadeSite) -> None:
    """Fewest steps from the request first, then as written."""
    site.bundle("main", 'include = ["one", "two"]')
    site.bundle("one", 'include = ["deep"]\n[settings.caisse]\ncurrency = "one"')
    site.bundle("two", "[settings.caisse]\ncurrency = 'two'\nquiet = false")
    site.bundle("deep", "[settings.caisse]\nquiet = true\ncurrency = 'deep'")
    found = laid(site)
    assert found["quiet"].value is False
    assert [value for value, _, _ in found["currency"].lost] == ["two", "deep", "EUR"]


def test_bundles_may_include_each_other(site: MadeSite) -> None:
    """A circle of includes ends."""
    site.bundle("main", 'include = ["one"]').bundle("one", 'include = ["main"]')
    assert laid(site)["currency"].value == "EUR"


def test_tables_are_laid_key_by_key(site: MadeSite) -> None:
    """Of a table, only what is named is replaced."""
    site.bundle("main", "[settings.caisse.rate]\nreduced = 5.5\nsuper = 2.1")
    assert laid(site)["rate"].value == {"reduced": 5.5, "super": 2.1, "normal": 20}


def test_settings_come_sorted(site: MadeSite) -> None:
    """Whatever order the files have."""
    site.bundle("main", "[settings.caisse]\nz = 1\nb = 2")
    assert list(laid(site)) == ["b", "currency", "rate", "z"]
