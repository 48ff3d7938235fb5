"""A module.toml: the format agreed at the project's start, and what was added to it."""

from pathlib import Path

import pytest

from recyclic.manifest.module_file import load_module
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.package import CORE, PAHEKO, PYTHON, Release

AGREED = """\
name = "Paheko Sync"
version = "0.1.0"
description = "Accounting entries in Paheko for every closed till session"

[permissions]
section = "accounting"
level = "write"

[ui]
routes = ["/modules/paheko"]
slots = ["sale_details", "settings_menu"]

[dependencies]
modules = ["caisse>=0.1,<1"]
python = ["httpx>=0.27"]
"""
ADDED = """\
paheko = ["caisse>=0.8"]
optional = ["barcodes>=0.1"]
conflicts = ["old_paheko_bridge"]
provides = ["accounting-export==1.0", "export"]
core = ">=0.1"
python_version = ">=3.11"
paheko_version = ">=1.3"

[events]
consumes = ["sale_closed"]

[[events.emits]]
name = "entry_posted"
version = 2
schema = "entry.json"

[settings]
required = ["url"]
[settings.properties.url]
type = "string"
[settings.properties.token]
type = "string"
secret = true

[runtime]
startup_timeout_s = 5

[counts]
entries = "SELECT count(*) FROM entry"
"""


def write(tmp_path: Path, text: str, name: str = "paheko_sync") -> Path:
    """A module's folder with this module.toml."""
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    (folder / "module.toml").write_text(text, encoding="utf-8")
    (folder / "entry.json").write_text('{"type": "object"}')
    return folder


def load(tmp_path: Path, text: str) -> Release:
    return load_module(write(tmp_path, text))


def findings(folder: Path) -> list[Diagnostic]:
    """What is found in the module in ``folder``."""
    with pytest.raises(DiagnosticsError) as caught:
        load_module(folder)
    return list(caught.value.diagnostics)


def test_the_agreed_format_stays_valid(tmp_path: Path) -> None:
    """Nothing that was added is needed."""
    release = load(tmp_path, AGREED)
    assert (release.package.name, str(release.version), release.label) == (
        "paheko_sync",
        "0.1.0",
        "Paheko Sync",
    )
    assert [str(each) for each in release.requires] == ["caisse<1,>=0.1"]
    assert [each.text for each in release.python] == ["httpx>=0.27"]
    assert [text for text, _ in release.ui_slots] == ["sale_details", "settings_menu"]


def test_what_was_added(tmp_path: Path) -> None:
    """Every other key ends up in the release, each requirement with its line."""
    release = load(tmp_path, AGREED + ADDED)
    assert [(str(each.package), each.place.line) for each in release.requires] == [
        ("module:caisse", 14),
        ("paheko:caisse", 16),
        (str(CORE), 20),
        (str(PYTHON), 21),
        (str(PAHEKO), 22),
    ]
    assert [str(each) for each in release.optional] == ["barcodes>=0.1"]
    assert [str(each) for each in release.conflicts] == ["old_paheko_bridge"]
    assert [(each.name, str(each.version)) for each in release.provides] == [
        ("accounting-export", "1.0"),
        ("export", "None"),
    ]
    assert release.startup_timeout_s == 5
    assert release.counts == {"entries": "SELECT count(*) FROM entry"}
    assert release.setting_places["paheko_sync", "token"].line == 36


def test_an_events_schema_is_read_from_its_file(tmp_path: Path) -> None:
    """A table says more of an event than its name."""
    release = load(tmp_path, AGREED + ADDED)
    (emitted,) = release.emits
    assert (emitted.name, emitted.version, emitted.schema) == (
        "entry_posted",
        2,
        {"type": "object"},
    )
    assert [each.name for each in release.consumes] == ["sale_closed"]


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "RCY-M014"), ('{"a": 1, "a": 2}', "RCY-M011"), ("[" * 100_000, "RCY-M015")],
)
def test_a_broken_schema_file_is_told_at_the_line_that_names_it(
    content: str, code: str, tmp_path: Path
) -> None:
    """With the schema file's own mistake as the cause."""
    folder = write(tmp_path, AGREED + ADDED)
    (folder / "entry.json").write_text(content)
    (found,) = findings(folder)
    assert found.code == "RCY-M018"
    assert found.place is not None
    assert found.place.line == 30
    assert [cause.code for cause in found.causes] == [code]


@pytest.mark.parametrize("path", ["../entry.json", "/etc/passwd", "link.json", "a\\u0000b"])
def test_a_schema_file_outside_the_module_is_not_read(path: str, tmp_path: Path) -> None:
    """By dots, by an absolute path or by a link."""
    folder = write(tmp_path, (AGREED + ADDED).replace("entry.json", path))
    (folder / "link.json").symlink_to("/etc/hostname")
    assert [each.code for each in findings(folder)] == ["RCY-M034"]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('section = "accounting"', 'section = "acounting"', "RCY-M022", 6),
        ('level = "write"', 'level = "wriet"', "RCY-M022", 7),
        ('section = "accounting"', 'section = "config"', "RCY-M031", 7),
        ('python = ["httpx>=0.27"]', 'python = ["httpx>=0.27 or so"]', "RCY-M027", 15),
        ('"accounting-export==1.0"', '"accounting-export>=1.0"', "RCY-M030", 19),
        ('"accounting-export==1.0"', '"accounting-export==1.*"', "RCY-M030", 19),
        ("version = 2", "version = 0", "RCY-M029", 29),
        ("version = 2", 'versoin = "2"', "RCY-M019", 29),
        ('["sale_closed"]', '["Sale Closed"]', "RCY-M010", 25),
        ("startup_timeout_s = 5", "startup_timeout_s = 0", "RCY-M029", 41),
        ("[permissions]", "[permisions]", "RCY-M019", 5),
    ],
)
def test_one_mistake(old: str, new: str, code: str, line: int, tmp_path: Path) -> None:
    """Each with its code and its line."""
    assert old in AGREED + ADDED
    found = findings(write(tmp_path, (AGREED + ADDED).replace(old, new, 1)))
    assert [(each.code, each.place and each.place.line) for each in found] == [(code, line)]


@pytest.mark.parametrize("name", ["paheko-sync", "1module", "mod ule"])
def test_the_folder_is_named_like_an_identifier(name: str, tmp_path: Path) -> None:
    """For it is imported by that name."""
    assert [each.code for each in findings(write(tmp_path, AGREED, name))] == ["RCY-M010"]
