"""A network that delivers late: it can hold back what a client sent, and deliver it after the
client has given up and come back."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field


@dataclass
class HoldingProxy:
    """Forwards to ``port``. While ``holding``, bytes towards the server are kept."""

    port: int
    holding: bool = False
    held: list[tuple[asyncio.StreamWriter, bytes]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> int:
        """The port to connect to."""
        self.listener = await asyncio.start_server(self._client, "127.0.0.1", 0)
        return int(self.listener.sockets[0].getsockname()[1])

    async def release(self) -> None:
        """Deliver everything that was held, on the connections it came from."""
        held, self.held = self.held, []
        for upstream, data in held:
            upstream.write(data)

    async def stop(self) -> None:
        self.listener.close()
        for writer in self.writers:
            writer.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.port)
        self._keep(self._pump(from_server, writer, towards_server=False))
        self.writers += (writer, to_server)
        # The server's side stays open when the client goes: its bytes may still be under way.
        self._keep(self._pump(reader, to_server, towards_server=True))

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        self.tasks.add(asyncio.create_task(work))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, towards_server: bool
    ) -> None:
        held_here = False
        try:
            while data := await reader.read(65536):
                if towards_server and (self.holding or held_here):
                    held_here = True
                    self.held.append((writer, data))
                else:
                    writer.write(data)
        except OSError:
            pass
        if not towards_server:
            writer.close()
