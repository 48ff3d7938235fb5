"""A time limit on a coroutine that may not want to end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

CANCEL_GRACE_S = 1.0
"""How long a coroutine that ran out of time may take to notice that it was cancelled."""


class RanOutOfTimeError(Exception):
    """The limit passed. Apart from TimeoutError, which the coroutine may raise of itself."""


async def within(limit_s: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which gets ``limit_s`` seconds.

    Unlike :func:`asyncio.wait_for` this returns on time even when ``work`` swallows its
    cancellation; it is then left behind.

    Raises:
        RanOutOfTimeError: the limit passed. And whatever ``work`` raises.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if done:
        return task.result()
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_GRACE_S)
    if task.done() and not task.cancelled():
        task.exception()
    raise RanOutOfTimeError
