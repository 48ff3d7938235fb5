"""The bus's figures can be had."""

import subprocess
import sys
from pathlib import Path

from tests.fakes.event_servers import REDIS, VALKEY


def test_the_quick_form_prints_its_tables() -> None:
    """All contenders emit and handle all events, and each has its two figures. What these are is
    not judged: other programs run on this machine."""
    script = Path(__file__).with_name("bus.py")
    done = subprocess.run(
        [sys.executable, str(script), "--quick", "--only", "recyclic", "--columns", "drain"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kind, rates, *rest = done.stdout.splitlines()
    assert kind.startswith((REDIS if REDIS.binary else VALKEY).name)
    assert rates.split() == ["events", "a", "second", "(ratio)", "drain", "3,", "drain"]
    lines = [line for line in rest if line]
    names = ["raw-batch", "floor", "recyclic"]
    assert [line.split()[0] for line in lines] == [*names, "consumer's", *names]
    for line in (*lines[:3], *lines[4:]):
        assert line.count("(") == 2
    assert lines[0].count("(1.00)") == 2
