"""Handlers are run up to where they first wait, and by the same task from there."""

import asyncio
from collections import Counter
from contextvars import ContextVar
from typing import Any

import pytest

from recyclic.events.event import Event
from recyclic.events.memory import MemoryBus
from recyclic.events.settings import BusSettings
from recyclic.testing.live import QUICK, running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("handlers", [1, 3])
async def test_a_handlers_own_time_limit_is_its_own(handlers: int) -> None:
    """``asyncio.timeout`` cuts off what it encloses, not a neighbour nor the worker."""
    bus = MemoryBus(settings=QUICK)
    seen: Counter[str] = Counter()

    def limited(name: str) -> Any:
        async def handle(event: Event) -> None:
            task = asyncio.current_task()
            try:
                async with asyncio.timeout(0.02):
                    await asyncio.sleep(30)
            except TimeoutError:
                seen[name] += 1
            assert asyncio.current_task() is task

        return handle

    for number in range(handlers):
        bus.for_module("books").on("sold", limited(f"h{number}"))
    async with running(bus) as live:
        for n in range(4):
            await live.emit("sold", n=n)
        await live.handled("sold", 4)
    assert seen == {f"h{number}": 4 for number in range(handlers)}
    assert bus.observer.handling["books", "sold"].failed == 0


@pytest.mark.parametrize("waits", [False, True])
async def test_what_a_handler_leaves_in_a_context_variable_no_other_call_sees(waits: bool) -> None:
    """Yet it sees it itself, also after it waited."""
    bus = MemoryBus(settings=QUICK)
    reader: ContextVar[str] = ContextVar("reader", default="nobody")
    before, after = [], []

    async def handle(event: Event) -> None:
        before.append(reader.get())
        reader.set(event.id)
        if waits:
            await asyncio.sleep(0)
        after.append(reader.get() == event.id)

    bus.for_module("books").on("sold", handle)
    async with running(bus) as live:
        for n in range(4):
            await live.emit("sold", n=n)
        await live.handled("sold", 4)
    assert before == ["nobody"] * 4
    assert after == [True] * 4


@pytest.mark.parametrize("slow_first", [True, False])
async def test_one_that_fails_is_called_again_while_its_neighbour_waits(slow_first: bool) -> None:
    """In whatever order they were registered."""
    bus = MemoryBus(settings=QUICK)
    released, calls = asyncio.Event(), Counter[str]()

    async def slow(event: Event) -> None:
        calls["slow"] += 1
        await released.wait()

    async def flaky(event: Event) -> None:
        calls["flaky"] += 1
        if event.attempt < 3:
            raise ConnectionError("not now")
        released.set()

    for handler in (slow, flaky) if slow_first else (flaky, slow):
        bus.for_module("books").on("sold", handler)
    async with running(bus) as live:
        await live.emit("sold")
        await live.handled("sold")
    assert calls == {"slow": 1, "flaky": 3}


async def test_handlers_that_wait_are_cut_short_together_by_a_stop() -> None:
    """None is left running, and the event is handed back."""
    bus = MemoryBus(settings=BusSettings())
    begun: Counter[str] = Counter()
    ended: Counter[str] = Counter()

    def forever(name: str) -> Any:
        async def handle(event: Event) -> None:
            begun[name] += 1
            try:
                await asyncio.sleep(60)
            finally:
                ended[name] += 1

        return handle

    for name in ("one", "two", "three"):
        bus.for_module("books").on("sold", forever(name))
    await bus.start()
    consuming = asyncio.create_task(bus.consume())
    await bus.for_module("till").emit("sold")
    async with asyncio.timeout(5):
        while begun.total() < 3:  # noqa: ASYNC110 - three handlers, one wait
            await asyncio.sleep(0.001)
    report = await bus.stop(timeout_s=0.05)
    await consuming
    assert report.cut_short == 1
    assert ended == begun == {"one": 1, "two": 1, "three": 1}
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in left if "bus" in task.get_name()]
