"""A network between a client and a server that fails in the ways networks fail: connections are
cut, or stay open and carry nothing, for as long as a test says; some never come back."""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto


class Weather(Enum):
    """What the network does just now."""

    FAIR = auto()
    SILENT = auto()
    """Connections stand, new ones too, and not a byte gets through: a cable is out."""
    CUT = auto()
    """Connections are reset, new ones at once: a firewall was changed."""


@dataclass(eq=False)
class _Wire:
    """One connection through it. ``dead``: carries nothing ever again, reset or not."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    dead: bool = False


@dataclass
class BrokenNetwork:
    """Forwards to ``port`` of loopback."""

    port: int
    weather: Weather = Weather.FAIR
    _wires: set[_Wire] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _there: asyncio.Event = field(default_factory=asyncio.Event)
    _back: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> int:
        """The port to connect to."""
        self._there.set()
        self._back.set()
        self._listener = await asyncio.start_server(self._client, "127.0.0.1", 0)
        return int(self._listener.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Reset every connection, and each that is tried."""
        self.weather = Weather.CUT
        for wire in self._wires:
            _reset(wire)

    def silence(self) -> None:
        """Carry nothing from now on."""
        self.weather = Weather.SILENT
        self._there.clear()
        self._back.clear()

    def deafen(self) -> None:
        """Carry what is asked, and no answer."""
        self._back.clear()

    def heal(self, *, forget: bool = False) -> None:
        """Carry everything again, what was on its way included.

        Args:
            forget: Not on connections of before, which stay silent: a router was restarted.
        """
        for wire in self._wires:
            wire.dead = wire.dead or forget
        self.weather = Weather.FAIR
        self._there.set()
        self._back.set()

    async def stop(self) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in self._wires:
            _reset(wire)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.port)
        wire = _Wire((writer, to_server))
        self._wires.add(wire)
        if self.weather is Weather.CUT:
            _reset(wire)
            return
        self._keep(self._pump(reader, to_server, wire, self._there))
        self._keep(self._pump(from_server, writer, wire, self._back))

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wire: _Wire,
        fair: asyncio.Event,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await fair.wait()
                if wire.dead:
                    return
                writer.write(data)
        if not wire.dead:
            await fair.wait()
            writer.close()


def _reset(wire: _Wire) -> None:
    wire.dead = True
    for writer in wire.writers:
        sock = writer.get_extra_info("socket")
        # What uvloop closed has no number any more, which it calls a mistake of the caller's.
        if sock is not None and sock.fileno() >= 0:
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
