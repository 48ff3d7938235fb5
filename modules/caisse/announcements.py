"""The till's events, kept in its own file until the bus has them.

A row is written in the transaction of what it tells, so neither can exist without the other. One
relay at a time sends the rows in order and deletes each after ``emit`` has returned: a crash in
between repeats an event, it never loses one.
"""

import asyncio
import contextlib
import fcntl
import json
import logging
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recyclic.events.bus import EventBus

from .database import Database
from .tables import PendingEvent

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""How long to wait after the bus refused, or another worker was relaying."""


def announce(rows: Session, name: str, key: str, payload: dict[str, Any]) -> None:
    """Have ``name`` emitted if, and only if, the transaction of ``rows`` commits."""
    rows.add(PendingEvent(name=name, key=key, payload=json.dumps(payload)))


class Relay:
    """Sends what was announced, until it is stopped."""

    def __init__(self, database: Database, bus: EventBus, lock: Path) -> None:
        self._database = database
        self._bus = bus
        self._lock = lock
        self._wanted = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run(), name="caisse-relay")

    def wake(self) -> None:
        """Look for announcements now; callable from any thread."""
        self._loop.call_soon_threadsafe(self._wanted.set)

    async def stop(self) -> None:
        """Stop; what was not sent is sent by another worker, or after the next start."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            await self._send_all()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), RETRY_S)

    async def _send_all(self) -> None:
        with self._lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            try:
                while await self._send_first():
                    pass
            except Exception as error:  # noqa: BLE001 - the row stays and is sent again
                log.warning("events wait for the bus: %r", error)

    async def _send_first(self) -> bool:
        row = await asyncio.to_thread(self._first)
        if row is None:
            return False
        await self._bus.emit(row.name, key=row.key, **json.loads(row.payload))
        await asyncio.to_thread(self._forget, row.id)
        return True

    def _first(self) -> PendingEvent | None:
        with self._database.reading() as rows:
            return rows.scalar(select(PendingEvent).order_by(PendingEvent.id).limit(1))

    def _forget(self, number: int) -> None:
        with self._database.writing() as rows:
            sent = rows.get(PendingEvent, number)
            if sent is not None:
                rows.delete(sent)
