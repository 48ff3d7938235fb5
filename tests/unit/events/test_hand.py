"""What one worker has in hand, and when it takes more."""

import asyncio

import pytest

from recyclic.events.hand import Hand
from recyclic.events.store import Delivery

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def delivery(number: int) -> Delivery:
    return Delivery("sold", f"{number}-0", {b"data": b"{}"}, 0.0)


def filled(hand: Hand, count: int) -> list[Delivery]:
    taken = [delivery(number) for number in range(count)]
    assert hand.take(taken) == count
    return taken


async def test_an_entry_read_again_is_not_put_in_line_again() -> None:
    """A reader that comes back reads its pending entries once more, finished ones too."""
    hand = Hand(10)
    [first, _] = filled(hand, 2)
    hand.line.popleft()
    hand.finish(first)
    assert hand.take([delivery(0), delivery(1)]) == 0
    hand.confirm([first])
    assert hand.take([delivery(0)]) == 1


async def test_room_is_for_the_unfinished() -> None:
    """A finished entry makes room before the server has confirmed it: it is kept without body."""
    hand = Hand(8)
    taken = filled(hand, 8)
    waiting = asyncio.create_task(hand.room(4))
    await asyncio.sleep(0)
    assert not waiting.done()
    hand.finish(taken[0])
    assert await waiting == 1
    assert not taken[0].fields
    assert len(hand) == 8


async def test_what_waits_for_confirmation_is_bounded_too() -> None:
    """A server that acknowledges nothing is not read from without end."""
    hand = Hand(4)
    for start in (0, 4):
        taken = [delivery(number) for number in range(start, start + 4)]
        hand.take(taken)
        for one in taken:
            hand.finish(one)
    waiting = asyncio.create_task(hand.room(4))
    await asyncio.sleep(0)
    assert not waiting.done()
    hand.confirm(taken)
    assert await waiting == 4


async def test_whoever_waits_for_room_is_released_at_the_end() -> None:
    """And what was not begun is returned, to be handed back."""
    hand = Hand(2)
    taken = filled(hand, 2)
    waiting = asyncio.create_task(hand.room(2))
    await asyncio.sleep(0)
    assert hand.close() == taken
    assert await waiting == 0


@pytest.mark.parametrize("finished", [True, False])
async def test_a_follower_comes_first_once_the_one_before_is_gone(finished: bool) -> None:
    """It knows whether that one is settled, or waits at the server for a retry."""
    hand = Hand(10)
    first, second, third = filled(hand, 3)
    hand.line.clear()
    hand.line.append(third)
    hand.follow(first, second)
    if finished:
        hand.finish(first)
        hand.confirm([first])
    else:
        hand.drop(first)
    assert list(hand.line) == [second, third]
    assert second.cleared is finished
