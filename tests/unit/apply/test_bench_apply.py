"""The benchmark's quick form runs, so that the long one can be relied on when it is wanted."""

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "apply.py"


def test_the_quick_form_prints_its_tables() -> None:
    """What the times are is no test's business; that nothing failed and nothing was lost, is."""
    command = [sys.executable, str(BENCH), "--quick", "--only", "process,served"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^  (\S.*?) +([\d.]+) ms +([\d.]+) x$", done.stdout, re.MULTILINE)
    assert len(rows) == 3
    assert rows[0][2] == "1.0"
    assert re.search(r"update of one module: \d+", done.stdout)
    counted = re.search(r"requests (\d+), failed (\d+); events (\d+), lost (\d+)", done.stdout)
    assert counted is not None
    assert int(counted[1]) > int(counted[3]) > 0
    assert (counted[2], counted[4]) == ("0", "0")
