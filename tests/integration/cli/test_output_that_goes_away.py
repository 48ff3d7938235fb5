"""Closed pipes, full disks behind a redirection, missing streams, odd locales: the work goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, write_bundle, write_module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One module, one bundle, nothing applied."""
    write_module(tmp_path / "modules", "bench")
    write_bundle(tmp_path, "small", '[modules]\nbench = "*"\n')
    return tmp_path


def shell(folder: Path, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line for bash in which ``$R`` is recyclic; the code is that of the first command."""
    return subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        cwd=folder,
        env={
            **os.environ,
            "R": f"{sys.executable} -m recyclic",
            "LC_ALL": "C.UTF-8",
            **environment,
        },
        capture_output=True,
        timeout=60,
        check=False,
    )


APPLY = "$R apply bundle small --yes --no-python"


@pytest.mark.parametrize(
    "line",
    [
        f"{APPLY} 2>&1 | head -1",
        f"{APPLY} --json | head -1",
        f"{APPLY} > /dev/full 2> /dev/full",
        f"{APPLY} <&- >&- 2>&-",
    ],
)
def test_an_apply_nobody_listens_to_is_still_done(project: Path, line: str) -> None:
    """Whole and committed; the exit code says so; nothing is left to recover."""
    done = shell(project, line)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    site = project / ".recyclic/small"
    assert (site / "current").readlink() == Path("generations/000001")
    assert not (site / "journal/transaction.ndjson").exists()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_reading_commands_stop_when_their_reader_does(project: Path, unbuffered: str) -> None:
    """``| head -1`` is no failure; a full disk is one, whenever the bytes are written."""
    cut = shell(project, "$R resolve bundle small | true", PYTHONUNBUFFERED=unbuffered)
    assert (cut.returncode, cut.stderr) == (0, b"")
    full = shell(project, "$R resolve bundle small > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (full.returncode, full.stderr[:8]) == (1, b"RCY-U006")


def test_without_any_standard_stream(project: Path) -> None:
    """The exit code is all that is left to tell."""
    assert shell(project, "$R status <&- >&- 2>&-").returncode == 1
    assert shell(project, "$R --help >&-").returncode == 0


def test_output_is_utf_8_in_every_locale(project: Path) -> None:
    """A config.toml has the same bytes everywhere; words never fail for want of a letter."""
    (project / "bundles/small.toml").write_text(
        'name = "small"\nversion = "1.0.0"\n[modules]\nbench = "*"\n'
        '[settings.bench]\nplace = "Besançon · été"\n',
        encoding="utf-8",
    )
    plain = shell(project, "$R resolve bundle small").stdout
    narrow = shell(
        project,
        "$R resolve bundle small",
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
    )
    assert (narrow.returncode, narrow.stdout) == (0, plain)
    assert "Besançon · été" in plain.decode()


def test_nobody_to_ask_without_standard_input(project: Path) -> None:
    """A closed standard input is no terminal."""
    done = shell(project, "$R apply bundle small --no-python <&-")
    assert (done.returncode, b"RCY-U003" in done.stderr) == (64, True)
    assert recyclic(project, "status").status == 1
