"""How handlers share one loop."""

import asyncio
import time

import pytest

from recyclic.events.hand import Hand
from recyclic.events.lanes import SLICE_S, Lanes, Unfinished
from recyclic.events.store import Delivery

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def hand_of(count: int) -> Hand:
    hand = Hand(count)
    hand.take((Delivery("sold", f"{number}-0", {}, 0.0) for number in range(count)), 0.0)
    return hand


def next_of(hand: Hand) -> Delivery:
    first = hand.line.popleft()
    assert isinstance(first, Delivery)
    return first


async def test_handlers_that_never_wait_leave_others_their_turn() -> None:
    """A hundred of them, 1 ms each, do not keep a heartbeat from beating meanwhile."""
    hand = hand_of(100)
    beats = 0

    def busy(_: float) -> None:
        hand.line.popleft()
        until = time.perf_counter() + 0.001
        while time.perf_counter() < until:
            pass

    async def beat() -> None:
        nonlocal beats
        while hand.line:
            beats += 1
            await asyncio.sleep(0)

    lanes = Lanes(hand, busy, 1, "test")
    await beat()
    await lanes.stop(1)
    # Each takes at least a millisecond, so no slice holds more than these.
    assert beats >= 100 // (SLICE_S * 1000 + 1)


async def test_no_more_wait_at_once_than_there_are_lanes() -> None:
    """And all lanes are used, though only the first was woken."""
    hand = hand_of(10)
    running, most, released = 0, 0, asyncio.Event()

    async def waits() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await released.wait()
        running -= 1

    def begin(_: float) -> Unfinished:
        return Unfinished(next_of(hand), waits())

    lanes = Lanes(hand, begin, 3, "test")
    for _ in range(20):
        await asyncio.sleep(0)
    assert (running, len(hand.line)) == (3, 7)
    released.set()
    assert await lanes.stop(1) == []
    assert (most, len(hand.line)) == (3, 0)


async def test_what_does_not_end_in_time_is_named() -> None:
    """So that it can be handed back."""
    hand = hand_of(2)
    never = asyncio.Event()

    async def wait() -> None:
        await never.wait()

    def begin(_: float) -> Unfinished | None:
        delivery = next_of(hand)
        return Unfinished(delivery, wait()) if delivery.id == "1-0" else None

    lanes = Lanes(hand, begin, 2, "test")
    [late] = await lanes.stop(0.05)
    assert late.id == "1-0"
    for task in lanes.tasks:
        task.cancel()
    await asyncio.gather(*lanes.tasks, return_exceptions=True)
