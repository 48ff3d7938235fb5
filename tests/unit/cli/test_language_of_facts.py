"""Facts that are one of a few values are said in words; names are never translated."""

import errno
import os
import re
from pathlib import Path

import pytest

from recyclic.cli.words.fact_words import FACT_WORDS, spoken
from recyclic.manifest.texts import toml_type
from recyclic.model.event_schema import ChangeKind

SOURCE = Path(__file__).parents[3] / "src" / "recyclic"


def test_a_closed_fact_is_said_in_the_user_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert spoken("expected", "a table") == "une table"
    assert spoken("problem", "no-folder") == "son dossier manque"
    monkeypatch.setenv("LC_ALL", "C")
    assert spoken("problem", "no-folder") == "its folder is missing"


def test_what_the_system_says_is_said_in_the_user_s_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every reason it is known to give has French words; the path is named elsewhere."""
    numbers = (errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EISDIR, errno.EROFS, errno.EPERM)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert spoken("detail", str(OSError(errno.ENOENT, "No such file or directory", "/x"))) == (
        "ce fichier ou ce dossier n'existe pas"
    )
    for number in numbers:
        assert spoken("reason", os.strerror(number)) != os.strerror(number)
    assert spoken("reason", "something else") == "something else"
    monkeypatch.setenv("LC_ALL", "C")
    assert spoken("reason", os.strerror(errno.ENOSPC)) == "No space left on device"


@pytest.mark.parametrize(
    ("name", "value"), [("module", "text"), ("known", "folder"), ("kind", "other"), ("found", 3)]
)
def test_every_other_fact_stays_as_it_is(name: str, value: object) -> None:
    assert spoken(name, value) == value


def test_what_changed_between_schemas_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of change, in a list as the catalog gives it; fields, values and types that JSON
    has a word for stay as they are."""
    told = "; ".join(f"n.{number}: {kind}" for number, kind in enumerate(ChangeKind))
    changed = "e: type changed (string -> any); type changed: type changed (any -> number)"
    values = "c: allowed values changed (['any'] -> ['field added'])"
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    spoken_of = str(spoken("changes", told)).split("; ")
    assert [one.split(": ")[0] for one in spoken_of] == [f"n.{n}" for n in range(len(ChangeKind))]
    assert not {one.split(": ")[1] for one in spoken_of} & set(ChangeKind)
    assert spoken("changes", changed) == (
        "e: type changé (string -> tout); type changed: type changé (tout -> number)"
    )
    assert spoken("changes", values) == "c: valeurs permises changées (['any'] -> ['field added'])"
    monkeypatch.setenv("LC_ALL", "C")
    for one in (told, changed, values):
        assert spoken("changes", one) == one


def test_every_problem_that_can_be_found_has_words() -> None:
    found = {
        problem
        for file in SOURCE.rglob("*.py")
        for problem in re.findall(r'problem="([^"]+)"', file.read_text("utf-8"))
    }
    assert found
    assert found <= FACT_WORDS["problem"].keys()


def test_every_type_of_toml_has_words() -> None:
    values: list[object] = [1, 1.5, True, "", [], {}]
    assert {toml_type(value) for value in values} <= FACT_WORDS["found"].keys()
