"""Ctrl-C at any instant of an apply: 130 and nothing changed, or 0 and all of it; never between."""

import signal
import time
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, start_recyclic, write_bundle, write_module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two modules and a bundle, nothing applied."""
    for name in ("bench", "anvil"):
        write_module(tmp_path / "modules", name)
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\nbench = "*"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("sent", "after_s"),
    [
        (signal.SIGINT, 0.0),
        (signal.SIGINT, 0.05),
        (signal.SIGINT, 0.1),
        (signal.SIGINT, 0.17),
        (signal.SIGTERM, 0.12),
    ],
)
def test_an_apply_interrupted_anywhere(project: Path, sent: signal.Signals, after_s: float) -> None:
    """From the moment the plan is shown: while modules are imported, steps done, results told."""
    process = start_recyclic(project, "apply", "bundle", "forge", "--yes", "--no-python")
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("Plan:"):
        assert line, "the plan was never shown"
    time.sleep(after_s)  # not a wait: the instant at which it is interrupted
    process.send_signal(sent)
    _out, err = process.communicate(timeout=60)
    site = project / ".recyclic/forge"
    assert "Traceback" not in err
    assert not (site / "journal/transaction.ndjson").exists()
    if sent is signal.SIGINT:
        assert process.returncode == (0 if (site / "current").is_symlink() else 130), err
    assert recyclic(project, "apply", "bundle", "forge", "--yes", "--no-python").status == 0
