"""``check``: which files it looks at, and as what."""

from pathlib import Path

import pytest

from recyclic.manifest.check import check_path
from recyclic.manifest.kind import ManifestKind, kind_by_content

GOOD_MODULE = 'name = "A"\nversion = "1.0"\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def told(path: Path) -> list[tuple[str, str]]:
    """Code and file name of every finding."""
    return [
        (each.code, Path(each.place.file).name if each.place else "") for each in check_path(path)
    ]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a/module.toml", GOOD_MODULE + "x = 1\n", "RCY-M053"),
        ("bundles/b.toml", 'name = "b"\nversion = "x"\n', "RCY-M024"),
        ("bundles/profiles/p.toml", "[modules]\na = 1\n", "RCY-M021"),
        ("profiles/p.toml", 'site = "A B"\n', "RCY-M010"),
        ("config.toml", "format = 2\n", "RCY-M032"),
        ("index.json", '{"format": 2}', "RCY-M032"),
        ("other.json", '{"format": 2}', "RCY-M032"),
        ("caisse/plugin.ini", 'name="A"\nversion="2"', "RCY-M042"),
        ("caisse/module.ini", 'name="A"\nmin_version="1"', "RCY-M044"),
        ("any.toml", 'site = "A B"\n', "RCY-M010"),
        ("any.toml", 'name = "b"\nversion = "x"\n', "RCY-M024"),
        ("any.toml", "format = 1\nbundle_version = 3\n", "RCY-M020"),
        ("any.toml", "[tool.x]\ny = 1\n", "RCY-M051"),
        ("any.toml", "x = ", "RCY-M012"),
        ("nothing.toml", "", "RCY-M008"),
    ],
)
def test_a_file_is_checked_as_what_it_is(name: str, text: str, code: str, tmp_path: Path) -> None:
    """By its name, its folder, then its keys."""
    assert code in [found for found, _ in told(write(tmp_path / name, text))]


def test_a_missing_file(tmp_path: Path) -> None:
    """Also when its kind cannot be known."""
    assert told(tmp_path / "x.toml") == [("RCY-M002", "x.toml")]


def test_a_folder_is_checked_whole(tmp_path: Path) -> None:
    """Every manifest below; other files and hidden folders are left alone."""
    write(tmp_path / "modules/a/module.toml", GOOD_MODULE)
    write(tmp_path / "modules/b/module.toml", GOOD_MODULE + "x = 1\n")
    write(tmp_path / "bundles/c.toml", 'name = "c"\nversion = "x"\n')
    write(tmp_path / "bundles/profiles/d.toml", "extends = ['e.toml']\n")
    write(tmp_path / "bundles/profiles/e.toml", "[hosts.nope]\n")
    write(tmp_path / "pyproject.toml", "[project]\nname = 5\n")
    write(tmp_path / "package.json", "{")
    write(tmp_path / ".git/bundles/x.toml", "x = ")
    assert told(tmp_path) == [
        ("RCY-M024", "c.toml"),
        ("RCY-M053", "e.toml"),
        ("RCY-M053", "module.toml"),
    ]


def test_a_schema_is_part_of_a_module(tmp_path: Path) -> None:
    """So its mistakes are found before anybody sets anything."""
    text = GOOD_MODULE + '[settings.properties.a]\ntype = "txt"\n'
    (found,) = check_path(write(tmp_path / "a/module.toml", text))
    assert (found.code, found.place and found.place.line) == ("RCY-C014", 3)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"site": "x"}, ManifestKind.PROFILE),
        ({"extends": []}, ManifestKind.PROFILE),
        ({"name": "x", "version": "1", "ui": {}}, ManifestKind.MODULE),
        ({"name": "x", "version": "1"}, ManifestKind.BUNDLE),
        ({"format": 1}, ManifestKind.CONFIG),
        ({"project": {}}, None),
    ],
)
def test_kinds_are_told_by_their_keys(values: dict[str, object], kind: ManifestKind | None) -> None:
    """Keys that only one kind has."""
    assert kind_by_content(values) is kind
