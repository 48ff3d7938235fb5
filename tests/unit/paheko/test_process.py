"""A command on its leash: its words, its end, and nothing left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recyclic.paheko.process import LeashedProcess, Outcome, SystemUser, clean_environment

PYTHON = sys.executable


def start(folder: Path, *command: str, user: SystemUser | None = None) -> LeashedProcess:
    """Start a command in ``folder``."""
    return LeashedProcess(command, user=user, environment={"GIVEN": "yes"}, folder=folder)


def test_words_and_status_come_back(tmp_path: Path) -> None:
    """Without colours."""
    program = (
        "import sys; print('\\x1b[91mred\\x1b[0m'); print('err', file=sys.stderr); sys.exit(3)"
    )
    outcome = start(tmp_path, PYTHON, "-c", program).finish(20)
    assert outcome == Outcome(3, "red\n", "err\n")


def test_a_command_that_cannot_start_says_so(tmp_path: Path) -> None:
    """With a status of its own."""
    outcome = start(tmp_path, "/no/such/command").finish(20)
    assert outcome.status == 126
    assert "No such file" in outcome.complaint


def test_a_long_output_is_read_whole(tmp_path: Path) -> None:
    """Nothing blocks at the size of a pipe."""
    outcome = start(tmp_path, PYTHON, "-c", "print('x' * 1_000_000)").finish(20)
    assert len(outcome.output) == 1_000_001


def test_a_late_command_is_killed_with_its_children(tmp_path: Path) -> None:
    """And what it had said is kept."""
    sleeper = f"sleep-{os.getpid()}-{tmp_path.name}"
    child = f"import subprocess, sys; print('begun', flush=True); subprocess.run([{PYTHON!r}, '-c',"
    program = child + f" 'import time; time.sleep(300)', {sleeper!r}])"
    started = time.monotonic()
    outcome = start(tmp_path, PYTHON, "-c", program).finish(1.0)
    assert time.monotonic() - started < 10
    assert (outcome.status, outcome.output) == (None, "begun\n")
    assert not _running(sleeper)


def test_children_do_not_outlive_a_command_that_ends(tmp_path: Path) -> None:
    """A server left in the background by its command is stopped too."""
    sleeper = f"left-{os.getpid()}-{tmp_path.name}"
    program = (
        f"import subprocess; subprocess.Popen([{PYTHON!r}, '-c', 'import time; time.sleep(300)',"
        f" {sleeper!r}], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
    )
    assert start(tmp_path, PYTHON, "-c", program).finish(20).status == 0
    assert not _running(sleeper)


def test_secrets_of_ours_are_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few harmless variables are."""
    monkeypatch.setenv("PAHEKO_TOKEN", "secret")
    outcome = start(tmp_path, PYTHON, "-c", "import os; print(sorted(os.environ))").finish(20)
    assert "PAHEKO_TOKEN" not in outcome.output
    assert "GIVEN" in outcome.output
    assert "PAHEKO_TOKEN" not in clean_environment({})


def test_standard_input_is_empty(tmp_path: Path) -> None:
    """A command that asks gets no answer instead of ours."""
    assert start(tmp_path, "/bin/cat").finish(20) == Outcome(0, "", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run commands as somebody else")
def test_a_command_runs_as_the_user_it_is_given(tmp_path: Path) -> None:
    """Even one who cannot read the folders our Python lies in."""
    nobody = SystemUser.named("nobody")
    outcome = start(Path("/"), "/usr/bin/id", "-u", user=nobody).finish(20)
    assert outcome.output.strip() == str(nobody.uid)


def test_the_warning_about_the_address_is_not_repeated() -> None:
    """It stands between two rules on every command of an unconfigured site."""
    banner = f"{'-' * 50}\nWarning: WWW_URL\n{'-' * 50}\nreal complaint\n"
    assert Outcome(1, "", banner).said == "real complaint"


def _running(word: str) -> bool:
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True)
    lines = (line for line in listed.stdout.splitlines() if not line.startswith("Z"))
    return any(word in line for line in lines)
