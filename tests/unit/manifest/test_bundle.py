"""A bundle's file: what it says, and every way to say it wrong."""

from pathlib import Path

import pytest

from recyclic.manifest.bundle_file import load_bundle
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.package import Package, PackageKind

GOOD = """\
#:schema ../schemas/bundle.schema.json
name = "ressourcerie-standard"
version = "1.0.0"
description = "Till and weighing"
include = ["socle>=1.0"]

[requires]
core = ">=0.1"
paheko = ">=1.3"

[modules]
caisse = ">=0.1"
paheko_sync = "*"

[paheko]
caisse = ">=0.8"

[features]
weighing = ["caisse>=0.1", "paheko:saisie_poids", "bundle:extra"]

[settings.caisse]
currency = "EUR"
"""


def findings(tmp_path: Path, text: str) -> list[Diagnostic]:
    """What is found in a bundle with this text."""
    path = tmp_path / "b.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load_bundle(path)
    except DiagnosticsError as error:
        return list(error.diagnostics)
    return []


def told(tmp_path: Path, text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of every finding."""
    places = [(each.code, each.place) for each in findings(tmp_path, text)]
    return [(code, place.line, place.column) for code, place in places if place is not None]


def test_every_requirement_has_its_kind_and_its_line(tmp_path: Path) -> None:
    """Includes, modules, extensions and platforms, in the order of the file."""
    (tmp_path / "b.toml").write_text(GOOD)
    release = load_bundle(tmp_path / "b.toml")
    assert [
        (str(each.package), str(each.specifier), each.place.line) for each in release.requires
    ] == [
        ("bundle:socle", ">=1.0", 5),
        ("module:caisse", ">=0.1", 12),
        ("module:paheko_sync", "", 13),
        ("paheko:caisse", ">=0.8", 16),
        ("core:recyclic", ">=0.1", 8),
        ("paheko-core:paheko", ">=1.3", 9),
    ]


def test_a_feature_may_ask_for_anything(tmp_path: Path) -> None:
    """A prefix tells extensions and bundles from modules."""
    (tmp_path / "b.toml").write_text(GOOD)
    wishes = load_bundle(tmp_path / "b.toml").features["weighing"]
    assert [each.package for each in wishes] == [
        Package(PackageKind.MODULE, "caisse"),
        Package(PackageKind.EXTENSION, "saisie_poids"),
        Package(PackageKind.BUNDLE, "extra"),
    ]


def test_settings_keep_their_lines(tmp_path: Path) -> None:
    """Each key of each module's table."""
    (tmp_path / "b.toml").write_text(GOOD)
    release = load_bundle(tmp_path / "b.toml")
    assert release.settings == {"caisse": {"currency": "EUR"}}
    assert release.setting_places["caisse", "currency"].line == 22


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version = "1.0.0"', 'version = "one"', ("RCY-M024", 3, 11)),
        ('version = "1.0.0"', "version = 1.0", ("RCY-M021", 3, 11)),
        ('version = "1.0.0"\n', "", ("RCY-M020", 1, 1)),
        ('"ressourcerie-standard"', '"Ressourcerie Standard"', ("RCY-M010", 2, 8)),
        ("[modules]", "[modulse]", ("RCY-M019", 11, 2)),
        ('caisse = ">=0.1"', 'caisse = "^0.1"', ("RCY-M025", 12, 10)),
        ('caisse = ">=0.1"', "caisse = 0.1", ("RCY-M021", 12, 10)),
        ('caisse = ">=0.1"', 'cai-sse! = ">=0.1"', ("RCY-M012", 12, 8)),
        ('caisse = ">=0.1"', '"cai sse" = ">=0.1"', ("RCY-M010", 12, 1)),
        ('"socle>=1.0"', '">=1.0"', ("RCY-M026", 5, 12)),
        ('"socle>=1.0"', '"socle", 5', ("RCY-M021", 5, 21)),
        ('"paheko:saisie_poids"', '"pahko:saisie_poids"', ("RCY-M022", 19, 28)),
        ('"paheko:saisie_poids"', '"paheko:Saisie-Poids"', ("RCY-M010", 19, 28)),
        ('currency = "EUR"', "currency = 9223372036854775808", ("RCY-M016", 22, 12)),
        ('currency = "EUR"', "currency = [1, nan]", ("RCY-M016", 22, 16)),
        ('currency = "EUR"', 'currency = "EUR', ("RCY-M012", 22, 16)),
        ('[settings.caisse]\ncurrency = "EUR"', "[settings]\ncaisse = 1", ("RCY-M021", 22, 10)),
    ],
)
def test_one_mistake(old: str, new: str, expected: tuple[str, int, int], tmp_path: Path) -> None:
    """Each with its code, and the line and column of what is wrong."""
    assert old in GOOD
    assert told(tmp_path, GOOD.replace(old, new, 1)) == [expected]


