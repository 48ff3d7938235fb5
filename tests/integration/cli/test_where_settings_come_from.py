"""explain KEY: the line that set each value, also within tables, and the lines that lost."""

import json
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, write_bundle, write_module

SCHEMA = """
[settings.properties.currency]
type = "string"
default = "EUR"
[settings.properties.rates]
type = "object"
"""
BUNDLE = (
    '[modules]\ntill = "*"\n[settings.till]\nrates = { low = 5, "5.5" = true, deep = { a = 1 } }\n'
)
PROFILE = """site = "lyon"
bundle = "shop"
[settings.till.rates]
low = 0
high = 20
[events]
concurrency = 4
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A module with a table of settings, set in part by a bundle and in part by a profile."""
    write_module(tmp_path / "modules", "till", extra=SCHEMA)
    write_bundle(tmp_path, "shop", BUNDLE)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/lyon.toml").write_text(PROFILE)
    return tmp_path


def test_each_key_of_a_table_has_its_own_history(project: Path) -> None:
    """The profile's 0 beats the bundle's 5; what only one of them says keeps its own line."""
    words = ("explain", "till.rates", "profile", "lyon", "--json")
    found = {each["key"]: each for each in recyclic(project, *words).document["settings"]}
    told = {key: (each["value"], each["layer"], each["line"]) for key, each in found.items()}
    assert told == {
        'till.rates."5.5"': (True, "bundle:shop", 6),
        "till.rates.deep.a": (1, "bundle:shop", 6),
        "till.rates.high": (20, "profile:lyon.toml", 5),
        "till.rates.low": (0, "profile:lyon.toml", 4),
    }
    (lost,) = found["till.rates.low"]["lost"]
    assert (lost["value"], lost["layer"], lost["line"]) == (5, "bundle:shop", 6)


def test_a_file_and_the_site_made_from_it_say_the_same(project: Path) -> None:
    """Before an apply the file is asked, after it the site; nothing else is different."""
    before = recyclic(project, "explain", "till.currency", "profile", "lyon")
    assert before.out.startswith('till.currency = "EUR"\n  wins  module:till')
    assert recyclic(project, "apply", "profile", "lyon", "--yes", "--no-python").status == 0
    assert recyclic(project, "explain", "till.currency") == before


def test_what_is_copied_from_the_profile_has_its_line_too(project: Path) -> None:
    """Site, hosts and bus settings are values of config.toml like any other."""
    assert recyclic(project, "apply", "profile", "lyon", "--yes", "--no-python").status == 0
    path = project / ".recyclic/lyon/current/config.provenance.json"
    values = json.loads(path.read_text())["values"]
    assert {key: place["line"] for key, place in values.items()} == {
        "events.concurrency": 7,
        "site": 1,
    }


def test_a_code_is_explained_without_the_marks_of_its_template(project: Path) -> None:
    """What differs from case to case stands as a name in angle brackets."""
    done = recyclic(project, "explain", "RCY-M025")
    assert done.out.startswith("RCY-M025  <text> is not a range of versions\n")
    assert "{" not in done.out


def test_a_setting_nobody_has(project: Path) -> None:
    """It is not mistaken for a code; the nearest setting is named."""
    done = recyclic(project, "explain", "till.curency", "profile", "lyon")
    assert (done.status, "RCY-U011" in done.err, "till.currency" in done.err) == (1, True, True)
    assert "RCY-U005" in recyclic(project, "explain", "till.currency").err
