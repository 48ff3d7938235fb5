"""What ``module new`` writes passes its own tests, the checks and the linters at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from recyclic.manifest.load import load_module
from recyclic.scaffold.new_module import NewModule, new_module

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> NewModule:
    return new_module("tri_textile", tmp_path_factory.mktemp("project") / "modules")


def run(*command: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_manifest_is_read_without_a_finding(made: NewModule) -> None:
    """It handles what it emits, so no event is waited for in vain."""
    release = load_module(made.folder)
    assert release.package.name == made.name
    assert [event.name for event in release.emits] == [event.name for event in release.consumes]


def test_its_own_tests_pass(made: NewModule) -> None:
    """In a process of their own, with warnings as errors, and far from this project."""
    run("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", ".", folder=made.folder)


def test_the_linter_and_the_type_checker_find_nothing(made: NewModule) -> None:
    ours = 'lint.isort.known-first-party=["recyclic"]'
    ruff = ("--no-cache", "--config", str(PROJECT / "pyproject.toml"), "--config", ours)
    run("-m", "ruff", "check", *ruff, ".", folder=made.folder)
    run("-m", "ruff", "format", "--check", *ruff, ".", folder=made.folder)
    run(
        "-m", "mypy", "--strict", "--cache-dir", str(PROJECT / ".mypy_cache" / "scaffold"),
        "-p", "modules.tri_textile",
        folder=made.folder.parents[1],
    )  # fmt: skip
