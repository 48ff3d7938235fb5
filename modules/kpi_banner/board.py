"""The totals of today, live: every page is told when they change, whichever worker changed them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import date

from .figures import DayTotals
from .tally import Tally

LOOK_EVERY_S = 0.4
"""How late a page may be. The file is looked at only while somebody watches, once a worker."""

SILENCE_S = 15.0
"""After this long without news a page gets a sign of life, so that no proxy hangs up."""

MAX_WATCHERS = 200


class TooManyWatchersError(Exception):
    """This worker has as many open pages as it takes."""


class Board:
    """What the pages of one worker show. A page that is slow gets the latest, never a backlog.

    Args:
        today: The date on the wall.
    """

    def __init__(
        self, tally: Tally, today: Callable[[], date], look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._tally = tally
        self._today = today
        self._look_every_s = look_every_s
        self._shown: DayTotals | None = None
        self._changed = asyncio.Condition()
        self._watchers = 0
        self._looking: asyncio.Task[None] | None = None

    async def totals(self) -> DayTotals:
        """The totals of today, now."""
        return await asyncio.to_thread(self._tally.totals, self._today().isoformat())

    def watch(self, silence_s: float = SILENCE_S) -> AsyncIterator[DayTotals | None]:
        """The totals at once, then after every change; None after a silence.

        Raises:
            TooManyWatchersError: at once.
        """
        if self._watchers >= MAX_WATCHERS:
            raise TooManyWatchersError
        return self._watch(silence_s)

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
            self._looking = None

    async def _watch(self, silence_s: float) -> AsyncIterator[DayTotals | None]:
        self._watchers += 1
        try:
            self._start_looking()
            seen = await self.totals()
            yield seen
            while True:
                news = await self._news(seen, silence_s)
                seen = news or seen
                yield news
        finally:
            self._watchers -= 1

    async def _news(self, seen: DayTotals, silence_s: float) -> DayTotals | None:
        try:
            async with asyncio.timeout(silence_s), self._changed:
                await self._changed.wait_for(lambda: self._shown not in (None, seen))
                return self._shown
        except TimeoutError:
            return None

    def _start_looking(self) -> None:
        if self._looking is None or self._looking.done():
            self._shown = None
            self._looking = asyncio.create_task(self._look(), name="kpi_banner-board")

    async def _look(self) -> None:
        changes = await asyncio.to_thread(self._tally.watch)
        try:
            last: tuple[int, date] | None = None
            while self._watchers:
                now = (changes.version(), self._today())
                if now != last:
                    last = now
                    await self._show(await self.totals())
                await asyncio.sleep(self._look_every_s)
        finally:
            changes.close()

    async def _show(self, totals: DayTotals) -> None:
        async with self._changed:
            self._shown = totals
            self._changed.notify_all()
