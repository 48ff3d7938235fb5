"""A time limit on a module's coroutine."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class RanOutOfTimeError(Exception):
    """The limit passed. Apart from TimeoutError, which the coroutine may raise of itself."""


class StrayCancellationError(Exception):
    """The coroutine was cancelled by something of its own, which is a failure like any other and
    must not pass for a cancellation of whoever called it."""


async def within(limit_s: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which gets ``limit_s`` seconds in the task that calls.

    In the same task on purpose: what a module enters in ``startup``, a task group say, it may
    leave in ``shutdown`` only from there. Work that ignores its cancellation, or blocks the whole
    process, is beyond any limit in here; the parent process ends it from outside.

    Raises:
        RanOutOfTimeError: the limit passed.
        StrayCancellationError: see there. And whatever else ``work`` raises.
    """
    try:
        async with asyncio.timeout(limit_s) as limit:
            return await work
    except TimeoutError as error:
        if limit.expired():
            raise RanOutOfTimeError from error
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise StrayCancellationError(*error.args) from error
