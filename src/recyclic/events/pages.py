"""Ephemeral notices for browsers: server-sent events, and a WebSocket.

Mount with ``app.router.routes.extend(page_routes(bus))``.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from recyclic.events.errors import BusUnavailableError
from recyclic.events.site_bus import SiteBus
from recyclic.model.names import EventName, InvalidNameError

if TYPE_CHECKING:
    from recyclic.events.ephemeral import Notice

_log = logging.getLogger("recyclic.events")
KEEP_ALIVE_S = 15.0
"""Proxies end a stream that says nothing for longer than half a minute or so."""

SEND_WITHIN_S = 10.0
"""How long a page may leave a notice lying at its door. Then it is dropped, as one that is too far
behind is; the bus waits for neither."""

MOST_CHANNELS = 20
"""For one page: each of them is a subscription at the server."""

_POLICY, _MISTAKE, _NOT_NOW = 1008, 1011, 1013
"""Why a WebSocket is closed. Source: RFC 6455, section 7.4.1, and IANA's registry."""

_ENDS = (BusUnavailableError, TimeoutError, WebSocketDisconnect, RuntimeError)
"""What ends a page without being a mistake of ours; the last one is how a socket that was closed
meanwhile says so."""


def page_routes(bus: SiteBus, prefix: str = "/events") -> list[BaseRoute]:
    """``GET {prefix}/stream?channel=a&channel=b`` and the WebSocket ``{prefix}/socket``."""

    async def stream(request: Request) -> Response:
        channels = _channels(request.query_params.getlist("channel"))
        if not channels:
            return PlainTextResponse("channel is missing, no name, or one too many", 400)
        if not bus.health().connected:
            return PlainTextResponse("the event server is away", 503, {"Retry-After": "5"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        lines = server_sent(bus.listen(*channels, latest=True))
        return PageStream(lines, media_type="text/event-stream", headers=headers)

    async def talk(websocket: WebSocket) -> None:
        channels = _channels(websocket.query_params.getlist("channel"))
        if not channels or not from_own_page(websocket.headers):
            await websocket.close(code=_POLICY)
            return
        await websocket.accept()
        await _until_either_ends(websocket, bus.listen(*channels, latest=True))

    return [Route(f"{prefix}/stream", stream), WebSocketRoute(f"{prefix}/socket", talk)]


def from_own_page(headers: Headers) -> bool:
    """Whether a WebSocket is opened by a page of this site, or by a program, which names no page.

    Any page on the web can open one to any address a visitor reaches; browsers leave it to the
    server to refuse. Source: RFC 6455, section 10.2.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    ours = {headers.get("host", ""), headers.get("x-forwarded-host", "")} - {""}
    return urlsplit(origin).netloc in ours


def _channels(names: Sequence[str]) -> list[str]:
    try:
        found = list(dict.fromkeys(str(EventName(name)) for name in names))
    except InvalidNameError:
        return []
    return found if len(found) <= MOST_CHANNELS else []


class PageStream(StreamingResponse):
    """A stream that ends when its page does not take what it is given."""

    async def stream_response(self, send: Send) -> None:
        """See there; every piece within SEND_WITHIN_S."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(send_in_time)


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
            except (StopAsyncIteration, BusUnavailableError):
                return
            upcoming = asyncio.ensure_future(anext(notices))
            yield b"event: %s\ndata: %s\n\n" % (
                notice.channel.encode(), orjson.dumps(notice.payload),
            )  # fmt: skip
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)


async def _until_either_ends(websocket: WebSocket, notices: "AsyncIterator[Notice]") -> None:
    sending = asyncio.ensure_future(_send_all(websocket, notices))
    hearing = asyncio.ensure_future(_hear_nothing(websocket))
    try:
        await asyncio.wait([sending, hearing], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, hearing):
            task.cancel()
        ended, _ = await asyncio.gather(sending, hearing, return_exceptions=True)
    code = _NOT_NOW if isinstance(ended, BusUnavailableError) else _POLICY
    if isinstance(ended, Exception) and not isinstance(ended, _ENDS):
        _log.error("telling a page failed", exc_info=ended)
        code = _MISTAKE
    if websocket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(SEND_WITHIN_S):
                await websocket.close(code)


async def _send_all(websocket: WebSocket, notices: "AsyncIterator[Notice]") -> None:
    """Every notice as ``{"channel": ..., "payload": ...}``, each taken in time or none any more.

    Raises:
        BusUnavailableError, TimeoutError
    """
    async with contextlib.aclosing(notices) as coming:  # type: ignore[type-var]
        async for notice in coming:
            message = {"channel": notice.channel, "payload": notice.payload}
            async with asyncio.timeout(SEND_WITHIN_S):
                await websocket.send_text(orjson.dumps(message).decode())


async def _hear_nothing(websocket: WebSocket) -> None:
    """Return when the page leaves. What it says is not for us."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await websocket.receive()
            if websocket.client_state is WebSocketState.DISCONNECTED:
                return
