"""Listening to ephemeral notices: one connection for all channels, which comes back when it was
lost, and tells what was said last meanwhile.

In a cluster a notice stays on the node of its channel's slot: there it is one connection a slot.
Source: https://redis.io/docs/latest/develop/pubsub/ (Sharded Pub/Sub).
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from recyclic.events.errors import BusUnavailableError
from recyclic.events.streams.connection import Connection, ConnectionLostError, ReplyError
from recyclic.events.streams.dial import Listen
from recyclic.events.streams.router import Router

ENTER_WITHIN_S = 5.0
"""How long a page waits for a server that is away."""

ASK_AGAIN_S = 0.2

OnMessage = Callable[[bytes], None]
Latest = Callable[[], Awaitable[bytes | None]]
_MESSAGES = (b"message", b"smessage")


class Listening:
    """What this process listens to: each channel at most once."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._ears: dict[int | None, Ear] = {}

    async def listen(
        self, key: str, slot: int | None, on_message: OnMessage, latest: Latest
    ) -> Callable[[], Awaitable[None]]:
        """Call ``on_message`` with each notice on ``key``, and after an interruption with the last
        one, unless that was heard before; returns what ends it.

        Args:
            slot: Of ``key``, in a cluster.
            latest: Finds the last notice. May raise ConnectionLostError and ReplyError.

        Raises:
            BusUnavailableError
        """
        ear = self._ears.get(slot)
        if ear is None:
            ear = self._ears[slot] = Ear(self._router, key, sharded=slot is not None)
        try:
            await ear.enter(key, _Channel(on_message, latest))
        except (ConnectionLostError, ReplyError) as error:
            await self._leave(ear, slot, key)
            raise BusUnavailableError(address=ear.label, reason=str(error)) from error
        except asyncio.CancelledError:
            await self._leave(ear, slot, key)
            raise
        return partial(self._leave, ear, slot, key)

    async def _leave(self, ear: "Ear", slot: int | None, key: str) -> None:
        ear.forget(key)
        if not ear.channels and self._ears.get(slot) is ear:
            del self._ears[slot]
            await ear.close()

    async def close(self) -> None:
        """Listen to nothing any more."""
        ears, self._ears = list(self._ears.values()), {}
        for ear in ears:
            await ear.close()


class _Channel:
    """One channel: who is told, and what was said last."""

    def __init__(self, on_message: OnMessage, latest: Latest) -> None:
        self._on_message = on_message
        self._latest = latest
        self._last: bytes | None = None
        self._heard = 0

    def hear(self, data: bytes) -> None:
        """A notice."""
        self._last = data
        self._heard += 1
        self._on_message(data)

    async def begin(self) -> None:
        """Know the last word of before: after an interruption it is no news."""
        heard, last = self._heard, await self._latest()
        if self._heard == heard:
            self._last = last

    async def catch_up(self) -> None:
        """Hear what was said last while nobody could listen."""
        heard, last = self._heard, await self._latest()
        # What came meanwhile is not older.
        if last is not None and last != self._last and self._heard == heard:
            self.hear(last)


class Ear:
    """One connection that listens to some channels, dialled again whenever it ends."""

    def __init__(self, router: Router, key: str, *, sharded: bool) -> None:
        self.channels: dict[str, _Channel] = {}
        self._enter = "SSUBSCRIBE" if sharded else "SUBSCRIBE"
        self._leave = "SUNSUBSCRIBE" if sharded else "UNSUBSCRIBE"
        self._link = router.reading_link(key, Listen(self._prepare, self._take))
        self._catching_up: asyncio.Task[None] | None = None
        self._stood = False

    @property
    def label(self) -> str:
        """The server's address."""
        return self._link.label

    async def enter(self, key: str, channel: _Channel) -> None:
        """Listen to one more. Raises: ConnectionLostError, ReplyError."""
        self.channels[key] = channel
        connection = await self._link.up(ENTER_WITHIN_S)
        # Dialling may have begun before this channel was known; entering twice does no harm.
        await connection.call(self._enter, key)
        await channel.begin()

    def forget(self, key: str) -> None:
        """Listen to it no more. It waits for nothing: who leaves may be cancelled."""
        if self.channels.pop(key, None) is not None and self._link.connection is not None:
            self._link.connection.send(self._leave, key)

    async def close(self) -> None:
        """End the connection."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.gather(self._catching_up, return_exceptions=True)
        await self._link.close()

    # -- what the connection calls ---------------------------------------------------------

    async def _prepare(self, connection: Connection) -> None:
        """A new connection: listen to all of them on it.

        Raises: ConnectionLostError, ReplyError: not to a single one.
        """
        keys = list(self.channels)
        replies = await asyncio.gather(*(connection.send(self._enter, key) for key in keys))
        refused = [one for one in replies if isinstance(one, ReplyError)]
        if keys and len(refused) == len(keys):
            raise refused[0]
        for key in keys:
            if key not in self.channels:
                connection.send(self._leave, key)
        if self._stood:
            if self._catching_up is not None:
                self._catching_up.cancel()
            self._catching_up = asyncio.create_task(self._catch_up())
        self._stood = True

    async def _catch_up(self) -> None:
        for channel in list(self.channels.values()):
            while True:
                try:
                    await channel.catch_up()
                except ConnectionLostError:
                    # The other connection, which is asked, may need longer to come back.
                    await asyncio.sleep(ASK_AGAIN_S)
                except ReplyError:
                    break
                else:
                    break

    def _take(self, reply: Any) -> bool:
        """Whether this is a notice, which is passed on, and no reply.

        A slot that moves to another node ends its channels unasked, by "sunsubscribe". Nobody
        waits for that: the connection ends, and the next one finds the new node.
        """
        if type(reply) is not list or reply[0] not in _MESSAGES:
            return False
        channel = self.channels.get(reply[1].decode())
        if channel is not None:
            channel.hear(reply[2])
        return True
