"""Notices to pages: at once, to whoever listens, and a slow page hurts only itself."""

import asyncio
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on

from recyclic.events.ephemeral import PAGE_BOUND, Notice
from recyclic.events.pages import server_sent

pytestmark = pytest.mark.anyio


async def test_a_page_hears_what_is_said_and_the_last_word(
    server: EventServer, client: Any
) -> None:
    """From another process, with the last notice first; none of it is in a stream."""
    speaker, listener = bus_on(server), bus_on(server)
    for bus in (speaker, listener):
        await bus.start()
    assert await speaker.for_module("till").emit_ephemeral("progress", percent=10) == 0
    page = listener.listen("progress", "presence", latest=True)
    assert await anext(page) == Notice("progress", {"percent": 10})
    upcoming = asyncio.ensure_future(anext(page))
    async with asyncio.timeout(5):
        while not await speaker.for_module("till").emit_ephemeral("presence", who="Léa"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await upcoming == Notice("presence", {"who": "Léa"})
    await page.aclose()  # type: ignore[attr-defined]
    for bus in (speaker, listener):
        await bus.stop(timeout_s=1)
    assert not client.exists("events:progress")


async def test_a_slow_page_is_dropped(server: EventServer) -> None:
    """The iteration ends; the speaker never waited."""
    bus = bus_on(server)
    await bus.start()
    till = bus.for_module("till")
    await till.emit_ephemeral("progress", n=-1)
    page = bus.listen("progress", latest=True)
    await anext(page)
    for n in range(PAGE_BOUND * 3):
        await till.emit_ephemeral("progress", n=n)
    async with asyncio.timeout(5):
        got = [notice async for notice in page]
    await bus.stop(timeout_s=1)
    assert got == []


async def test_server_sent_events(server: EventServer) -> None:
    """As a browser reads them."""
    bus = bus_on(server)
    await bus.start()
    await bus.for_module("till").emit_ephemeral("progress", percent=50)
    lines = server_sent(bus.listen("progress", latest=True))
    assert await anext(lines) == b": ready\n\n"
    assert await anext(lines) == b'event: progress\ndata: {"percent":50}\n\n'
    await lines.aclose()  # type: ignore[attr-defined]
    await bus.stop(timeout_s=1)
