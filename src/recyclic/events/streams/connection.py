"""One connection to a server: many commands under way at once, answered in order.

A command leaves at once while no other is under way; else those of one turn of the event loop
leave in one write. Each caller waits for its own reply only.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ (pipelining).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from recyclic.events.store import StoreError
from recyclic.events.streams.reply import Reply

Argument = str | int | float | bytes
_NOT_YET = object()
TOGETHER = 16
"""So many commands leave together. More are not waited for: the server works on these meanwhile."""


class ReplyError(StoreError):
    """The server's refusal of one command; its first word tells the kind (``NOGROUP``)."""

    @property
    def kind(self) -> str:
        """``NOGROUP``, ``MOVED``, ``OOM``, ``ERR``..."""
        return str(self).split(" ", 1)[0]


class ConnectionLostError(StoreError):
    """The connection ended before the reply: whether the command was done is not known."""


class Connection(asyncio.Protocol):
    """A connected server. Made by :func:`~recyclic.events.streams.dial.dial`; closed by its owner.

    Args:
        on_lost: Called once, when the connection has ended for whatever reason.
        on_push: Given all that comes, takes what is no reply and says whether it did; set for
            Pub/Sub connections.

    Attributes:
        has_room: Whether the socket takes more without keeping it in memory.
    """

    def __init__(
        self,
        on_lost: Callable[["Connection"], None] = lambda _: None,
        on_push: Callable[[Any], bool] | None = None,
    ) -> None:
        self.id = 0
        self.closed = False
        self.has_room = True
        self.received = 0
        self._clock_ahead_ms = 0.0
        self._on_lost = on_lost
        self._on_push = on_push
        self._reader = hiredis.Reader(replyError=ReplyError, notEnoughData=_NOT_YET)
        self._replies: deque[asyncio.Future[Any]] = deque()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._writable = asyncio.Event()
        self._writable.set()
        self._commits: dict[tuple[Argument, ...], asyncio.Future[Any]] = {}
        self.peer = ""

    # -- what callers use ------------------------------------------------------------------

    def send(self, *command: Argument) -> "asyncio.Future[Any]":
        """The future reply; a :class:`ReplyError` comes as the reply's value, never raised.

        A future that is cancelled still takes its reply off the wire, so the order holds.
        """
        return self.send_packed(hiredis.pack_command(command))  # type: ignore[arg-type]

    def send_packed(self, command: bytes) -> "asyncio.Future[Any]":
        """Like :meth:`send`, of a command in the form in which it is sent."""
        reply: asyncio.Future[Any] = self._loop.create_future()
        if self.closed:
            reply.set_exception(ConnectionLostError())
            return reply
        if self._replies:
            self._out.append(command)
            if len(self._out) == 1:
                self._loop.call_soon(self._flush)
            elif len(self._out) == TOGETHER:
                self._flush()
        elif self._transport is not None:
            self._transport.write(command)
        self._replies.append(reply)
        return reply

    def ask(self, *command: Argument) -> Reply:
        """Like :meth:`send`, for who does nothing but wait for what comes: the command leaves at
        once, and the task that awaits the reply goes on in the moment it is here."""
        reply = Reply(self._loop)
        if self.closed:
            reply.set_exception(ConnectionLostError())
            return reply
        packed = hiredis.pack_command(command)  # type: ignore[arg-type]
        self._replies.append(reply)
        self._out.append(packed)
        self._flush()
        return reply

    async def call(self, *command: Argument) -> Any:
        """The reply.

        Raises:
            ReplyError: the server refused.
            ConnectionLostError: no reply will come.
        """
        reply = await self.send(*command)
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def commit(self, *command: Argument) -> "asyncio.Future[Any]":
        """The reply to ``command``, sent once behind everything else of this turn of the loop."""
        waiting = self._commits.get(command)
        if waiting is None:
            waiting = self._commits[command] = self._loop.create_future()
            self._loop.call_soon(self._send_commit, command)
        return waiting

    def _send_commit(self, command: tuple[Argument, ...]) -> None:
        waiting = self._commits.pop(command)
        self.send(*command).add_done_callback(lambda reply: _copy(reply, waiting))
        self._flush()

    def set_clock(self, server_ms: float) -> None:
        """Remember what the server's clock shows now."""
        self._clock_ahead_ms = server_ms - self._loop.time() * 1000

    def server_ms(self) -> int:
        """The server's time now, in ms since 1970, as far as its clock runs like ours."""
        return int(self._loop.time() * 1000 + self._clock_ahead_ms)

    @property
    def outstanding(self) -> int:
        """How many replies are still to come."""
        return len(self._replies)

    async def room(self) -> None:
        """Wait until there is room, so that memory does not grow instead."""
        await self._writable.wait()

    def close(self) -> None:
        """End the connection; outstanding replies fail with :class:`ConnectionLostError`."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    # -- what the event loop calls ---------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an isinstance check: uvloop's transports are no asyncio.Transport.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        reader, replies = self._reader, self._replies
        try:
            reader.feed(data)
            self.received += 1
            while (reply := reader.gets()) is not _NOT_YET:
                if self._on_push is not None and self._on_push(reply):
                    continue
                waiting = replies.popleft()
                if not waiting.done():
                    waiting.set_result(reply)
        except (hiredis.ProtocolError, IndexError):
            # Not the protocol we speak: nothing that follows could be attributed.
            self.close()

    def pause_writing(self) -> None:
        self.has_room = False
        self._writable.clear()

    def resume_writing(self) -> None:
        self.has_room = True
        self._writable.set()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._end()

    # -- inside ----------------------------------------------------------------------------

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self.closed:
            out, self._out = self._out, []
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))

    def _end(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.resume_writing()
        self._out.clear()
        while self._replies:
            waiting = self._replies.popleft()
            if not waiting.done():
                waiting.set_exception(ConnectionLostError())
                # A caller that went away never looks; that is no warning's business.
                waiting.exception()
        self._on_lost(self)


def _copy(source: "asyncio.Future[Any]", target: "asyncio.Future[Any]") -> None:
    if target.done():
        return
    error = source.exception()
    if error is None:
        target.set_result(source.result())
    else:
        target.set_exception(error)
        target.exception()
