"""The ids of events."""

import os
import subprocess
import sys

from recyclic.events.event_id import new_id

FORKED = """
import os
from recyclic.events.event_id import new_id

reading, writing = os.pipe()
child = os.fork()
os.write(writing, (new_id(1) + "\\n").encode())
if child:
    os.waitpid(child, 0)
    print(os.read(reading, 100).decode())
"""


def test_ids_are_digits_of_time_and_chance() -> None:
    """32 of them, those of a later millisecond greater, no two the same."""
    ids = [new_id(ms) for ms in (0, 1, 1_700_000_000_000, 2**48 - 1)]
    assert [len(one) for one in ids] == [32] * 4
    assert ids == sorted(ids)
    assert int(ids[2], 16) >> 80 == 1_700_000_000_000
    assert len({new_id(7) for _ in range(1000)}) == 1000


def test_a_forked_process_has_ids_of_its_own() -> None:
    """It inherits what the next ids are made from, and must not make the same."""
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=True, env=os.environ
    )
    one, other = done.stdout.split()
    assert one != other
