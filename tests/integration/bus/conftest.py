"""A real server of each kind for every test of the bus."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from tests.fakes.event_servers import KINDS, EventServer, ServerKind, running

from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import SiteBus
from recyclic.events.streams.link import Link

QUICK = BusSettings(lease_s=1.0, sweep_s=0.1, backoff_base_s=0.05, backoff_factor=2.0)
"""The defaults with shorter waits."""


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that serves in production."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True)
async def _nothing_stays_open(
    anyio_backend: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """A test that fails leaves its bus connected. uvloop warns of that while its loop closes, which
    is an error here, and hangs for good instead of letting the failure be told."""
    links: list[Link] = []
    plain = Link.__init__

    def remembered(self: Link, *arguments: Any) -> None:
        plain(self, *arguments)
        links.append(self)

    monkeypatch.setattr(Link, "__init__", remembered)
    yield
    for link in links:
        await link.close()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> ServerKind:
    """Each kind of server there is on this machine."""
    kind: ServerKind = request.param
    if kind.binary is None:
        pytest.skip("redis-server is not installed")
    return kind


@pytest.fixture
def server(kind: ServerKind, tmp_path: Path) -> Iterator[EventServer]:
    """A running server that syncs each write."""
    with running(kind, tmp_path / "server") as server:
        yield server


@pytest.fixture
def client(server: EventServer) -> Iterator[Any]:
    """An ordinary client, to look at the server from outside."""
    with redis.Redis(port=server.port, decode_responses=True) as client:
        yield client


@asynccontextmanager
async def consuming(bus: SiteBus, stop_s: float = 5.0) -> AsyncIterator[SiteBus]:
    """The bus, started, handling, and stopped at the end."""
    await bus.start()
    task = asyncio.create_task(bus.consume())
    try:
        yield bus
    finally:
        await bus.stop(timeout_s=stop_s)
        await task


def bus_on(server: EventServer, settings: BusSettings = QUICK, **options: Any) -> RedisStreamsBus:
    """A process's bus on ``server``; several of them stand for several processes."""
    return RedisStreamsBus(server.url, site="test", settings=settings, **options)


async def until(condition: Callable[[], Any], timeout_s: float = 15.0) -> None:
    """Return once ``condition()`` holds; fail when it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - most conditions are a server's
            await asyncio.sleep(0.01)
