"""Notices to whoever looks right now: pages that show presence or progress. Nothing is kept but
the last one of each channel."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
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


async def notices(store: Store, channels: Sequence[str], *, latest: bool) -> AsyncIterator[Notice]:
    """Notices as they come, from now on; ends when the reader is too slow.

    Raises:
        BusUnavailableError
    """
    waiting: asyncio.Queue[Notice] = asyncio.Queue(PAGE_BOUND)
    too_slow = asyncio.Event()

    def taking(channel: str) -> Callable[[bytes], None]:
        def take(data: bytes) -> None:
            try:
                waiting.put_nowait(Notice(channel, orjson.loads(data)))
            except asyncio.QueueFull:
                too_slow.set()
            except ValueError:
                _log.warning("a notice on %s is not JSON", channel)

        return take

    ends: list[Callable[[], Awaitable[None]]] = []
    try:
        for channel in channels:
            ends.append(await store.listen(channel, taking(channel)))
            if latest and (last := await store.latest(channel)) is not None:
                yield Notice(channel, orjson.loads(last))
        while not too_slow.is_set():
            yield await waiting.get()
        _log.info("a page on %s was too slow and is dropped", ", ".join(channels))
    finally:
        for end in ends:
            await end()
