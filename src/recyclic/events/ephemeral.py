"""Notices to whoever looks right now: pages that show presence or progress. Nothing is kept but
the last one of each channel."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from recyclic.events.errors import BusUnavailableError
from recyclic.events.store import Store

_log = logging.getLogger("recyclic.events")
PAGE_BOUND = 100
"""Notices that may wait for one page. A page that is further behind is dropped, never the bus."""

MOST_LISTENED = 1000
"""Channels of one process. Pages name them, and pages may be anybody's."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice."""

    channel: str
    payload: Any


OnNotice = Callable[[Notice], None]


class _Turn:
    """Whose turn it is to change a channel, and how many wait for theirs or have it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class Channels:
    """The channels that pages of this process listen to: one subscription at the server for each,
    however many pages there are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[str, list[OnNotice]] = {}
        self._ends: dict[str, Callable[[], Awaitable[None]]] = {}
        self._turns: dict[str, _Turn] = {}

    async def latest(self, channel: str) -> bytes | None:
        """The last notice of a channel, if it is kept."""
        return await self._store.latest(channel)

    async def enter(self, channel: str, page: OnNotice) -> None:
        """Have ``page`` called with each notice, from now on until it leaves.

        Raises:
            BusUnavailableError: the server is away, or there are MOST_LISTENED channels already.
        """
        self._pages.setdefault(channel, []).append(page)
        try:
            async with self._turn(channel):
                if channel not in self._ends:
                    await self._begin(channel)
        except BaseException:
            await self.leave(channel, page)
            raise

    async def _begin(self, channel: str) -> None:
        if len(self._ends) >= MOST_LISTENED:
            reason = f"{MOST_LISTENED} channels are listened to already"
            raise BusUnavailableError(address="this process", reason=reason)
        self._ends[channel] = await self._store.listen(channel, partial(self._tell, channel))

    async def leave(self, channel: str, page: OnNotice) -> None:
        """No more of them; the last one to leave ends the subscription."""
        self._pages[channel].remove(page)
        async with self._turn(channel):
            if not self._pages.get(channel):
                self._pages.pop(channel, None)
                end = self._ends.pop(channel, None)
                if end is not None:
                    await end()

    @asynccontextmanager
    async def _turn(self, channel: str) -> AsyncIterator[None]:
        """One at a time for each channel; nothing stays of a channel that nobody wants any more."""
        turn = self._turns.setdefault(channel, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[channel]

    def _tell(self, channel: str, data: bytes) -> None:
        try:
            notice = Notice(channel, orjson.loads(data))
        except ValueError:
            _log.warning("a notice on %s is not JSON", channel)
            return
        for page in self._pages.get(channel, ()):
            page(notice)


async def notices(
    channels: Channels, names: Sequence[str], *, latest: bool
) -> AsyncIterator[Notice]:
    """Notices as they come, from now on; ends when the reader is too slow.

    Raises:
        BusUnavailableError
    """
    waiting: asyncio.Queue[Notice] = asyncio.Queue(PAGE_BOUND)
    too_slow = asyncio.Event()
    heard: set[str] = set()

    def take(notice: Notice) -> None:
        heard.add(notice.channel)
        try:
            waiting.put_nowait(notice)
        except asyncio.QueueFull:
            too_slow.set()

    entered: list[str] = []
    try:
        for name in names:
            await channels.enter(name, take)
            entered.append(name)
            last = await channels.latest(name) if latest else None
            # What came meanwhile is not older: nobody is told the last word before the one before.
            if last is not None and name not in heard:
                yield Notice(name, orjson.loads(last))
        while not too_slow.is_set():
            yield await waiting.get()
        _log.info("a page on %s was too slow and is dropped", ", ".join(names))
    finally:
        for name in entered:
            await channels.leave(name, take)
