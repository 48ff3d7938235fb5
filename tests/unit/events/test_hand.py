"""What one worker has in hand, and when it takes more."""

import pytest

from recyclic.events.hand import Hand
from recyclic.events.store import Batch, Delivery

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def delivery(number: int) -> Delivery:
    return Delivery("sold", f"{number}-0", {b"data": b"{}"}, 0.0)


def filled(hand: Hand, count: int) -> list[Delivery]:
    taken = [delivery(number) for number in range(count)]
    assert hand.take(taken, 0.0) == count
    return taken


def batch(*numbers: int) -> Batch:
    ids = [f"{number}-0" for number in numbers]
    return Batch("sold", ids, [[b"data", one.encode()] for one in ids])


async def test_an_entry_read_again_is_not_put_in_line_again() -> None:
    """A reader that comes back reads its pending entries once more, finished ones too."""
    hand = Hand(10)
    [first, _] = filled(hand, 2)
    hand.line.popleft()
    hand.finish(first)
    assert hand.take([delivery(0), delivery(1)], 0.0) == 0
    hand.confirm("sold", ["0-0"])
    assert hand.take([delivery(0)], 0.0) == 1


async def test_of_a_batch_only_what_is_new_is_put_in_line() -> None:
    """However those that are not came: in a batch, or alone."""
    hand = Hand(10)
    filled(hand, 2)
    assert hand.take([batch(1, 2, 3)], 0.0) == 2
    assert hand.take([batch(0, 1, 2, 3)], 0.0) == 0
    assert hand.take([batch(2, 4)], 0.0) == 1
    hand.confirm("sold", ["2-0"])
    assert hand.take([batch(2)], 0.0) == 1
    assert [one.id for one in hand.close()] == ["0-0", "1-0", "2-0", "3-0", "4-0", "2-0"]


async def test_what_of_a_batch_is_begun_is_not_handed_back_as_if_it_was_not() -> None:
    """The others are, with what was stored."""
    hand = Hand(10)
    taken = batch(0, 1, 2)
    hand.take([taken], 7.0)
    taken.begun = 1
    rest = hand.close()
    assert [one.id for one in rest] == ["1-0", "2-0"]
    assert [one.fields for one in rest] == [{b"data": b"1-0"}, {b"data": b"2-0"}]
    assert {one.since for one in rest} == {7.0}


async def test_the_lease_of_each_entry_of_a_batch_is_renewed() -> None:
    """Until it is confirmed; one that was taken over is not asked for again, nor forgotten."""
    hand = Hand(10)
    hand.take([batch(0, 1)], 1.0)
    hand.take([batch(2)], 5.0)
    [first, second] = hand.older_than(4.0)
    assert (first.id, second.id) == ("0-0", "1-0")
    first.lost, second.since = True, 6.0
    assert hand.older_than(4.0) == []
    assert [one.id for one in hand.older_than(9.0)] == ["1-0", "2-0"]
    assert hand.delivery("sold", "0-0", [b"data", b"{}"]) is first
    assert first.fields == {b"data": b"{}"}


async def test_room_is_for_the_unfinished() -> None:
    """A finished entry makes room before the server has confirmed it: it is kept without body."""
    hand, told = Hand(8), []
    hand.on_room = lambda: told.append(hand.room(4))
    taken = filled(hand, 8)
    assert hand.room(4) == 0
    hand.finish(taken[0])
    assert told == [1]
    assert not taken[0].fields
    assert len(hand) == 8


async def test_what_waits_for_confirmation_is_bounded_too() -> None:
    """A server that acknowledges nothing is not read from without end."""
    hand, told = Hand(4), []
    for start in (0, 4):
        hand.take([batch(*range(start, start + 4))], 0.0)
        hand.finish_some(4)
    assert hand.room(4) == 0
    hand.on_room = lambda: told.append(hand.room(4))
    hand.confirm("sold", [f"{number}-0" for number in range(4)])
    assert told == [4]


async def test_at_the_end_there_is_no_room() -> None:
    """And what was not begun is returned, to be handed back."""
    hand = Hand(2)
    taken = filled(hand, 1)
    assert hand.close() == taken
    assert hand.room(2) == 0


@pytest.mark.parametrize("finished", [True, False])
async def test_a_follower_comes_first_once_the_one_before_is_gone(finished: bool) -> None:
    """It knows whether that one is settled, or waits at the server for a retry."""
    hand = Hand(10)
    first, second, third = filled(hand, 3)
    hand.line.clear()
    hand.line.append(third)
    hand.follow(first.place, second)
    if finished:
        hand.finish(first)
        hand.confirm("sold", [first.id])
    else:
        hand.drop(first)
    assert list(hand.line) == [second, third]
    assert second.cleared is finished
