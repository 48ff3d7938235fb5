"""The least that an emitter and a consumer can be: XADD, a blocked XREADGROUP, XACK.

No retries, no second attempt, no envelope, no metrics, no order, no reconnecting: what is lost is
lost. It shows how much of a figure is the way itself: the server, the sockets, the loop, the JSON.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import hiredis
import orjson

NOT_YET = object()


class Wire(asyncio.Protocol):
    """One connection; what is sent leaves at once, ``on_reply`` is called with each reply."""

    def __init__(self, on_reply: Callable[[Any], None]) -> None:
        self.reader = hiredis.Reader(notEnoughData=NOT_YET)
        self.on_reply = on_reply
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.reader.feed(data)
        while (reply := self.reader.gets()) is not NOT_YET:
            self.on_reply(reply)

    def send(self, *command: Any) -> None:
        self.transport.write(hiredis.pack_command(command))


class BareClient:
    """Emits, and consumes as some groups, on bare connections."""

    def __init__(self, url: str, stream: str, most: int) -> None:
        self._url = urlsplit(url)
        self._stream = stream
        self._most = most

    async def connect(self, on_reply: Callable[[Any], None]) -> Wire:
        loop = asyncio.get_running_loop()
        host, port = self._url.hostname or "localhost", self._url.port or 6379
        _, wire = await loop.create_connection(lambda: Wire(on_reply), host, port)
        return wire

    async def consume(self, group: str, handle: Callable[[Any], Awaitable[None]]) -> Wire:
        """Call ``handle`` with each payload; goes on until the wire is closed."""
        read = (
            "XREADGROUP", "GROUP", group, "c", "COUNT", self._most, "BLOCK", 0,
            "STREAMS", self._stream, ">",
        )  # fmt: skip

        def replied(reply: Any) -> None:
            if type(reply) is not list:
                return
            # The next batch is made ready while this one is handled.
            entries = reply[0][1]
            if len(entries) == self._most:
                wire.send(*read)
            for _, fields in entries:
                try:
                    handle(orjson.loads(fields[1])).__await__().__next__()
                except StopIteration:
                    continue
            wire.send("XACK", self._stream, group, *(one for one, _ in entries))
            if len(entries) < self._most:
                wire.send(*read)

        wire = await self.connect(replied)
        wire.send(*read)
        return wire

    async def emitter(self) -> Callable[[Any], Awaitable[Any]]:
        """What stores one payload and waits until it is."""
        loop = asyncio.get_running_loop()
        waiting: deque[asyncio.Future[Any]] = deque()
        wire = await self.connect(lambda reply: waiting.popleft().set_result(reply))

        def emit(payload: Any) -> Awaitable[Any]:
            waiting.append(loop.create_future())
            wire.send("XADD", self._stream, "*", "data", orjson.dumps(payload))
            return waiting[-1]

        return emit
