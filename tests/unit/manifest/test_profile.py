"""A profile and what it extends: the nearest wins, and every file keeps its lines."""

from pathlib import Path

import pytest

from recyclic.manifest.profile import check_profile, load_profile
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.profile import Request

LYON = """\
site = "lyon"
bundle = "ressourcerie-standard>=1,<2"
extends = ["rhone.toml", "weighing.toml"]

[modules]
barcodes = ">=0.2"
jarvos = false
again = true

[settings.paheko_sync]
url = "https://lyon.example.org/paheko/"
token = { env = "PAHEKO_TOKEN" }
retries = 0
label = ""
active = false

[override]
"paheko:caisse" = "0.8"
"""
RHONE = """\
extends = ["../france.toml"]
[modules]
jarvos = ">=1"
again = false
labels = "*"
[settings.paheko_sync]
url = "https://rhone.example.org/"
retries = 5
label = "Rhône"
active = true
[settings.paheko_sync.accounts]
cash = "530"
card = "512"
[hosts.paheko]
root = "../paheko"
user = "www-data"
[catalog]
sources = ["../more"]
"""
WEIGHING = """\
[features]
ressourcerie-standard = ["weighing"]
[settings.paheko_sync]
label = "weighing"
depth = "weighing"
"""
FRANCE = """\
[settings.paheko_sync]
depth = "france"
[settings.paheko_sync.accounts]
cash = "531"
cheque = "511"
[events]
url = { env = "REDIS_URL" }
max_attempts = 3
"""


def write(tmp_path: Path, **changed: str) -> Path:
    """The four files; returns the profile's path."""
    folder = tmp_path / "sites"
    folder.mkdir(exist_ok=True)
    texts = {"lyon": LYON, "rhone": RHONE, "weighing": WEIGHING} | changed
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "france.toml").write_text(changed.get("france", FRANCE), encoding="utf-8")
    return folder / "lyon.toml"


@pytest.fixture
def request_of_lyon(tmp_path: Path) -> Request:
    """What the four files ask for together."""
    return load_profile(write(tmp_path))


def findings(path: Path) -> list[Diagnostic]:
    """What is found in a profile that cannot be used."""
    with pytest.raises(DiagnosticsError) as caught:
        load_profile(path)
    return list(caught.value.diagnostics)


def test_wishes_are_laid_over_each_other(request_of_lyon: Request) -> None:
    """``false`` beats a range below it, and ``true`` a ``false``."""
    assert [str(each) for each in request_of_lyon.requirements] == [
        "barcodes>=0.2",
        "again",
        "labels",
    ]
    assert [each.package.name for each in request_of_lyon.omissions] == ["jarvos"]


def test_explicit_nothings_beat_defaults(request_of_lyon: Request) -> None:
    """``0``, ``""`` and ``false`` are values like others."""
    laid = request_of_lyon.settings["paheko_sync"]
    assert [laid[key].value for key in ("retries", "label", "active")] == [0, "", False]


def test_losers_are_remembered_nearest_first(request_of_lyon: Request) -> None:
    """Each with its file and line."""
    laid = request_of_lyon.settings["paheko_sync"]["label"]
    assert laid.layer == "profile:lyon.toml"
    assert [(value, place.line, layer) for value, place, layer in laid.lost] == [
        ("Rhône", 9, "profile:rhone.toml"),
        ("weighing", 4, "profile:weighing.toml"),
    ]


def test_fewer_steps_are_nearer(request_of_lyon: Request) -> None:
    """What the profile extends itself beats what that extends in turn."""
    assert request_of_lyon.settings["paheko_sync"]["depth"].value == "weighing"


def test_tables_are_laid_key_by_key(request_of_lyon: Request) -> None:
    """A table does not replace the one below it."""
    assert request_of_lyon.settings["paheko_sync"]["accounts"].value == {
        "cash": "530",
        "card": "512",
        "cheque": "511",
    }


def test_paths_belong_to_the_file_they_stand_in(request_of_lyon: Request, tmp_path: Path) -> None:
    """A host's folders become absolute; sources are told from the profile's folder."""
    assert request_of_lyon.paheko is not None
    assert request_of_lyon.paheko.root == str(tmp_path / "paheko")
    assert request_of_lyon.catalog_sources == ("../more",)


