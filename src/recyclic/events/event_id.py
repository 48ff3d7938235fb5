"""The ids of events: unique for ever, and in the order of time."""

import os

_TAIL_BYTES = 10
_AT_A_TIME = 256
_tails: list[str] = []
os.register_at_fork(after_in_child=_tails.clear)


def new_id(now_ms: int) -> str:
    """32 hexadecimal digits: 12 of the time, 20 by chance. A trace may be named by it."""
    try:
        tail = _tails.pop()
    except IndexError:
        # Chance is drawn for many at a time: the system is asked once, and not while one waits.
        drawn, width = os.urandom(_TAIL_BYTES * _AT_A_TIME).hex(), 2 * _TAIL_BYTES
        _tails.extend(drawn[at : at + width] for at in range(width, len(drawn), width))
        tail = drawn[:width]
    return f"{now_ms:012x}{tail}"
