"""The transactional outbox: an event written in the same commit as the rows it tells of.

A crash between the commit and the publishing loses nothing, and a second publishing of the same
row is recognised by the server: nothing is invented.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.event import listen
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from recyclic.events.bus import Durability, EventBus, H
from recyclic.events.codec import Message
from recyclic.events.errors import EmitError
from recyclic.events.inbox import metadata

_log = logging.getLogger("recyclic.events")
T = TypeVar("T")
Compose = Callable[[str, str | None, Mapping[str, Any]], Message]
"""Event name, key and payload to what will be stored."""

OUTBOX = Table(
    "recyclic_outbox",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False, unique=True),
    Column("event", String(100), nullable=False),
    Column("origin", String(100), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("key", String(500)),
    Column("version", Integer, nullable=False),
    Column("trace", String(100)),
    Column("data", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Rows wait here from their commit until they are published."""

RELAY_BATCH = 200
RELAY_EVERY_S = 5.0
"""The relay runs right after each commit; this is for commits of processes that died."""
STOP_TIMEOUT_S = 5.0


def create_tables(engine: Engine) -> None:
    """Make the tables of outbox and inbox where they are missing."""
    metadata.create_all(engine)


class SessionBus:
    """A module's bus whose ``emit`` writes into one session; implements ``EventBus``."""

    def __init__(self, bus: EventBus, session: Any, compose: Compose, relay: "Relay") -> None:
        self._bus = bus
        self._session = session
        self._compose = compose
        self._relay = relay

    def on(self, event: str, handler: H, **options: Any) -> H:
        """See :meth:`EventBus.on`."""
        return self._bus.on(event, handler, **options)

    async def emit(
        self,
        event: str,
        /,
        *,
        key: str | None = None,
        durability: Durability | None = None,
        **payload: Any,
    ) -> str:
        """The event's id; it is published after the session's commit, and only then.

        Raises:
            EmitError: another durability than ``outbox`` was asked for.
            PayloadError: the payload cannot be published.
        """
        if durability not in (None, Durability.OUTBOX):
            raise EmitError(event=event, reason=f"within a session, not {durability}")
        message = self._compose(event, key, payload)
        row = {
            "event_id": message.id, "event": message.name, "origin": message.origin,
            "at_ms": message.at_ms, "key": message.key, "trace": message.trace,
            "version": message.version, "data": message.data,
        }  # fmt: skip
        done = self._session.execute(insert(OUTBOX).values(**row))
        if hasattr(done, "__await__"):
            await done
        self._relay.follow(self._session)
        return message.id

    async def emit_ephemeral(self, channel: str, /, **payload: Any) -> int:
        """See :meth:`EventBus.emit_ephemeral`: at once, whatever becomes of the session."""
        return await self._bus.emit_ephemeral(channel, **payload)

    def use_outbox(self, engine: Any) -> None:
        """See :meth:`EventBus.use_outbox`."""
        self._bus.use_outbox(engine)

    def within(self, session: Any) -> EventBus:
        """The same for another session."""
        return self._bus.within(session)


class Relay:
    """Publishes the rows of one database, in order, each of them until it is published.

    Args:
        engine: An ``Engine`` or ``AsyncEngine``.
        publish: Stores a message once; raises EmitError while it cannot.
    """

    def __init__(self, engine: Any, publish: Callable[[Message], Awaitable[Any]]) -> None:
        self._rows = _AsyncRows(engine) if hasattr(engine, "sync_engine") else _Rows(engine)
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="bus:relay")

    def follow(self, session: Any) -> None:
        """Relay right after each commit of ``session``."""
        plain = getattr(session, "sync_session", session)
        if not plain.info.get("recyclic_relay"):
            plain.info["recyclic_relay"] = True
            listen(plain, "after_commit", lambda _: self.wake())

    def wake(self) -> None:
        """Look for rows now. From any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def stop(self) -> None:
        """Publish what is there, if that can be done at once, and end."""
        self._stopping = True
        self._woken.set()
        await asyncio.wait([self._task], timeout=STOP_TIMEOUT_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                while await self._batch():
                    pass
            except (EmitError, SQLAlchemyError) as error:
                _log.warning("relaying the outbox, will try again: %s", error)
            if self._stopping:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(RELAY_EVERY_S):
                    await self._woken.wait()

    async def _batch(self) -> bool:
        """Publish up to RELAY_BATCH rows; whether there may be more."""
        waiting = await self._rows.oldest()
        sent: list[int] = []
        try:
            for number, message in waiting:
                await self._publish(message)
                sent.append(number)
        finally:
            if sent:
                await self._rows.remove(sent)
        return len(waiting) == RELAY_BATCH


_OLDEST = select(OUTBOX).order_by(OUTBOX.c.number).limit(RELAY_BATCH)


def _message(row: Any) -> tuple[int, Message]:
    return row.number, Message(
        row.event, row.event_id, row.origin, row.at_ms, row.data,
        key=row.key, version=row.version, trace=row.trace,
    )  # fmt: skip


class _Rows:
    """The table through a plain engine, in a thread: a locked database must not hold the loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # A database in memory exists in its own thread only.
        self._here = isinstance(engine.pool, SingletonThreadPool | StaticPool)

    async def oldest(self) -> Sequence[tuple[int, Message]]:
        return await self._in_thread(self._read)

    async def remove(self, numbers: Sequence[int]) -> None:
        await self._in_thread(lambda: self._delete(numbers))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return work() if self._here else await asyncio.to_thread(work)

    def _read(self) -> Sequence[tuple[int, Message]]:
        with self._engine.connect() as connection:
            return [_message(row) for row in connection.execute(_OLDEST)]

    def _delete(self, numbers: Sequence[int]) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(OUTBOX).where(OUTBOX.c.number.in_(numbers)))


class _AsyncRows:
    """The table through an ``AsyncEngine``."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    async def oldest(self) -> Sequence[tuple[int, Message]]:
        async with self._engine.connect() as connection:
            return [_message(row) for row in await connection.execute(_OLDEST)]

    async def remove(self, numbers: Sequence[int]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(OUTBOX).where(OUTBOX.c.number.in_(numbers)))


def engine_of(session: Any) -> Any:
    """The engine a session writes to."""
    if hasattr(session, "sync_session") and session.bind is not None:
        return session.bind
    bind = session.get_bind()
    return getattr(bind, "engine", bind)
