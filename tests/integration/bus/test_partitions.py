"""The network between a process and the server fails, for longer than a lease, and heals."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.broken_network import BrokenNetwork
from tests.fakes.event_servers import VALKEY, EventServer, ServerKind
from tests.integration.bus.conftest import QUICK, bus_on, consuming, until

from recyclic.events.errors import EmitError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams import link

pytestmark = pytest.mark.anyio
LEASES_AWAY = 3
SETTINGS = replace(QUICK, lease_s=0.5, emit_timeout_s=0.5)
"""A partition of three leases is half a minute with the settings of a site."""
Break = Callable[[BrokenNetwork], None]
Heal = Callable[[BrokenNetwork], None]
FAILURES: dict[str, tuple[Break, Heal]] = {
    "cut": (BrokenNetwork.cut, BrokenNetwork.heal),
    "silent": (BrokenNetwork.silence, BrokenNetwork.heal),
    "silent-and-forgotten": (BrokenNetwork.silence, lambda network: network.heal(forget=True)),
}


@pytest.fixture
def anyio_backend() -> str:
    """Not uvloop, whose loop does not close once connections were reset from inside of it."""
    return "asyncio"


@pytest.fixture
def kind() -> ServerKind:
    """The network does not know what it leads to: one kind of server is enough."""
    return VALKEY


@pytest.fixture(params=FAILURES, ids=str)
def failure(request: pytest.FixtureRequest) -> tuple[Break, Heal]:
    return FAILURES[request.param]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead connection is noticed after a second instead of fifteen."""
    monkeypatch.setattr(link, "LOOK_EVERY_S", 1.0)
    monkeypatch.setattr("recyclic.events.streams.reader.BLOCK_MS", 300)


@asynccontextmanager
async def behind(server: EventServer) -> AsyncIterator[tuple[BrokenNetwork, str]]:
    """A network in front of the server, and the URL through it."""
    network = BrokenNetwork(server.port)
    try:
        yield network, f"redis://127.0.0.1:{await network.start()}"
    finally:
        await network.stop()


async def test_a_worker_that_is_cut_off_is_stood_in_for(
    server: EventServer, client: Any, failure: tuple[Break, Heal]
) -> None:
    """Its events go to another worker after the lease; when it comes back it works on; whatever it
    does meanwhile is taken over, and nothing is lost."""
    breaks, heals = failure
    handled: Counter[int] = Counter()
    begun = asyncio.Event()
    away = asyncio.Event()

    async def here(event: Event) -> None:
        handled[event["n"]] += 1

    async def there(event: Event) -> None:
        begun.set()
        if event["n"] < 20:
            await away.wait()
        handled[event["n"]] += 1

    async with behind(server) as (network, url):
        far = RedisStreamsBus(url, site="test", consumer="far.0.1.1", settings=SETTINGS)
        far.for_module("books").on("sold", there)
        near = bus_on(server, SETTINGS, consumer="near.0.1.1")
        near.for_module("books").on("sold", here)
        async with consuming(far):
            for n in range(20):
                await near_emit(server, n)
            await begun.wait()
            await until(lambda: client.xpending("events:sold", "books")["pending"] == 20)
            breaks(network)
            async with consuming(near):
                await until(lambda: set(handled) == set(range(20)), 20)
                await asyncio.sleep(LEASES_AWAY * SETTINGS.lease_s)
                away.set()
                heals(network)
                await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
            for n in range(20, 40):
                await near_emit(server, n)
            await until(lambda: set(handled) == set(range(40)), 20)
    assert all(handled[n] <= 2 for n in range(20)), handled
    assert all(handled[n] == 1 for n in range(20, 40)), handled
    assert client.xlen("{events:sold}:dead") == 0


async def near_emit(server: EventServer, n: int) -> None:
    bus = bus_on(server)
    await bus.start()
    await bus.for_module("till").emit("sold", n=n)
    await bus.stop(timeout_s=1)


async def test_an_emitter_that_is_cut_off_is_told_and_leaves_no_second_copy(
    server: EventServer, client: Any, failure: tuple[Break, Heal]
) -> None:
    """While the network is away emits are refused after their time; none is stored twice, and each
    that was said to be safe is there."""
    breaks, heals = failure
    safe: list[str] = []
    refused = 0
    async with behind(server) as (network, url):
        bus = RedisStreamsBus(url, site="test", settings=SETTINGS)
        await bus.start()
        till = bus.for_module("till")

        async def sell(n: int) -> None:
            nonlocal refused
            try:
                safe.append(await till.emit("sold", n=n))
            except EmitError:
                refused += 1

        await asyncio.gather(*(sell(n) for n in range(50)))
        under_way = [asyncio.create_task(sell(n)) for n in range(50, 150)]
        await asyncio.sleep(0)
        breaks(network)
        await asyncio.gather(*under_way, *(sell(n) for n in range(150, 170)))
        heals(network)
        await until(lambda: bus.health().connected)
        await asyncio.gather(*(sell(n) for n in range(170, 200)))
        await bus.stop(timeout_s=2)
    stored = Counter(fields["id"] for _, fields in client.xrange("events:sold"))
    assert max(stored.values()) == 1
    assert set(safe) <= set(stored)
    assert refused > 0
    assert len(safe) >= 80
