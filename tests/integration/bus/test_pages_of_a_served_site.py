"""Notices to real pages: a WebSocket and server-sent events of a really served site."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import uvicorn
from starlette.applications import Starlette
from tests.fakes.event_servers import EventServer
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.bus.conftest import bus_on, until
from tests.integration.serving import Served, serving
from tests.integration.serving import until as until_served
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from recyclic.events import pages
from recyclic.events.pages import page_routes
from recyclic.runtime.drain import SERVICE_RESTART

SHOP = """
def register_signals(self, bus):
    self.bus = bus

def register_routes(self, app):
    @app.post("/api/shop/{percent}")
    async def tell(percent: int):
        return {"heard": await self.bus.emit_ephemeral("progress", percent=percent)}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site with two workers: a page is rarely at the worker that speaks."""
    site = RuntimeSite(tmp_path_factory.mktemp("shop"), {}).module("shop", SHOP)
    site.write()
    with serving(site, "--workers", "2") as served:
        yield served


def say(served: Served, percent: int) -> int:
    """How many heard it."""
    return int(httpx.post(f"{served.address}/api/shop/{percent}", timeout=30).json()["heard"])


def socket_url(served: Served, query: str = "?channel=progress") -> str:
    return served.address.replace("http://", "ws://") + "/events/socket" + query


@contextmanager
def page(served: Served, **options: Any) -> Iterator[ClientConnection]:
    with connect(socket_url(served), **options) as opened:
        yield opened


def percent_in(message: str | bytes) -> int:
    told = json.loads(message)
    assert told["channel"] == "progress"
    return int(told["payload"]["percent"])


def test_a_socket_tells_the_last_word_and_each_new_one(shop: Served) -> None:
    """From whichever worker, in order."""
    say(shop, 10)
    with page(shop) as opened:
        assert percent_in(opened.recv(timeout=20)) == 10
        for percent in range(20, 30):
            assert say(shop, percent) >= 1
        assert [percent_in(opened.recv(timeout=20)) for _ in range(10)] == list(range(20, 30))


def test_a_stream_does_the_same(shop: Served) -> None:
    """As a browser's EventSource reads it."""
    say(shop, 40)
    url = f"{shop.address}/events/stream?channel=progress"
    with httpx.stream("GET", url, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        assert json.loads(next(lines)[6:]) == {"percent": 40}
        assert say(shop, 50) >= 1
        assert json.loads(next(lines)[6:]) == {"percent": 50}


def test_foreign_pages_are_refused(shop: Served) -> None:
    """A browser opens a socket to any address for any page: only ours may read along."""
    with pytest.raises(InvalidStatus) as refused, page(shop, origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403
    with page(shop, origin=shop.address) as opened:
        say(shop, 60)
        assert opened.recv(timeout=20)
    behind = {"X-Forwarded-Host": "shop.example"}
    with page(shop, origin="https://shop.example", additional_headers=behind) as opened:
        assert opened.recv(timeout=20)


@pytest.mark.parametrize(
    "query",
    ["", "?channel=", "?channel=no%20name", "?" + "&".join(f"channel=c{n}" for n in range(21))],
)
def test_channels_that_are_none(shop: Served, query: str) -> None:
    """400, and no socket."""
    assert httpx.get(f"{shop.address}/events/stream{query}", timeout=20).status_code == 400
    with pytest.raises(InvalidStatus), connect(socket_url(shop, query)):
        pass


def test_many_pages_are_one_listener_at_the_server(shop: Served) -> None:
    """A page costs the event server nothing, and one that left leaves nothing behind."""
    path = shop.site.root / "data" / "events" / "valkey.sock"
    with redis.Redis(unix_socket_path=str(path)) as server:

        def connections() -> int:
            return len(server.client_list())

        say(shop, 65)
        before = connections()
        with ExitStack() as open_pages:
            opened = [open_pages.enter_context(page(shop)) for _ in range(30)]
            for one in opened:
                one.recv(timeout=20)
            assert say(shop, 70) <= 2
            for one in opened:
                one.recv(timeout=20)
            assert connections() <= before + 2
        until_served(lambda: connections() == before, "the last page leaves")
        assert say(shop, 80) == 0


def test_pages_are_told_to_come_back_when_workers_change(tmp_path: Path) -> None:
    """Close code "service restart", at once; a stop does not wait for pages either."""
    site = RuntimeSite(tmp_path, {}).module("shop", SHOP)
    site.write()
    with serving(site) as served:
        for leave in ("reload", "stop"):
            with page(served) as opened:
                say(served, 1)
                opened.recv(timeout=20)
                began = time.monotonic()
                with served.control() as control:
                    assert control.ask(leave)["ok"]
                with pytest.raises(ConnectionClosed) as closed:
                    while True:
                        opened.recv(timeout=20)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == SERVICE_RESTART
        served.process.wait(timeout=20)
        assert time.monotonic() - began < 8
        assert "Traceback" not in served.log()


@asynccontextmanager
async def serving_pages(bus: Any) -> Any:
    """The routes alone, under uvicorn in this process; the port."""
    config = uvicorn.Config(
        Starlette(routes=page_routes(bus)), log_config=None, lifespan="off", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    server.capture_signals = suppress  # type: ignore[method-assign,assignment]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await task


async def read_nothing(port: int, path: str, upgrade: str = "") -> socket.socket:
    """A page that asks, and then takes not a byte; its receive buffer is as small as can be."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{upgrade}\r\n"
    await loop.sock_sendall(client, head.encode())
    return client


UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "upgrade"), [("/events/stream", ""), ("/events/socket", UPGRADE)], ids=["sse", "ws"]
)
async def test_a_page_that_takes_nothing_is_dropped_and_no_other(
    server: EventServer, client: Any, monkeypatch: pytest.MonkeyPatch, path: str, upgrade: str
) -> None:
    """The speaker never waits, memory is bounded, and the others hear every word."""
    monkeypatch.setattr(pages, "SEND_WITHIN_S", 0.5)
    bus = bus_on(server)
    await bus.start()
    till = bus.for_module("till")
    async with serving_pages(bus) as port:
        stuck = await read_nothing(port, f"{path}?channel=progress", upgrade)
        await until(client.pubsub_channels)
        good = bus.listen("progress")
        heard = asyncio.ensure_future(anext(good))
        waited = 0.0
        for n in range(60):
            began = time.monotonic()
            await till.emit_ephemeral("progress", n=n, filling="x" * 100_000)
            waited = max(waited, time.monotonic() - began)
            async with asyncio.timeout(10):
                assert (await heard).payload["n"] == n
            heard = asyncio.ensure_future(anext(good))
        assert waited < 2
        heard.cancel()
        await asyncio.gather(heard, return_exceptions=True)
        await until(lambda: not client.pubsub_channels())
        stuck.close()
    await bus.stop(timeout_s=1)
