"""The tasks of one worker that run handlers."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any

from recyclic.events.calling import resume
from recyclic.events.hand import Hand
from recyclic.events.store import Delivery
from recyclic.events.tracing import current_event

SLICE_S = 0.005
"""After this long of handlers that never wait, others get their turn: leases are renewed, pages
served."""

Begin = Callable[[Delivery], Coroutine[Any, Any, None] | None]
"""Handles an entry as far as it goes without waiting; what is left to be awaited, or None."""


class Lanes:
    """So many handlers may wait at the same time.

    One lane runs what is in the line, for as long as no handler waits: that costs no task and no
    turn of the loop. When one does, the next lane goes on behind it.
    """

    def __init__(self, hand: Hand, begin: Begin, count: int, name: str) -> None:
        self._hand = hand
        self._begin = begin
        self._idle: list[asyncio.Future[None]] = []
        self._waiting: set[Delivery] = set()
        self._stopping = False
        self.tasks = [asyncio.create_task(self._lane(), name=name) for _ in range(count)]

    def wake(self) -> None:
        """Something is in the line."""
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
            idle = loop.create_future()
            self._idle.append(idle)
            await idle

    async def _run_line(self) -> None:
        line, begin = self._hand.line, self._begin
        until = perf_counter() + SLICE_S
        while line:
            delivery = line.popleft()
            rest = begin(delivery)
            if rest is not None and await self._waited(delivery, rest):
                until = perf_counter() + SLICE_S
            elif perf_counter() > until:
                await asyncio.sleep(0)
                until = perf_counter() + SLICE_S

    async def _waited(self, delivery: Delivery, rest: Coroutine[Any, Any, None]) -> bool:
        """Run ``rest`` to its end; whether it waited for anything meanwhile."""
        try:
            waits_for = rest.send(None)
        except StopIteration:
            return False
        self._waiting.add(delivery)
        if self._hand.line:
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