def test_the_rest_of_the_request(request_of_lyon: Request) -> None:
    """Features, overrides, the bus, and every file that was read, nearest first."""
    assert [(each.bundle, each.feature) for each in request_of_lyon.features] == [
        ("ressourcerie-standard", "weighing")
    ]
    assert [(str(each.package), str(each.version)) for each in request_of_lyon.overrides] == [
        ("paheko:caisse", "0.8")
    ]
    assert request_of_lyon.events == {"url": {"env": "REDIS_URL"}, "max_attempts": 3}
    assert request_of_lyon.events_url == {"env": "REDIS_URL"}
    assert [Path(file).name for file in request_of_lyon.files] == [
        "lyon.toml",
        "rhone.toml",
        "weighing.toml",
        "france.toml",
    ]


def test_a_secrets_reference_is_never_mixed(tmp_path: Path) -> None:
    """``{ env }`` above ``{ file }`` is not a table with two keys."""
    rhone = '[settings.paheko_sync]\ntoken = { file = "/run/secrets/x" }\n'
    laid = load_profile(write(tmp_path, rhone=rhone)).settings["paheko_sync"]["token"]
    assert laid.value == {"env": "PAHEKO_TOKEN"}


def test_a_circle_is_named_in_full(tmp_path: Path) -> None:
    """At the line that closes it."""
    path = write(tmp_path, france='extends = ["sites/weighing.toml", "sites/rhone.toml"]\n')
    (found,) = findings(path)
    assert found.code == "RCY-M017"
    assert found.facts["circle"] == "sites/rhone.toml -> france.toml -> sites/rhone.toml"
    assert found.place is not None
    assert (Path(found.place.file).name, found.place.line, found.place.column) == (
        "france.toml",
        1,
        35,
    )


def test_a_profile_that_extends_itself(tmp_path: Path) -> None:
    """Also through a link, which is the same file."""
    (tmp_path / "link.toml").symlink_to(tmp_path / "sites" / "lyon.toml")
    path = write(tmp_path, lyon='site = "a"\nbundle = "b"\nextends = ["../link.toml"]\n')
    assert [each.code for each in findings(path)] == ["RCY-M017"]


def test_one_base_under_two_is_no_circle(tmp_path: Path) -> None:
    """And is read once."""
    path = write(tmp_path, weighing='extends = ["../france.toml"]\n')
    assert len(load_profile(path).files) == 4


def test_a_missing_base_is_told_where_it_is_named(tmp_path: Path) -> None:
    """The line that names it is what must be mended."""
    path = write(tmp_path, rhone='extends = ["../nowhere.toml"]\n')
    (found,) = findings(path)
    assert (found.code, found.place and found.place.line) == ("RCY-M018", 1)
    assert found.causes[0].code == "RCY-M002"


def test_a_base_with_a_null_character(tmp_path: Path) -> None:
    """No file can have such a name; that is told like any other name that leads nowhere."""
    path = write(tmp_path, lyon='site = "a"\nbundle = "b"\nextends = ["a\\u0000b"]\n')
    assert [each.code for each in findings(path)] == ["RCY-M018"]


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    """Those of a base do not hide those of the profile."""
    path = write(tmp_path, lyon=LYON.replace(">=0.2", "^0.2"), rhone="a = [", weighing="b = 1")
    assert sorted(each.code for each in findings(path)) == ["RCY-M012", "RCY-M025", "RCY-M053"]


def test_a_site_and_a_bundle_are_needed_in_the_end(tmp_path: Path) -> None:
    """They may stand in any of the files, but in one they must."""
    (tmp_path / "a.toml").write_text("[settings.x]\ny = 1\n")
    assert [each.facts["key"] for each in findings(tmp_path / "a.toml")] == ["bundle", "site"]


def test_a_partial_profile_is_fine_to_check(tmp_path: Path) -> None:
    """One that only others extend needs neither."""
    write(tmp_path)
    assert check_profile(tmp_path / "sites" / "rhone.toml") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[events]\nurl = { env = "A", file = "B" }', "RCY-M028"),
        ("[events]\nurl = { env = 1 }", "RCY-M028"),
        ("[events]\nmax_attempt = 3", "RCY-M019"),
        ("[events]\nmax_attempts = 0", "RCY-M029"),
        ('[modules]\nx = "^1"', "RCY-M025"),
        ("[modules]\nx = 1", "RCY-M021"),
        ('[override]\n"pahko:x" = "1"', "RCY-M022"),
        ('[override]\nx = ">=1"', "RCY-M024"),
        ("[hosts.paheko]\nuser = 'www-data'", "RCY-M020"),
        ('extends = "rhone.toml"', "RCY-M021"),
    ],
)
def test_one_mistake(text: str, code: str, tmp_path: Path) -> None:
    """Each with its code, on its line."""
    (tmp_path / "a.toml").write_text(f"{text}\n")
    assert [each.code for each in check_profile(tmp_path / "a.toml")] == [code]
