"""``module new``: a good name or the nearest one, all files or none."""

import keyword
import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recyclic.model.names import EventName, InvalidNameError
from recyclic.scaffold.errors import FolderTakenError
from recyclic.scaffold.module_name import checked_name, nearest_name
from recyclic.scaffold.new_module import new_module


def test_the_files_of_a_module_are_written(tmp_path: Path) -> None:
    made = new_module("tri_textile", tmp_path / "modules")
    assert made.name == "tri_textile"
    assert made.folder == tmp_path / "modules" / "tri_textile"
    assert {str(path) for path in made.files} == {
        "README.md",
        "__init__.py",
        "module.toml",
        "notes.py",
        "tests/test_tri_textile.py",
    }
    assert sorted(path for path in made.folder.rglob("*") if path.is_file()) == sorted(
        made.folder / path for path in made.files
    )
    assert [path.name for path in made.folder.parent.iterdir()] == ["tri_textile"]


def test_every_file_carries_the_name_and_no_placeholder(tmp_path: Path) -> None:
    made = new_module("tri_textile", tmp_path)
    for path in made.files:
        text = (made.folder / path).read_text("utf-8")
        assert "$" not in text
        if path.suffix == ".py":
            compile(text, str(path), "exec")
    manifest = (made.folder / "module.toml").read_text("utf-8")
    assert manifest.startswith("#:schema ../../schemas/module.schema.json\n")
    assert tomllib.loads(manifest)["name"] == "Tri textile"
    assert "class TriTextile(ModuleBase)" in (made.folder / "__init__.py").read_text("utf-8")


def test_what_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    """A folder, a file, and a link to nothing all take the name."""
    (tmp_path / "compost").mkdir()
    (tmp_path / "velos").write_text("mine")
    (tmp_path / "don").symlink_to("nowhere")
    for name in ("compost", "velos", "don"):
        with pytest.raises(FolderTakenError) as refused:
            new_module(name, tmp_path)
        assert refused.value.facts == {"path": str(tmp_path / name)}
    assert list((tmp_path / "compost").iterdir()) == []
    assert (tmp_path / "velos").read_text() == "mine"


def test_nothing_is_left_behind_when_it_cannot_be_written(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="modules"):
        new_module("compost", modules)
    assert [path.name for path in tmp_path.iterdir()] == ["modules"]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Épicerie fine", "epicerie_fine"),
        ("caisse-enregistreuse", "caisse_enregistreuse"),
        ("KPIBanner", "kpi_banner"),
        ("2roues", "module_2_roues"),
        ("class", "class_module"),
        ("tests", "tests_module"),
        ("../../etc/passwd", "etc_passwd"),
        ("_x", "x"),
        ("", "module"),
        ("名前", "module"),
    ],
)
def test_a_bad_name_is_refused_with_the_nearest_good_one(
    text: str, near: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidNameError) as refused:
        new_module(text, tmp_path)
    assert refused.value.facts["fix"] == f"recyclic module new {near}"
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(st.text(max_size=120))
def test_the_nearest_name_is_always_good(text: str) -> None:
    """Also as the beginning of an event's name, and never a word of the language."""
    name = checked_name(nearest_name(text))
    assert not keyword.iskeyword(name)
    EventName(f"{name}_noted")


@settings(deadline=None)
@given(st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,8}){0,3}", fullmatch=True))
def test_a_good_name_is_its_own_nearest(text: str) -> None:
    assume(not keyword.iskeyword(text) and text not in ("test", "tests"))
    assert nearest_name(text) == checked_name(text) == text
