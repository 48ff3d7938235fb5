"""The tasks of one worker that run handlers, and read what there is to be handled."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from recyclic.events.calling import resume
from recyclic.events.hand import Hand
from recyclic.events.intake import Intake
from recyclic.events.store import Delivery
from recyclic.events.tracing import current_event

SLICE_S = 0.005
"""After this long of handlers that never wait, others get their turn: leases are renewed, pages
served."""


class Unfinished(NamedTuple):
    """An entry whose handling goes on: what is left of it to be awaited."""

    delivery: Delivery
    rest: Coroutine[Any, Any, None]


Begin = Callable[[float], Unfinished | None]
"""Handles the first entries of the line as far as that goes without waiting, until the line is
empty or that time (of ``perf_counter``) has come; what is left to be awaited, or None."""


class Lanes:
    """So many handlers may wait at the same time.

    One lane reads, and runs what came for as long as no handler waits: that costs no task and no
    turn of the loop. When one does, the next lane goes on behind it.

    Args:
        count: How many may wait.
        intakes: Where entries come from; each is read by one lane at a time.
    """

    def __init__(
        self, hand: Hand, begin: Begin, count: int, name: str, intakes: Sequence[Intake] = ()
    ) -> None:
        self._hand = hand
        self._begin = begin
        self._count = count
        self._intakes = list(intakes)
        self._idle: list[asyncio.Future[None]] = []
        self._waiting: set[Delivery] = set()
        self._stopping = False
        hand.on_room = self.wake
        # Each source may have a lane that waits for it, and nothing else.
        number = count + len(self._intakes)
        self.tasks = [asyncio.create_task(self._lane(), name=name) for _ in range(number)]

    def wake(self) -> None:
        """Something is in the line, or there is room for more."""
        while self._idle:
            lane = self._idle.pop()
            if not lane.done():
                lane.set_result(None)
                return

    async def _lane(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._run_line()
            current_event.set(None)
            if self._stopping:
                return
            if not await self._fetched():
                idle = loop.create_future()
                self._idle.append(idle)
                await idle

    async def _fetched(self) -> bool:
        """Whether there was a source that nobody read, and room for more."""
        for intake in self._intakes:
            room = intake.room
            if room:
                self._intakes.remove(intake)
                try:
                    await intake.fetch(room)
                finally:
                    self._intakes.append(intake)
                return True
        return False

    async def _run_line(self) -> None:
        line, waiting = self._hand.line, self._waiting
        until = perf_counter() + SLICE_S
        while line and len(waiting) < self._count:
            begun = self._begin(until)
            if begun is not None and await self._waited(begun):
                until = perf_counter() + SLICE_S
            elif perf_counter() > until:
                await asyncio.sleep(0)
                until = perf_counter() + SLICE_S

    async def _waited(self, begun: Unfinished) -> bool:
        """Run what is left to its end; whether it waited for anything meanwhile."""
        delivery, rest = begun
        try:
            waits_for = rest.send(None)
        except StopIteration:
            return False
        self._waiting.add(delivery)
        if (len(self._waiting) < self._count and self._hand.line) or any(
            one.room for one in self._intakes
        ):
            self.wake()
        await resume(rest, waits_for)
        self._waiting.discard(delivery)
        return True

    async def stop(self, timeout_s: float) -> list[Delivery]:
        """Let what runs come to its end within ``timeout_s``; returns what did not.

        The tasks of those still run: they are the caller's to cancel.
        """
        self._stopping = True
        while self._idle:
            self.wake()
        await asyncio.wait(self.tasks, timeout=timeout_s)
        return list(self._waiting)
