"""The index's benchmark runs, and prints what it promises."""

import subprocess
import sys
from pathlib import Path


def test_the_quick_form_prints_its_table() -> None:
    """Every row, with its ratio to the baseline."""
    script = Path(__file__).parents[2] / "bench" / "index.py"
    printed = subprocess.run(
        [sys.executable, str(script), "--quick"], check=True, capture_output=True, text=True
    ).stdout
    assert "baseline" in printed
    assert len(printed.splitlines()) == 7
