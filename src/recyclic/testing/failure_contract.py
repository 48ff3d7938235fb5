# ruff: noqa: ARG001 - handlers of tests take events they do not look at
"""What becomes of an event whose handler fails: the part of the suite that is about failure."""

import asyncio
from collections import Counter

import pytest

from recyclic.events.bus import RejectEventError, RetryLaterError
from recyclic.events.event import Event
from recyclic.testing.live import OpenBus, running


class FailureContract:
    """What every bus promises when a handler fails, hangs, refuses or asks to wait."""

    @pytest.mark.anyio
    async def test_a_failing_handler_is_tried_again_alone(self, open_bus: OpenBus) -> None:
        """Its neighbour in the same module is called once, and so is the other module."""
        bus = open_bus()
        calls: Counter[str] = Counter()

        async def flaky(event: Event) -> None:
            calls["flaky"] += 1
            if calls["flaky"] < 3:
                raise ConnectionError("not now")

        async def steady(event: Event) -> None:
            calls["steady"] += 1

        async def other(event: Event) -> None:
            calls["other"] += 1

        bus.for_module("books").on("sold", flaky)
        bus.for_module("books").on("sold", steady)
        bus.for_module("stock").on("sold", other)
        async with running(bus) as live:
            await live.emit("sold")
            await live.handled("sold", 1, module="books")
            await live.handled("sold", 1, module="stock")
        assert calls == {"flaky": 3, "steady": 1, "other": 1}

    @pytest.mark.anyio
    async def test_a_poison_event_dies_and_the_next_is_handled(self, open_bus: OpenBus) -> None:
        """After max_attempts there is one dead letter, with the reason, and no loop."""
        bus = open_bus()
        calls: Counter[int] = Counter()

        async def handle(event: Event) -> None:
            calls[event["n"]] += 1
            if event["n"] == 0:
                raise ValueError("cannot be")

        bus.for_module("books").on("sold", handle, max_attempts=3)
        async with running(bus) as live:
            await live.emit("sold", n=0)
            await live.emit("sold", n=1)
            [letter] = await live.died("sold")
            await live.handled("sold")
        assert calls == {0: 3, 1: 1}
        assert (letter.module, letter.reason) == ("books", "ValueError: cannot be")

    @pytest.mark.anyio
    async def test_a_rejected_event_dies_at_once(self, open_bus: OpenBus) -> None:
        """RejectEventError, and a payload without a field the handler needs, are not retried."""
        bus = open_bus()
        calls = 0

        async def reject(event: Event) -> None:
            nonlocal calls
            calls += 1
            raise RejectEventError("Paheko says: the year is closed")

        async def needs(session_id: str) -> None:
            raise AssertionError("never called without it")

        bus.for_module("books").on("sold", reject)
        bus.for_module("stock").on("sold", needs)
        async with running(bus) as live:
            await live.emit("sold")
            letters = await live.died("sold", 2)
        assert calls == 1
        assert {one.module for one in letters} == {"books", "stock"}

    @pytest.mark.anyio
    async def test_a_handler_may_ask_to_wait(self, open_bus: OpenBus) -> None:
        """RetryLaterError says when."""
        bus = open_bus()
        times: list[float] = []

        async def wait(event: Event) -> None:
            times.append(asyncio.get_running_loop().time())
            if event.attempt == 1:
                raise RetryLaterError(0.3)

        bus.for_module("books").on("sold", wait)
        async with running(bus) as live:
            await live.emit("sold")
            await live.handled("sold")
        assert times[1] - times[0] >= 0.29

    @pytest.mark.anyio
    async def test_a_handler_that_hangs_is_cut_off(self, open_bus: OpenBus) -> None:
        """Taking longer than timeout_s is a failure like any other."""
        bus = open_bus()
        attempts: list[int] = []

        async def hang(event: Event) -> None:
            attempts.append(event.attempt)
            if event.attempt == 1:
                await asyncio.sleep(60)

        bus.for_module("books").on("sold", hang, timeout_s=0.05)
        async with running(bus) as live:
            await live.emit("sold")
            await live.handled("sold")
        assert attempts == [1, 2]

    @pytest.mark.anyio
    async def test_exits_and_cancellations_inside_a_handler_are_failures(
        self, open_bus: OpenBus
    ) -> None:
        """sys.exit() in a module does not end the site."""
        bus = open_bus()

        async def leave(event: Event) -> None:
            if event.attempt == 1:
                raise SystemExit(3)
            if event.attempt == 2:
                raise asyncio.CancelledError

        bus.for_module("books").on("sold", leave)
        async with running(bus) as live:
            await live.emit("sold")
            await live.handled("sold")

    @pytest.mark.anyio
    async def test_a_slow_module_holds_up_nobody(self, open_bus: OpenBus) -> None:
        """Another module, and another handler of its own, go on meanwhile."""
        bus = open_bus()
        released = asyncio.Event()

        async def slow(event: Event) -> None:
            await released.wait()

        async def quick(event: Event) -> None:
            pass

        bus.for_module("slow").on("sold", slow)
        bus.for_module("quick").on("sold", quick)
        async with running(bus) as live:
            for _ in range(500):
                await live.emit("sold")
            await live.handled("sold", 500, module="quick")
            assert bus.health().in_hand["slow"] <= bus.settings.in_flight
            released.set()
            await live.handled("sold", 500, module="slow")
