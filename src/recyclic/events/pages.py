"""Ephemeral notices for browsers: server-sent events, and a WebSocket.

Mount with ``app.router.routes.extend(page_routes(bus))``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from recyclic.events.site_bus import SiteBus
from recyclic.model.names import EventName, InvalidNameError

if TYPE_CHECKING:
    from recyclic.events.ephemeral import Notice

KEEP_ALIVE_S = 15.0
"""Proxies end a stream that says nothing for longer than half a minute or so."""


def page_routes(bus: SiteBus, prefix: str = "/events") -> list[BaseRoute]:
    """``GET {prefix}/stream?channel=a&channel=b`` and the WebSocket ``{prefix}/socket``."""

    async def stream(request: Request) -> Response:
        channels = _channels(request.query_params.getlist("channel"))
        if not channels:
            return PlainTextResponse("channel is missing or no name", 400)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        lines = server_sent(bus.listen(*channels, latest=True))
        return StreamingResponse(lines, media_type="text/event-stream", headers=headers)

    async def talk(websocket: WebSocket) -> None:
        channels = _channels(websocket.query_params.getlist("channel"))
        if not channels:
            await websocket.close(code=1008)
            return
        await websocket.accept()
        await _until_either_ends(websocket, bus.listen(*channels, latest=True))

    return [Route(f"{prefix}/stream", stream), WebSocketRoute(f"{prefix}/socket", talk)]


def _channels(names: Sequence[str]) -> list[str]:
    try:
        return [str(EventName(name)) for name in names]
    except InvalidNameError:
        return []


async def server_sent(notices: "AsyncIterator[Notice]") -> AsyncIterator[bytes]:
    """Notices as lines of ``text/event-stream``, with a comment now and then.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    upcoming = asyncio.ensure_future(anext(notices))
    try:
        yield b": ready\n\n"
        while True:
            done, _ = await asyncio.wait([upcoming], timeout=KEEP_ALIVE_S)
            if not done:
                yield b": still here\n\n"
                continue
            try:
                notice = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = asyncio.ensure_future(anext(notices))
            yield b"event: %s\ndata: %s\n\n" % (
                notice.channel.encode(), orjson.dumps(notice.payload),
            )  # fmt: skip
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)


async def _until_either_ends(websocket: WebSocket, notices: "AsyncIterator[Notice]") -> None:
    async def send() -> None:
        async for notice in notices:
            message = {"channel": notice.channel, "payload": notice.payload}
            await websocket.send_text(orjson.dumps(message).decode())

    async def hear() -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await websocket.receive_text()

    sending, hearing = asyncio.ensure_future(send()), asyncio.ensure_future(hear())
    await asyncio.wait([sending, hearing], return_when=asyncio.FIRST_COMPLETED)
    for task in (sending, hearing):
        task.cancel()
    await asyncio.gather(sending, hearing, return_exceptions=True)
    if not hearing.done() or hearing.cancelled():
        with contextlib.suppress(RuntimeError):
            await websocket.close()