def test_all_mistakes_come_in_one_run(tmp_path: Path) -> None:
    """Mistakes that do not hide each other are told together, in the order of the file."""
    text = GOOD.replace('"1.0.0"', '"x"').replace("[modules]", "[modulse]")
    text = text.replace('"socle>=1.0"', '"socle>="').replace('caisse = ">=0.8"', "caisse = 1")
    assert [code for code, _, _ in told(tmp_path, text)] == [
        "RCY-M024",
        "RCY-M025",
        "RCY-M019",
        "RCY-M021",
    ]


def test_duplicate_keys_name_the_first(tmp_path: Path) -> None:
    """All of them, each with the line of the first."""
    text = 'name = "a"\nversion = "1"\nname = "b"\n[modules]\nx = "*"\n"x" = "*"\n[modules]\n'
    found = findings(tmp_path, text)
    assert [(each.code, each.facts["key"], each.facts["first"]) for each in found] == [
        ("RCY-M011", "name", 1),
        ("RCY-M011", "modules.x", 5),
        ("RCY-M011", "modules", 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "{a=" * 50_000,
        "a." * 100_000 + "b = 1",
        "[" + "a." * 90_000,
    ],
)
def test_deep_nesting(text: str, tmp_path: Path) -> None:
    """Of arrays, inline tables and dotted keys: refused before anything recurses."""
    assert [code for code, _, _ in told(tmp_path, text)] == ["RCY-M015"]


def test_an_unknown_key_is_compared_with_the_known_ones(tmp_path: Path) -> None:
    """The nearest is offered, and all are listed."""
    (found,) = findings(tmp_path, GOOD.replace("[requires]", "[require]"))
    assert found.facts["near"] == "requires"
    assert "modules" in found.facts["known"]


def test_the_known_keys_are_those_of_the_table(tmp_path: Path) -> None:
    """Inside [requires], other keys are known than at the top."""
    (found,) = findings(tmp_path, GOOD.replace("core = ", "coer = "))
    assert (found.facts["near"], found.facts["known"]) == ("core", ["core", "paheko", "python"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (">=0.1 <2", ">=0.1,<2"),
        ("^1.2", ">=1.2,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("~1.2", "~=1.2"),
        ("~>1.2.3", "~=1.2.3"),
        ("~2", ">=2,<3"),
        ("1.0", "==1.0"),
        ("=1.0", "==1.0"),
        ("latest", ">=1.0,<2"),
    ],
)
def test_a_range_of_another_kind_is_translated(written: str, meant: str, tmp_path: Path) -> None:
    """What npm, cargo and composer write, as PEP 440 would say it."""
    (found,) = findings(tmp_path, GOOD.replace('caisse = ">=0.1"', f'caisse = "{written}"'))
    assert found.facts["meant"] == meant


def test_digits_without_end_are_refused(tmp_path: Path) -> None:
    """Python would refuse to read such a number, with an exception of its own."""
    found = findings(tmp_path, GOOD.replace("1.0.0", "9" * 900))
    assert [each.code for each in found] == ["RCY-M024"]
    assert [each.code for each in findings(tmp_path, "a = " + "9" * 5000)] == ["RCY-M012"]


def test_dates_become_text(tmp_path: Path) -> None:
    """A module's settings reach it as JSON could carry them."""
    path = tmp_path / "b.toml"
    path.write_text(GOOD + "since = 2026-01-31\nat = 08:30:00\n")
    assert load_bundle(path).settings["caisse"] == {
        "currency": "EUR",
        "since": "2026-01-31",
        "at": "08:30:00",
    }
