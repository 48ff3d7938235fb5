"""What pages listen to when the network or the server goes: it comes back by itself, in a time that
is known, and with the last word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.broken_network import BrokenNetwork
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import QUICK, bus_on, until

from recyclic.events import ephemeral
from recyclic.events.ephemeral import Notice
from recyclic.events.errors import BusUnavailableError, EmitError
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.site_bus import SiteBus
from recyclic.events.streams import dial, link

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead connection is noticed after half a second instead of twelve."""
    monkeypatch.setattr(link, "LOOK_EVERY_S", 0.3)
    monkeypatch.setattr(dial, "CONNECT_TIMEOUT_S", 0.5)


class Page:
    """Takes every notice as it comes."""

    def __init__(self, bus: SiteBus, *channels: str) -> None:
        self.seen: list[Notice] = []
        self._task = asyncio.create_task(self._take(bus, channels))

    async def _take(self, bus: SiteBus, channels: tuple[str, ...]) -> None:
        async for notice in bus.listen(*channels, latest=True):
            self.seen.append(notice)

    async def leave(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def numbers(self, channel: str = "progress") -> list[int]:
        return [one.payload["n"] for one in self.seen if one.channel == channel]


@asynccontextmanager
async def through(server: EventServer) -> AsyncIterator[tuple[BrokenNetwork, SiteBus]]:
    """A bus, behind a network that can break."""
    network = BrokenNetwork(server.port)
    bus = RedisStreamsBus(f"redis://127.0.0.1:{await network.start()}", site="test", settings=QUICK)
    await bus.start()
    try:
        yield network, bus
    finally:
        await bus.stop(timeout_s=1)
        await network.stop()


@asynccontextmanager
async def speaking(server: EventServer) -> AsyncIterator[Any]:
    """Says numbers, from a process with a good network."""
    bus = bus_on(server)
    await bus.start()
    try:
        yield bus.for_module("till")
    finally:
        await bus.stop(timeout_s=1)


@pytest.mark.parametrize("forgotten", [False, True], ids=["silent", "silent-and-forgotten"])
async def test_a_dead_network_is_noticed_and_the_last_word_is_told(
    server: EventServer, client: Any, forgotten: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody speaks through it meanwhile, and no byte says that a connection is dead: neither that
    which listens, nor that which would ask. Of what is said while it is away the last word is told
    once it is back, and after that every word."""
    async with through(server) as (network, bus), speaking(server) as till:
        await till.emit_ephemeral("progress", n=1)
        page = Page(bus, "progress", "presence")
        await until(lambda: page.numbers() == [1] and len(client.pubsub_channels()) == 2)
        network.silence()
        await till.emit_ephemeral("progress", n=2)
        await till.emit_ephemeral("progress", n=3)
        await until(lambda: caplog.text.count("dialling again") == 2)
        network.heal(forget=forgotten)
        await until(lambda: page.numbers() == [1, 3])
        for n in range(4, 8):
            await till.emit_ephemeral("progress", n=n)
            await till.emit_ephemeral("presence", n=n)
        await until(lambda: page.numbers("presence") == [4, 5, 6, 7])
        assert page.numbers() == [1, 3, 4, 5, 6, 7]
        await page.leave()


async def test_a_page_hears_no_old_news_after_an_interruption(
    server: EventServer, client: Any
) -> None:
    """The server is killed and comes back with what it kept: that was heard before, or was no news
    when the page came. What is said next is heard, on every channel."""
    async with speaking(server) as till, speaking(server) as other:
        for channel in ("progress", "presence"):
            await till.emit_ephemeral(channel, n=1)
        bus = bus_on(server)
        await bus.start()
        page = Page(bus, "progress", "presence")
        await until(lambda: len(page.seen) == 2)
        await till.emit_ephemeral("progress", n=2)
        await until(lambda: page.numbers() == [1, 2])
        late = asyncio.ensure_future(anext(bus.listen("presence")))
        server.kill()
        server.start()
        await until(lambda: len(_channels(server)) == 2)
        await other.emit_ephemeral("progress", n=3)
        await other.emit_ephemeral("presence", n=2)
        await until(lambda: page.numbers() == [1, 2, 3] and page.numbers("presence") == [1, 2])
        assert (await late).payload == {"n": 2}
        await page.leave()
        await bus.stop(timeout_s=1)


def _channels(server: EventServer) -> list[bytes]:
    return [
        line for line in server.ask("PUBSUB", "CHANNELS").split(b"\r\n") if b"ephemeral" in line
    ]


async def test_all_channels_are_one_connection(server: EventServer, client: Any) -> None:
    """Anybody can open pages and name channels: that must not use up the server's connections. A
    channel that nobody listens to any more leaves nothing behind."""
    bus = bus_on(server)
    await bus.start()
    before = len(client.client_list())
    pages = [Page(bus, f"c{n}", f"c{n + 1}") for n in range(50)]
    await until(lambda: len(client.pubsub_channels()) == 51)
    assert len(client.client_list()) == before + 1
    for page in pages[1:]:
        await page.leave()
    await until(
        lambda: sorted(client.pubsub_channels()) == [f"events:.ephemeral.c{n}" for n in (0, 1)]
    )
    # Comes again at once, as a page does that is loaded anew.
    await pages[0].leave()
    again = Page(bus, "c0")
    await until(lambda: client.pubsub_channels() == ["events:.ephemeral.c0"])
    assert await bus.for_module("till").emit_ephemeral("c0", n=1) == 1
    await until(lambda: again.numbers("c0") == [1])
    await again.leave()
    await until(lambda: len(client.client_list()) == before)
    assert not bus._channels._turns
    await bus.stop(timeout_s=1)


async def test_more_channels_than_a_process_listens_to(
    server: EventServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, and no page that is there suffers."""
    monkeypatch.setattr(ephemeral, "MOST_LISTENED", 3)
    bus = bus_on(server)
    await bus.start()
    page = Page(bus, "a", "b", "c")
    other = Page(bus, "a", "c")
    await until(lambda: len(_channels(server)) == 3)
    async with asyncio.timeout(5):
        with pytest.raises(BusUnavailableError):
            await anext(bus.listen("a", "d"))
    assert await bus.for_module("till").emit_ephemeral("a", n=1) == 1
    await until(lambda: page.numbers("a") == other.numbers("a") == [1])
    await page.leave()
    await other.leave()
    await bus.stop(timeout_s=1)


async def test_a_notice_is_refused_when_the_server_is_away(server: EventServer) -> None:
    """Whoever speaks is told so in the time an emit has, not kept waiting for as long as that."""
    bus = bus_on(server, replace(QUICK, emit_timeout_s=0.3))
    await bus.start()
    server.kill()
    await until(lambda: not bus.health().connected)
    async with asyncio.timeout(5):
        with pytest.raises(EmitError):
            await bus.for_module("till").emit_ephemeral("progress", n=1)
    server.start()
    await until(lambda: bus.health().connected)
    assert await bus.for_module("till").emit_ephemeral("progress", n=1) == 0
    await bus.stop(timeout_s=1)
