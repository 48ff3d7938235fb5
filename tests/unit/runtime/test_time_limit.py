"""Time limits on a module's coroutines."""

import asyncio

import pytest

from recyclic.runtime.time_limit import RanOutOfTimeError, StrayCancellationError, within

pytestmark = pytest.mark.anyio


async def test_work_that_is_done_in_time_gives_its_result() -> None:
    """And its exceptions, its own TimeoutError among them."""

    async def own_timeout() -> None:
        raise TimeoutError("mine")

    assert await within(5, asyncio.sleep(0, "done")) == "done"
    with pytest.raises(TimeoutError, match="mine"):
        await within(5, own_timeout())


async def test_work_that_takes_too_long_is_cancelled() -> None:
    """It sees the cancellation, and the caller the limit."""
    seen = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    with pytest.raises(RanOutOfTimeError):
        await within(0.01, slow())
    assert seen == ["cancelled"]


async def test_a_cancellation_from_within_is_a_failure_of_the_work() -> None:
    """It must not look as if the caller had been cancelled, which would end the boot."""

    async def stray() -> None:
        raise asyncio.CancelledError

    with pytest.raises(StrayCancellationError):
        await within(5, stray())


async def test_a_cancellation_of_the_caller_passes_through() -> None:
    """The site is being stopped."""
    task = asyncio.create_task(within(5, asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_work_runs_in_the_caller_s_task() -> None:
    """What it enters there it can leave there."""

    async def current() -> object:
        return asyncio.current_task()

    assert await within(5, current()) is asyncio.current_task()
