"""The same command in both languages: other words, the same codes, keys and exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENGLISH, FRENCH = "en_GB.UTF-8", "fr_FR.UTF-8"


def recyclic(locale: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What one command prints and ends with; the locale need not be installed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    }
    return subprocess.run(
        [sys.executable, "-m", "recyclic", *arguments],
        cwd=folder,
        env={**environment, "LC_ALL": locale, "PYTHONUTF8": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "petit.toml").write_text(
        'name = "petit"\nversion = "1.0.0"\n[modules]\nabsent = ">=1"\n'
    )
    return tmp_path


def test_an_error_has_the_same_code_in_other_words(project: Path) -> None:
    english = recyclic(ENGLISH, project, "resolve", "bundle", "nothing")
    french = recyclic(FRENCH, project, "resolve", "bundle", "nothing")
    assert english.returncode == french.returncode != 0
    assert english.stderr.startswith("RCY-U002  there is no bundle named 'nothing'")
    assert french.stderr.startswith("RCY-U002  il n'y a pas de bundle nommé 'nothing'")


def test_a_conflict_is_explained_in_both_languages(project: Path) -> None:
    """Its JSON keeps codes, kinds, keys and relations; only lines for people differ."""
    told = {}
    for locale in (ENGLISH, FRENCH):
        done = recyclic(locale, project, "resolve", "bundle", "petit", "--format", "json")
        assert done.returncode == 1
        told[locale] = json.loads(done.stdout)["error"]
    assert "asks for absent" in told[ENGLISH]["lines"][0]
    assert "demande absent" in told[FRENCH]["lines"][0]
    for key in ("code", "kind", "relations"):
        assert told[ENGLISH][key] == told[FRENCH][key]
    assert told[ENGLISH].keys() == told[FRENCH].keys()


@pytest.mark.parametrize("verb", ["apply", "serve"])
def test_help_speaks_french_with_the_same_options(project: Path, verb: str) -> None:
    english = recyclic(ENGLISH, project, verb, "--help")
    french = recyclic(FRENCH, project, verb, "--help")
    assert english.returncode == french.returncode == 0
    assert english.stdout != french.stdout
    options = [
        {word for word in page.split() if word.startswith("--")}
        for page in (english.stdout, french.stdout)
    ]
    assert options[0] == options[1]


def test_explain_gives_a_code_s_paragraph_in_french(project: Path) -> None:
    done = recyclic(FRENCH, project, "explain", "RCY-D002")
    assert done.returncode == 0
    assert "catalogue" in done.stdout
