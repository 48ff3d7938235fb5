"""What a person reads before anything is done: help, usage, version, in both languages."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic

from recyclic import __version__

# fmt: off
VERBS = (
    "apply", "plan", "pack", "resolve", "serve", "why", "why-not", "outdated", "diff", "explain",
    "graph", "check", "status", "history", "rollback", "drift", "prune", "uninstall", "recover",
    "doctor", "schema", "fleet", "module", "events",
)
# fmt: on
NESTED = ("fleet plan", "fleet apply", "module new", "module check", "module test", "events lag")
EVERY_PAGE = """
import contextlib, io, json, sys
from recyclic.cli.main import invoke
pages = {}
for verb in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as page:
        assert invoke([*verb.split(), "--help"]) == 0
    pages[verb] = page.getvalue()
print(json.dumps(pages))
"""


@cache
def pages(locale: str) -> dict[str, str]:
    """The help of every verb, ``""`` for all of them together, from one process."""
    done = subprocess.run(
        [sys.executable, "-c", EVERY_PAGE, "", *VERBS, *NESTED],
        env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": "1", "LANGUAGE": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("verb", [*VERBS, *NESTED])
def test_help_begins_with_what_is_done_to_the_site(verb: str) -> None:
    """The first words below the usage line say whether the site may change."""
    body = pages("C.UTF-8")[verb].split("\n\n", 1)[1].strip()
    assert body.startswith(("Reads only. ", "Changes the site. "))


def test_every_verb_is_known_to_these_tests() -> None:
    """A verb added to the command line is added above."""
    listed = pages("C.UTF-8")[""].split("Commands:\n")[1]
    assert tuple(re.findall(r"^  (\S+)", listed, re.MULTILINE)) == VERBS


def test_without_a_word_the_help_is_shown(tmp_path: Path) -> None:
    """Nothing asked is wrong usage, answered with what could be."""
    done = recyclic(tmp_path)
    assert (done.status, done.err) == (64, "")
    assert "Commands:" in done.out


def test_the_version(tmp_path: Path) -> None:
    """The number of the package, on standard output."""
    done = recyclic(tmp_path, "--version")
    assert (done.status, done.out) == (0, f"recyclic {__version__}\n")


def test_arguments_are_shown_as_they_are_typed() -> None:
    """No Python type, no bracket too many."""
    found = pages("C.UTF-8")
    first = found["why"].splitlines()[0]
    assert first == "Usage: recyclic why [OPTIONS] NAME [bundle|profile FILE]"
    assert not [verb for verb, page in found.items() if "list[" in page or "<str>" in page]


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_the_french_help_has_no_english_of_the_parser(verb: str) -> None:
    """Also what the parser has no translation for is said in French."""
    page = pages("fr_FR.UTF-8")[verb]
    assert "\u00a0:\n" in page
    for english in ("Usage: ", "Show this", "COMMAND [", "Install completion", "default:"):
        assert english not in page


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (["frob"], "recyclic --help"),
        (["fleet", "frob"], "recyclic fleet --help"),
        (["fleet", "plan", "--frob"], "recyclic fleet plan --help"),
        (["plan", "x"], "recyclic plan --help"),
    ],
)
def test_wrong_usage_names_a_page_that_exists(tmp_path: Path, words: list[str], page: str) -> None:
    """The fix is a command that works."""
    done = recyclic(tmp_path, *words)
    assert (done.status, done.err.splitlines()[-1]) == (64, f"  fix  see: {page}")
    assert page.split()[1:-1] == [] or " ".join(page.split()[1:-1]) in pages("C.UTF-8")
