"""The network between a process and the server fails, for longer than a lease, and heals."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.broken_network import BrokenNetwork
from tests.fakes.event_servers import REDIS, VALKEY, EventServer, ServerKind
from tests.integration.bus.conftest import QUICK, bus_on, consuming, until

from recyclic.events.errors import EmitError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams import dial, link

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


def _named(surroundings: tuple[ServerKind, bool]) -> str:
    kind, uvloop = surroundings
    return f"{kind.name}-{'uvloop' if uvloop else 'asyncio'}"


@pytest.fixture(params=[(VALKEY, True), (REDIS, True), (VALKEY, False)], ids=_named)
def surroundings(request: pytest.FixtureRequest) -> tuple[ServerKind, bool]:
    """Which server, and whether the loop is the one of production: each server with that one, and
    Python's own once. What differs between them is how a reset connection ends."""
    surroundings: tuple[ServerKind, bool] = request.param
    if surroundings[0].binary is None:
        pytest.skip("redis-server is not installed")
    return surroundings


@pytest.fixture
def anyio_backend(surroundings: tuple[ServerKind, bool]) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": surroundings[1]}


@pytest.fixture
def kind(surroundings: tuple[ServerKind, bool]) -> ServerKind:
    return surroundings[0]


@pytest.fixture(params=FAILURES, ids=str)
def failure(request: pytest.FixtureRequest) -> tuple[Break, Heal]:
    return FAILURES[request.param]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead connection is noticed after half a second instead of fifteen."""
    monkeypatch.setattr(link, "LOOK_EVERY_S", 0.3)
    monkeypatch.setattr(dial, "CONNECT_TIMEOUT_S", 0.5)
    monkeypatch.setattr("recyclic.events.streams.reader.BLOCK_MS", 100)


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
    """What the server had stored when the network went is found when it is back, not sent again;
    who does not wait that long is refused, and told so."""
    breaks, heals = failure
    async with behind(server) as (network, url):
        patient = RedisStreamsBus(url, site="test", settings=replace(SETTINGS, emit_timeout_s=15))
        hasty = RedisStreamsBus(url, site="test", settings=SETTINGS)
        await patient.start()
        await hasty.start()
        sell, try_to_sell = patient.for_module("till").emit, hasty.for_module("till").emit
        safe = await asyncio.gather(*(sell("sold", n=n) for n in range(49)))
        safe.append(await sell("sold", key="k", n=49))
        network.deafen()
        in_doubt = [asyncio.create_task(sell("sold", n=n)) for n in range(50, 100)]
        keyed = [asyncio.create_task(sell("sold", key="k", n=n)) for n in range(100, 120)]
        await until(lambda: client.xlen("events:sold") == 120)
        breaks(network)
        refused = await asyncio.gather(
            *(try_to_sell("sold", n=n) for n in range(120, 130)), return_exceptions=True
        )
        assert not any(one.done() for one in (*in_doubt, *keyed))
        heals(network)
        safe += await asyncio.gather(*in_doubt, *keyed)
        safe += await asyncio.gather(*(sell("sold", n=n) for n in range(130, 150)))
        await patient.stop(timeout_s=2)
        await hasty.stop(timeout_s=2)
    stored = Counter(fields["id"] for _, fields in client.xrange("events:sold"))
    assert max(stored.values()) == 1
    assert set(safe) <= set(stored)
    assert len(safe) == 140
    assert [type(one) for one in refused] == [EmitError] * 10
    # None of the refused may be there twice under another id either.
    numbers = Counter(json.loads(fields["data"])["n"] for _, fields in client.xrange("events:sold"))
    assert max(numbers.values()) == 1
