"""What a page is told when something of ours fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette

from recyclic.events.ephemeral import Notice
from recyclic.events.errors import BusUnavailableError
from recyclic.events.pages import page_routes


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FailingBus:
    """Tells one notice, then fails."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    async def listen(self, *channels: str, latest: bool) -> AsyncIterator[Notice]:
        yield Notice(channels[0], {"n": 1})
        raise self._failure


async def talk(bus: Any) -> list[dict[str, Any]]:
    """What a page at the socket is sent, until it is closed."""
    sent: list[dict[str, Any]] = []
    closed = asyncio.Event()
    coming = [{"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        if not coming:
            await closed.wait()
            return {"type": "websocket.disconnect", "code": 1005}
        return coming.pop()

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.close":
            closed.set()

    scope = {
        "type": "websocket", "path": "/events/socket", "query_string": b"channel=progress",
        "headers": [], "subprotocols": [], "root_path": "", "scheme": "ws",
    }  # fmt: skip
    await Starlette(routes=page_routes(bus))(scope, receive, send)
    return sent


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "code", "logged"),
    [(KeyError("n"), 1011, True), (BusUnavailableError(address="", reason="away"), 1013, False)],
    ids=["a mistake", "the server is away"],
)
async def test_a_socket_says_why_it_ends(
    failure: Exception, code: int, logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours by the code and in the log; a server that is away by the code alone."""
    bus: Any = FailingBus(failure)
    accepted, told, ended = await talk(bus)
    assert accepted["type"] == "websocket.accept"
    assert json.loads(told["text"])["payload"] == {"n": 1}
    assert ended["code"] == code
    assert bool(caplog.records) == logged
