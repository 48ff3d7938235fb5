"""Notices to whoever looks right now: pages that show presence or progress. Nothing is kept but
the last one of each channel."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from recyclic.events.store import Store

_log = logging.getLogger("recyclic.events")
PAGE_BOUND = 100
"""Notices that may wait for one page. A page that is further behind is dropped, never the bus."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice."""

    channel: str
    payload: Any


OnNotice = Callable[[Notice], None]


class Channels:
    """The channels that pages of this process listen to: one subscription at the server for each,
    however many pages there are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[str, list[OnNotice]] = {}
        self._ends: dict[str, Callable[[], Awaitable[None]]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def latest(self, channel: str) -> bytes | None:
        """The last notice of a channel, if it is kept."""
        return await self._store.latest(channel)

    async def enter(self, channel: str, page: OnNotice) -> None:
        """Have ``page`` called with each notice, from now on until it leaves.

        Raises:
            BusUnavailableError
        """
        async with self._turns.setdefault(channel, asyncio.Lock()):
            if channel not in self._ends:
                told = partial(self._tell, channel)
                self._ends[channel] = await self._store.listen(channel, told)
            self._pages.setdefault(channel, []).append(page)

    async def leave(self, channel: str, page: OnNotice) -> None:
        """No more of them; the last one to leave ends the subscription."""
        async with self._turns[channel]:
            self._pages[channel].remove(page)
            if not self._pages[channel]:
                del self._pages[channel]
                await self._ends.pop(channel)()

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
