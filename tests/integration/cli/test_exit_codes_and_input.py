"""Bad input gets a code, a place and an exit code; never a traceback, never a change."""

import os
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, write_bundle, write_module

BAD_FILES = {
    "empty": (b"", "RCY-M008"),
    "bom": (b'\xef\xbb\xbfname = "x"', "RCY-M006"),
    "not_utf8": (b'name = "\xff"', "RCY-M007"),
    "large": (b"# " + b"x" * (10 << 20), "RCY-M005"),
    "deep": (b"a = " + b"[" * 100_000 + b"]" * 100_000, "RCY-M015"),
    "twice": (b'name = "a"\nname = "b"\n', "RCY-M011"),
    "syntax": (b"name = \n", "RCY-M012"),
    "unknown_key": (b'name = "a"\nversion = "1"\nmodulse = {}\n', "RCY-M019"),
    "bad_version": (b'name = "a"\nversion = "1..0"\n', "RCY-M024"),
    "bad_range": (b'name = "a"\nversion = "1"\n[modules]\nb = ">>1"\n', "RCY-M025"),
}


@pytest.mark.parametrize(("content", "code"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_bundle_is_refused_with_its_code(tmp_path: Path, content: bytes, code: str) -> None:
    """Every kind of bad file has a code of its own, names the file and exits 1."""
    (tmp_path / "bad.toml").write_bytes(content)
    done = recyclic(tmp_path, "plan", "bundle", "bad.toml")
    assert done.status == 1
    assert code in done.err
    assert "bad.toml" in done.err
    assert not (tmp_path / ".recyclic").exists()


def test_things_that_are_no_file(tmp_path: Path) -> None:
    """A folder, a pipe, a loop of links and nothing at all are each told apart."""
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    codes = {
        "folder.toml": "RCY-M004",
        "pipe.toml": "RCY-M004",
        "loop.toml": "RCY-M009",
        "nothing.toml": "RCY-U002",
    }
    for name, code in codes.items():
        done = recyclic(tmp_path, "plan", "bundle", name)
        assert (done.status, code in done.err) == (1, True), (name, done)


def test_all_mistakes_come_in_one_run(tmp_path: Path) -> None:
    """Three independent mistakes, three findings, each with line and column."""
    text = 'name = "a"\nversion = "1..0"\nmodulse = {}\n[modules]\nb = ">>1"\n'
    (tmp_path / "bad.toml").write_text(text)
    found = recyclic(tmp_path, "check", "bad.toml", "--json").document["diagnostics"]
    assert [(each["line"], each["column"]) for each in found] == [(2, 11), (3, 1), (5, 5)]
    assert "modules" in found[1]["because"]


@pytest.mark.parametrize(
    "words", [["frob"], ["plan", "--frob"], ["plan", "bundle"], ["why"], ["plan", "x", "y"]]
)
def test_wrong_usage_is_64(tmp_path: Path, words: list[str]) -> None:
    """A typo in the command line is not the exit code of drift or of refusal."""
    done = recyclic(tmp_path, *words)
    assert done.status == 64
    assert "RCY-U001" in done.err


def test_a_site_of_an_impossible_name_is_wrong_usage(tmp_path: Path) -> None:
    """Whatever the verb, and before anything is read."""
    for words in (["resolve", "bundle", "shop.toml"], ["status"], ["serve"], ["why", "till"]):
        done = recyclic(tmp_path, *words, "--site", "Bad/Name")
        assert (done.status, "RCY-M010  'Bad/Name'" in done.err) == (64, True), (words, done)


def test_syntax_errors_of_several_files_come_in_one_run(tmp_path: Path) -> None:
    """One a file, since nothing after it can be read for sure, and the other files' mistakes."""
    (tmp_path / "one.toml").write_text('name = "a"\nversion = \n')
    (tmp_path / "two.toml").write_text('name = "b"\nname = "b"\n')
    (tmp_path / "three.toml").write_text('name = "c"\nversion = "1..0"\n')
    done = recyclic(tmp_path, "check", "one.toml", "two.toml", "three.toml", "--json")
    found = done.document["diagnostics"]
    assert sorted((each["file"], each["code"], each["line"]) for each in found) == [
        ("one.toml", "RCY-M012", 2),
        ("three.toml", "RCY-M024", 2),
        ("two.toml", "RCY-M011", 2),
    ]


def test_what_the_system_refuses_is_told_in_the_users_language(tmp_path: Path) -> None:
    """No word of English in a French message, and no number."""
    write_bundle(tmp_path, "shop", "[modules]\n")
    words = ["resolve", "bundle", "shop", "--no-python", "--proof", "nowhere/x.json"]
    done = recyclic(tmp_path, *words, LC_ALL="fr_FR.UTF-8")
    assert done.status == 1
    assert (
        "nowhere/x.json ne peut pas servir\N{NO-BREAK SPACE}: ce fichier ou ce dossier" in done.err
    )


def test_errors_as_json_have_format_first(tmp_path: Path) -> None:
    """With --json the error is one JSON value on standard output, words on standard error."""
    (tmp_path / "bad.toml").write_bytes(b"")
    done = recyclic(tmp_path, "plan", "bundle", "bad.toml", "--json")
    assert next(iter(done.document)) == "format"
    assert done.document["error"]["code"] == "RCY-M008"
    assert "RCY-M008" in done.err


def test_without_a_terminal_apply_needs_yes(tmp_path: Path) -> None:
    """Nobody to ask: refused with what to add, and nothing is changed."""
    write_module(tmp_path / "modules", "bench")
    write_bundle(tmp_path, "small", '[modules]\nbench = "*"\n')
    done = recyclic(tmp_path, "apply", "bundle", "small")
    assert done.status == 64
    assert "--yes" in done.err
    assert not (tmp_path / ".recyclic" / "small" / "current").exists()


def test_french_words_and_english_codes(tmp_path: Path) -> None:
    """LANG decides the words; the code stays."""
    done = recyclic(tmp_path, "plan", "bundle", "nope", LC_ALL="", LANG="fr_FR.UTF-8")
    assert "RCY-U002" in done.err
    assert "il n'y a pas" in done.err
