"""The ids of events: unique for ever, and in the order of time."""

import os
from random import Random

_random = Random()
"""Begins with what the system calls random, as each process that is forked from this one does."""
os.register_at_fork(after_in_child=_random.seed)


def new_id(now_ms: int) -> str:
    """32 hexadecimal digits: 12 of the time, 20 by chance. A trace may be named by it."""
    return f"{(now_ms << 80) | _random.getrandbits(80):032x}"
