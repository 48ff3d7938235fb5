"""What takes new entries in, up to its end."""

import asyncio
from typing import Any

import pytest

from recyclic.events.hand import Hand
from recyclic.events.intake import Intake
from recyclic.events.pace import GATHER_S, Pace
from recyclic.events.store import Batch

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Busy:
    """A source that always has four more, until it is interrupted; then what was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.number = 0
        self.interrupted = False

    async def read(self, _limit: int) -> list[Any]:
        if self.interrupted and not self.asked:
            return []
        self.asked.clear()
        self.number += 4
        ids = [f"{number}-0" for number in range(self.number, self.number + 4)]
        return [Batch("sold", ids, [[b"data", b"{}"]] * 4)]

    def ask(self, limit: int) -> None:
        self.asked.append(limit)

    async def interrupt(self) -> None:
        self.interrupted = True


async def test_a_busy_source_prepares_what_there_is_room_for() -> None:
    """And nothing beyond: what is in hand, with what is asked for, stays within the bound."""
    source, hand = Busy(), Hand(8)
    intake = Intake(source, hand, 4)
    await intake.fetch(intake.room)
    assert (source.asked, hand.space) == ([4], 4)
    await intake.fetch(intake.room)
    assert (source.asked, hand.space) == ([], 0)


async def test_events_that_come_fast_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next read is sent a moment later, and none ahead of it: that one would bring what came
    first, and nothing else."""
    source, hand = Busy(), Hand(100)
    intake = Intake(source, hand, 12)
    monkeypatch.setattr(Pace, "came", lambda pace, *_, **__: setattr(pace, "gather", True))
    began = asyncio.get_running_loop().time()
    await intake.fetch(intake.room)
    assert (source.asked, len(hand)) == ([], 4)
    await intake.fetch(intake.room)
    assert asyncio.get_running_loop().time() - began >= GATHER_S


async def test_after_the_end_there_is_no_room_but_for_what_was_asked_for() -> None:
    """A lane that read on from a source that answers at once would leave others no turn."""
    source, hand = Busy(), Hand(12)
    intake = Intake(source, hand, 4)
    await intake.fetch(intake.room)
    await intake.end()
    assert (intake.room, len(hand)) == (0, 8)
