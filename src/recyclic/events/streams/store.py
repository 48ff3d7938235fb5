"""Events on Redis Streams: storing, trimming, and telling whoever listens."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from recyclic.events.bus import Durability
from recyclic.events.codec import Message
from recyclic.events.errors import BusUnavailableError, EmitError, ForeignSiteError
from recyclic.events.settings import BusSettings
from recyclic.events.store import OnDone, Warned
from recyclic.events.streams.connection import (
    Argument,
    Connection,
    ConnectionLostError,
    ReplyError,
)
from recyclic.events.streams.dial import DialError
from recyclic.events.streams.keys import Keys
from recyclic.events.streams.listening import Listening
from recyclic.events.streams.membership import StreamMembership
from recyclic.events.streams.packed import packed_append
from recyclic.events.streams.round_trip import round_trips
from recyclic.events.streams.router import Router
from recyclic.events.streams.server_check import ServerFacts, read_facts
from recyclic.events.streams.server_watch import ServerWatch

COMMIT_TIMEOUT_MS = 5000
LATEST_KEPT_MS = 86_400_000
DOUBT_MARGIN_MS = 5000
"""How far two readings of the server's clock may be apart when a lost reply is looked up."""


class StreamStore:
    """The store on one server, a master with sentinels, or a cluster."""

    def __init__(
        self, router: Router, keys: Keys, site: str, consumer: str, settings: BusSettings
    ) -> None:
        self.router = router
        self.keys = keys
        self._site = site
        self._consumer = consumer
        self._settings = settings
        self.facts = ServerFacts()
        self._streams: dict[str, str] = {}
        self._made: set[tuple[str, str]] = set()
        self._listening = Listening(router)
        self._watch = ServerWatch(router, settings, self._take_facts)

    @property
    def connected(self) -> bool:
        return all(link.connected for link in self.router.masters())

    async def open(self) -> Sequence[Warned]:
        """Connect; returns what the server's settings make untrue of the promises.

        Raises:
            BusUnavailableError, BusSettingsError, ForeignSiteError
        """
        try:
            await self.router.open()
            await self._watch.begin()
            owner = await self._owner()
        except (DialError, ConnectionLostError, ReplyError) as error:
            await self.router.close()
            raise BusUnavailableError(address=self.router.label, reason=str(error)) from error
        try:
            if owner != self._site:
                raise ForeignSiteError(site=self._site, owner=owner, prefix=self.keys.prefix)
            return self._watch.judge()
        except BaseException:
            await self.router.close()
            raise

    def _take_facts(self, facts: ServerFacts) -> None:
        self.facts = facts

    @property
    def warnings(self) -> Sequence[Warned]:
        """What :meth:`open` returned; later, what holds of whichever servers answer now."""
        return self._watch.warnings

    async def open_to_look(self) -> None:
        """Connect without claiming the keys and without judging the server; for operators.

        Raises:
            BusUnavailableError
        """
        try:
            await self.router.open()
            self.facts = await read_facts(self.router.masters()[0])
        except (DialError, ConnectionLostError, ReplyError) as error:
            await self.router.close()
            raise BusUnavailableError(address=self.router.label, reason=str(error)) from error

    async def _owner(self) -> str:
        """The site these keys belong to: the first that came, for good."""
        key = self.keys.site
        await self.router.call(key, "SET", key, self._site, "NX")
        owner = await self.router.call(key, "GET", key)
        return owner.decode() if isinstance(owner, bytes) else self._site

    async def close(self) -> None:
        await self._watch.end()
        await self._listening.close()
        await self.router.close()

    def membership(self, module: str, on_done: OnDone) -> StreamMembership:
        membership = StreamMembership(
            module, self._consumer, self.router, self.keys, self._settings, on_done
        )
        membership.made = self._made
        return membership

    async def withdraw(self) -> None:
        """Undo the groups that this process made, as far as nobody has read for them."""
        for module, event in sorted(self._made):
            keys = [self.keys.stream(event), self.keys.modules(event)]
            await self.router.run("withdraw", keys, [module])
        self._made.clear()

    # -- storing ---------------------------------------------------------------------------

    async def append(self, message: Message, durability: Durability, *, once: bool = False) -> str:
        """The entry's id, once ``durability`` holds ("" when ``once`` and it was stored before).

        A connection that ends before the reply leaves a doubt. It is settled by making sure that
        the old connection can do no more, then looking whether the event is there; only then is it
        sent again. So there is never a second copy.

        Raises:
            EmitError: the server was away for too long, refused, or cannot keep ``durability``.
        """
        if durability is Durability.FSYNC and self.facts.never_synced:
            reason = f"durability fsync, and the server has appendfsync {self.facts.appendfsync}"
            raise EmitError(event=message.name, reason=reason)
        stream = self._streams.get(message.name)
        if stream is None:
            stream = self._streams[message.name] = self.keys.stream(message.name)
        connection = None
        try:
            connection = self.router.link(stream).connection
            if connection is None or once or message.key is not None:
                return await self._patiently(stream, message, durability, once)
            if not connection.has_room:
                await connection.room()
            reply = connection.send_packed(packed_append(stream, message))
            if durability is not Durability.MEMORY:
                await self._commit(connection, message.name, durability)
            entry_id = await reply
        except ConnectionLostError:
            return await self._in_doubt(connection, stream, message, durability, once)
        if type(entry_id) is bytes:
            return entry_id.decode()
        return await self._refused(entry_id, stream, message, durability, once)

    def _waits_for(self, durability: Durability) -> list[tuple[Argument, ...]]:
        """What the server must be asked beyond the command, and how it answers when that holds."""
        if durability is Durability.MEMORY:
            return []
        waits: list[tuple[Argument, ...]] = []
        if self.facts.waitaof and not self.facts.synced:
            waits.append(("WAITAOF", 1, 0, COMMIT_TIMEOUT_MS))
        if self._settings.replicas:
            waits.append(("WAIT", self._settings.replicas, COMMIT_TIMEOUT_MS))
        return waits

    async def _commit(self, connection: Connection, event: str, durability: Durability) -> None:
        """One wait for all emits of this turn of the loop.

        Raises:
            EmitError: the event is stored, but not as safely as was asked for.
        """
        for command in self._waits_for(durability):
            answer = await connection.commit(*command)
            reached = answer[0] if isinstance(answer, list) else answer
            needed = int(command[1])
            if isinstance(reached, ReplyError) or reached < needed:
                raise EmitError(event=event, reason=f"stored, but {command[0]!r} says {answer}")

    async def _refused(
        self, reply: Any, stream: str, message: Message, durability: Durability, once: bool
    ) -> str:
        """A refusal that means "not here, not now" is tried again; any other is the caller's."""
        if isinstance(reply, ReplyError) and reply.kind in _PASSING:
            if reply.kind in ("READONLY", "MASTERDOWN"):
                self.router.link(stream).drop(str(reply))
            await asyncio.sleep(0.05)
            return await self._patiently(stream, message, durability, once)
        raise EmitError(event=message.name, reason=str(reply))

    async def _patiently(
        self, stream: str, message: Message, durability: Durability, once: bool
    ) -> str:
        deadline = time.monotonic() + self._settings.emit_timeout_s
        while True:
            left = deadline - time.monotonic()
            try:
                connection = await self.router.connection(stream, max(left, 0.001))
            except ConnectionLostError as error:
                raise EmitError(event=message.name, reason=str(error)) from error
            try:
                return await self._append_by_call(
                    stream, message, durability, once, max(left, 0.001)
                )
            except ConnectionLostError as error:
                if left <= 0:
                    raise EmitError(event=message.name, reason=str(error)) from error
                found = await self._find(connection, stream, message, deadline)
                if found is not None:
                    return found
            except ReplyError as error:
                if left <= 0 or error.kind not in _PASSING:
                    raise EmitError(event=message.name, reason=str(error)) from error
                await asyncio.sleep(0.05)

    async def _append_by_call(
        self, stream: str, message: Message, durability: Durability, once: bool, timeout_s: float
    ) -> str:
        if not once and message.key is None:
            reply = await self.router.call(
                stream, "XADD", stream, "*", *message.fields(), timeout_s=timeout_s
            )
        else:
            once_ms = int(self._settings.once_s * 1000) if once else 0
            keys = [stream, self.keys.last(message.name), self.keys.sent(message.name, message.id)]
            arguments: list[Argument] = [message.key or "", once_ms, *message.fields()]
            reply = await self.router.run("emit", keys, arguments, timeout_s)
        if self._waits_for(durability):
            connection = await self.router.connection(stream, timeout_s)
            await self._commit(connection, message.name, durability)
        return str(reply.decode())

    async def _in_doubt(
        self,
        connection: Connection | None,
        stream: str,
        message: Message,
        durability: Durability,
        once: bool,
    ) -> str:
        deadline = time.monotonic() + self._settings.emit_timeout_s
        if connection is not None:
            found = await self._find(connection, stream, message, deadline)
            if found is not None:
                return found
        return await self._patiently(stream, message, durability, once)

    async def _find(
        self, connection: Connection, stream: str, message: Message, deadline: float
    ) -> str | None:
        """The entry of ``message`` when the lost ``connection`` had stored it, else None.

        Raises:
            EmitError: the server does not come back in time: it stays unknown.
        """
        since = max(0, connection.server_ms() - DOUBT_MARGIN_MS - self._patience_ms())
        while True:
            left = max(0.001, deadline - time.monotonic())
            try:
                await self._silence(connection, stream, left)
                return await self._look(stream, message.id, since, left)
            except ConnectionLostError as error:
                if time.monotonic() >= deadline:
                    raise EmitError(
                        event=message.name, reason=f"not known to be stored: {error}"
                    ) from error
            except ReplyError as error:
                if time.monotonic() >= deadline:
                    raise EmitError(event=message.name, reason=str(error)) from error
                await asyncio.sleep(0.05)

    def _patience_ms(self) -> int:
        return int(self._settings.emit_timeout_s * 1000)

    async def _silence(self, old: Connection, stream: str, timeout_s: float) -> None:
        """A server that was only slow may still have our command unread: it must not do it now.

        By id and address: another server's client of the same number is not meant.
        """
        try:
            await self.router.call(
                stream, "CLIENT", "KILL", "ID", old.id, "ADDR", old.peer, timeout_s=timeout_s
            )
        except ReplyError as error:
            if error.kind not in ("ERR", "NOPERM"):
                raise

    async def _look(
        self, stream: str, event_id: str, since_ms: int, timeout_s: float
    ) -> str | None:
        wanted, end = event_id.encode(), "+"
        while True:
            page = await self.router.call(
                stream, "XREVRANGE", stream, end, since_ms, "COUNT", 500, timeout_s=timeout_s
            )
            for entry_id, flat in page:
                if wanted in flat:
                    return str(entry_id.decode())
            if len(page) < 500:
                return None
            end = f"({page[-1][0].decode()}"

    # -- the rest --------------------------------------------------------------------------

    async def trim(self, events: Sequence[str], retention_s: float) -> int:
        retention_ms = int(retention_s * 1000)
        removed = await asyncio.gather(
            *(
                self.router.run(
                    "trim", [self.keys.stream(event), self.keys.last(event)], [retention_ms]
                )
                for event in events
            )
        )
        return sum(int(one) for one in removed)

    async def there_and_back(self) -> int:
        """See :meth:`Store.there_and_back`."""
        timeout_s, durability = self._settings.emit_timeout_s, self._settings.durability

        async def append(stream: str) -> str:
            now_ms = time.time_ns() // 1_000_000
            message = Message("probe", os.urandom(16).hex(), "recyclic", now_ms, b"{}")
            return await self._append_by_call(stream, message, durability, False, timeout_s)

        return await round_trips(self.router, self.keys, append)

    async def publish(self, channel: str, data: bytes) -> int:
        key, latest = self.keys.channel(channel), self.keys.latest(channel)
        timeout_s = self._settings.emit_timeout_s
        keep: tuple[Argument, ...] = ("SET", latest, data, "PX", LATEST_KEPT_MS)
        try:
            await self.router.call(latest, *keep, timeout_s=timeout_s)
            return int(
                await self.router.call(key, self.facts.publish, key, data, timeout_s=timeout_s)
            )
        except (ConnectionLostError, ReplyError) as error:
            raise EmitError(event=channel, reason=str(error)) from error

    async def latest(self, channel: str) -> bytes | None:
        try:
            return await self._latest(channel)
        except (ConnectionLostError, ReplyError):
            return None

    async def _latest(self, channel: str) -> bytes | None:
        key = self.keys.latest(channel)
        found: bytes | None = await self.router.call(key, "GET", key, timeout_s=5)
        return found

    async def listen(
        self, channel: str, on_message: Callable[[bytes], None]
    ) -> Callable[[], Awaitable[None]]:
        key = self.keys.channel(channel)
        slot = None
        if self.facts.cluster:
            from recyclic.events.streams.cluster import slot_of

            slot = slot_of(key)
        return await self._listening.listen(key, slot, on_message, partial(self._latest, channel))


_PASSING = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY")
"""Refusals of a server that is starting, changing roles or changing places."""
