"""The blocking read of one group on one server."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from recyclic.events.store import Batch, Delivery
from recyclic.events.streams.acknowledging import Acknowledgements
from recyclic.events.streams.connection import Argument, Connection, ConnectionLostError, ReplyError
from recyclic.events.streams.reply import Reply
from recyclic.events.streams.router import Router

_log = logging.getLogger("recyclic.events")

BLOCK_MS = 5000
"""Then the server says "nothing new", by which the link knows that it is there."""


class Group(Protocol):
    """What a reader must know of the group it reads for."""

    module: str

    async def make_groups_again(self) -> None:
        """Make what someone destroyed."""
        ...

    def event_of(self, stream: bytes) -> str:
        """The event of a stream's key."""
        ...


def delivery_from(event: str, entry_id: bytes, flat: Any, now: float) -> Delivery:
    """One entry of a reply."""
    fields = None if flat is None else dict(zip(flat[::2], flat[1::2], strict=True))
    return Delivery(event, entry_id.decode(), fields, now)


class _Asked(NamedTuple):
    """A read under way, and how many entries of one stream it may bring."""

    reply: Reply
    share: int


class StreamReader:
    """Reads some streams of one group on a connection of its own."""

    def __init__(
        self,
        membership: Group,
        streams: Sequence[str],
        router: Router,
        consumer: str,
        acknowledgements: Acknowledgements,
    ) -> None:
        self._membership = membership
        self._streams = list(streams)
        self._router = router
        self._acknowledgements = acknowledgements
        self._link = router.reading_link(streams[0])
        self._start: list[Argument] = ["XREADGROUP", "GROUP", membership.module, consumer, "COUNT"]
        self._full: list[str] = []
        self._asked: _Asked | None = None
        self._seen_connection: Connection | None = None
        self._reading = False
        self._interrupted = False

    async def read(self, limit: int) -> list[Batch | Delivery]:
        self._reading = True
        try:
            while self._asked is not None or not self._interrupted:
                found = await self._once(limit)
                if found:
                    return found
            return []
        finally:
            self._reading = False

    def ask(self, limit: int) -> None:
        connection = self._link.connection
        known = connection is not None and connection is self._seen_connection
        if connection is not None and known and self._asked is None and not self._interrupted:
            self._asked = self._send(connection, limit)

    async def _once(self, limit: int) -> list[Batch | Delivery]:
        try:
            asked, self._asked = self._asked, None
            if asked is None:
                connection = self._link.connection or await self._link.up()
                if connection is not self._seen_connection:
                    mine = await self._read_again(connection) if self._seen_connection else []
                    self._seen_connection = connection
                    if mine:
                        return mine
                asked = self._send(connection, limit)
            reply = await asked.reply
            if isinstance(reply, ReplyError):
                raise reply
            return self._found(reply, asked.share)
        except ConnectionLostError:
            await asyncio.sleep(0)
        except ReplyError as error:
            await self._after_refusal(error)
        return []

    def _send(self, connection: Connection, limit: int) -> _Asked:
        """The streams that filled their share last time are read alone every other time: that
        way one busy event among fifty quiet ones still comes in large batches."""
        streams, self._full = self._full or self._streams, []
        share = max(1, limit // len(streams))
        command = [*self._start, share]
        if streams is self._streams:
            command += ("BLOCK", BLOCK_MS)
        command += ("STREAMS", *streams, *(">" for _ in streams))
        return _Asked(connection.ask(*command), share)

    def _found(self, reply: Any, share: int) -> list[Batch | Delivery]:
        if not reply:
            return []
        found: list[Batch | Delivery] = []
        full = []
        for stream, entries in reply:
            ids, stored = [one.decode() for one, _ in entries], [flat for _, flat in entries]
            found.append(Batch(self._membership.event_of(stream), ids, stored))
            if len(entries) >= share:
                full.append(stream.decode())
        if len(full) < len(self._streams):
            self._full = full
        return found

    async def _read_again(self, connection: Connection) -> list[Batch | Delivery]:
        self._acknowledgements.hold()
        try:
            return await self._own_pending(connection)
        finally:
            # Not before this task has given them to the hand, which it does without waiting.
            asyncio.get_running_loop().call_soon(self._acknowledgements.release)

    async def _own_pending(self, connection: Connection) -> list[Batch | Delivery]:
        """What was delivered to us and perhaps lost with the old connection."""
        found: list[Batch | Delivery] = []
        now = asyncio.get_running_loop().time()
        for stream in self._streams:
            after = "0"
            while True:
                reply = await connection.call(*self._start, 100, "STREAMS", stream, after)
                entries = reply[0][1] if reply else []
                if not entries:
                    break
                event = self._membership.event_of(stream.encode())
                found += [delivery_from(event, one, flat, now) for one, flat in entries]
                after = entries[-1][0].decode()
        return found

    async def _after_refusal(self, error: ReplyError) -> None:
        if error.kind in ("NOGROUP", "UNBLOCKED"):
            try:
                await self._membership.make_groups_again()
            except (ReplyError, ConnectionLostError) as further:
                _log.error("making the groups again: %s", further)
                await asyncio.sleep(0.5)
            return
        _log.warning("reading for %s: %s", self._membership.module, error)
        if error.kind in ("MOVED", "READONLY", "MASTERDOWN"):
            self._link.drop(str(error))
        await asyncio.sleep(0.2)

    async def interrupt(self) -> None:
        """Ask the server to answer at once; again and again, as the read may not be there yet."""
        self._interrupted = True
        while self._reading or (self._asked is not None and not self._asked.reply.done()):
            connection = self._link.connection
            if connection is None:
                await self._link.close()
                return
            try:
                await self._router.call(
                    self._streams[0], "CLIENT", "UNBLOCK", connection.id, timeout_s=1
                )
            except (ConnectionLostError, ReplyError):
                connection.close()
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Close the connection; after :meth:`interrupt`."""
        await self._link.close()
