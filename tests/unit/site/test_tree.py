"""The hash of a folder of code: changed by what counts, by nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from recyclic.site.errors import UnsafeTreeError
from recyclic.site.tree import list_tree, tree_hash


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A file, a folder with one, a link."""
    made = tmp_path / "tree"
    (made / "inner").mkdir(parents=True)
    (made / "code.py").write_text("x = 1\n")
    (made / "inner" / "run.sh").write_text("#!/bin/sh\n")
    (made / "link").symlink_to("inner/run.sh")
    return made


def link_elsewhere(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").symlink_to("inner")


def link_to_file(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").touch()


def compile_python(tree: Path) -> None:
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__" / "code.pyc").write_bytes(b"x")
    (tree / "old.pyc").write_bytes(b"x")


def begin_repository(tree: Path) -> None:
    (tree / ".git").mkdir()
    (tree / ".git" / "HEAD").write_text("x")


COUNTS: dict[str, Callable[[Path], object]] = {
    "content": lambda tree: (tree / "code.py").write_text("x = 2\n"),
    "a name": lambda tree: (tree / "code.py").rename(tree / "other.py"),
    "a place": lambda tree: (tree / "code.py").rename(tree / "inner" / "code.py"),
    "the executable bit": lambda tree: (tree / "inner" / "run.sh").chmod(0o755),
    "a file more": lambda tree: (tree / "more.py").write_text(""),
    "a link's target": link_elsewhere,
    "a link become a file": link_to_file,
}

COUNTS_NOT: dict[str, Callable[[Path], object]] = {
    "times": lambda tree: os.utime(tree / "code.py", (0, 0)),
    "what others may": lambda tree: (tree / "code.py").chmod(0o600),
    "what Python compiles": compile_python,
    "version control": begin_repository,
    "an empty folder": lambda tree: (tree / "empty").mkdir(),
}


@pytest.mark.parametrize("what", COUNTS)
def test_what_counts_changes_the_hash(what: str, tree: Path) -> None:
    """Anything that could make the code do something else."""
    before = tree_hash(tree)
    COUNTS[what](tree)
    assert tree_hash(tree) != before


@pytest.mark.parametrize("what", COUNTS_NOT)
def test_what_a_copy_or_a_running_interpreter_changes_does_not(what: str, tree: Path) -> None:
    """The same code on another machine has the same hash."""
    before = tree_hash(tree)
    COUNTS_NOT[what](tree)
    assert tree_hash(tree) == before


UNSAFE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link out of it": (lambda tree: (tree / "out").symlink_to("../../etc"), "link-out"),
    "an absolute link": (lambda tree: (tree / "out").symlink_to("/etc"), "link-out"),
    "a pipe": (lambda tree: os.mkfifo(tree / "pipe"), "special-file"),
    "a name with a line in it": (lambda tree: (tree / "a\nb").touch(), "name"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_what_may_not_be_installed_is_refused(what: str, tree: Path) -> None:
    """By what it is."""
    make, problem = UNSAFE[what]
    make(tree)
    with pytest.raises(UnsafeTreeError) as caught:
        list_tree(tree)
    assert caught.value.facts["problem"] == problem
