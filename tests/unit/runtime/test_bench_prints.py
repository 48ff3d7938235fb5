"""The benchmark's quick form runs, so that the long one can be relied on when it is wanted."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "runtime.py"


def test_the_quick_form_prints_a_ratio_for_every_figure() -> None:
    """What the figures are is no test's business."""
    command = [sys.executable, str(BENCH), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    rows = [line.rsplit(maxsplit=4) for line in done.stdout.splitlines()[1:]]
    assert [(row[1], float(row[4]) > 0) for row in rows] == [("1", True)] * 5 + [("20", True)] * 5
