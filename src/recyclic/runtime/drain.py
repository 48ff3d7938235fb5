"""Letting clients finish when a worker ends."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE_LIMIT_S = 5
"""How long a kept-alive connection may be idle, and so the longest that a drain waits for one."""


SERVICE_RESTART = 1012
"""Why a WebSocket is closed. Source: IANA's WebSocket Close Code Number Registry."""


class Leaving:
    """An ASGI layer that knows when its worker is to end.

    From then on every answer tells its client to come back on a new connection; event streams
    and WebSockets, which would never end by themselves, are ended: a page opens them again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._streams: set[asyncio.Task[None]] = set()
        self.leaving = False

    def leave(self) -> None:
        """The worker is to end."""
        self.leaving = True
        for stream in self._streams:
            stream.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._talk(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self, send)
        try:
            await self._app(scope, receive, exchange.send)
        except asyncio.CancelledError:
            if not (self.leaving and exchange.stream in self._streams):
                raise
        finally:
            if exchange.stream is not None:
                self._streams.discard(exchange.stream)
        # One that the app left unfinished is cut off by the server: its page takes nothing.
        if self.leaving and exchange.stream is not None and not exchange.complete:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket, closed with "service restart" when its worker is to end."""
        talking = asyncio.current_task()
        assert talking is not None
        self._streams.add(talking)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self.leaving:
                raise
            with contextlib.suppress(RuntimeError):  # it was closed already
                await send({"type": "websocket.close", "code": SERVICE_RESTART})
        finally:
            self._streams.discard(talking)

    def keep(self, stream: asyncio.Task[None]) -> None:
        """Remember the task of an event stream, to end it when the time comes."""
        self._streams.add(stream)


class _Exchange:
    """One answer on its way out."""

    __slots__ = ("_layer", "_send", "complete", "stream")

    def __init__(self, layer: Leaving, send: Send) -> None:
        self._layer = layer
        self._send = send
        self.stream: asyncio.Task[None] | None = None
        self.complete = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_event_stream(message):
                self.stream = asyncio.current_task()
                assert self.stream is not None
                self._layer.keep(self.stream)
            if self._layer.leaving:
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "headers": headers}
        elif not message.get("more_body"):
            self.complete = True
        await self._send(message)


def _is_event_stream(start: Message) -> bool:
    return any(
        value.startswith(b"text/event-stream")
        for name, value in start.get("headers", ())
        if name.lower() == b"content-type"
    )


class WorkerServer(uvicorn.Server):
    """uvicorn, without signal handlers of its own and with a drain that drops no request."""

    def __init__(self, config: uvicorn.Config, layer: Leaving) -> None:
        super().__init__(config)
        self._layer = layer
        self._patient = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the worker's own affair."""
        yield

    def leave(self, *, patient: bool) -> None:
        """Accept nothing more and end.

        Args:
            patient: Wait for kept-alive connections, so that a request which is on its way on
                one of them is still answered. Otherwise idle connections are closed at once.
        """
        self._patient = patient
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, let go of the clients, wait for the requests that run."""
        self._layer.leave()
        if self._patient:
            for server in self.servers:
                server.close()
            await self._clients_gone(IDLE_LIMIT_S + (self.config.timeout_graceful_shutdown or 0))
        await super().shutdown(sockets)

    async def _clients_gone(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self.server_state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(0.05)
