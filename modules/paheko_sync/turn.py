"""One poster at a time, over all the workers of a site."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_ASK_AGAIN_S = 0.05


@asynccontextmanager
async def our_turn(path: Path) -> AsyncIterator[None]:
    """Hold the lock at ``path`` meanwhile.

    The kernel gives it back when its holder dies, however it dies. It is asked for again and
    again rather than waited for, so that a wait can be cancelled.
    """
    with path.open("a") as file:
        while not _taken(file.fileno()):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(_ASK_AGAIN_S)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
