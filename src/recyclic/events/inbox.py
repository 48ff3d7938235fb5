"""The transactional inbox: "handled" and the handler's own writes are one commit.

With it, a handler's effect on its database happens exactly once, whatever is delivered twice.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, func, insert
from sqlalchemy.exc import IntegrityError

from recyclic.events.bus import HandlerFunction
from recyclic.events.event import Event

metadata = MetaData()

INBOX = Table(
    "recyclic_inbox",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("handler", String(200), primary_key=True),
    Column("replay", Integer, primary_key=True),
    Column("handled_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""One row per event and handler that is done; a replay is a handling of its own."""

Bind = Callable[[HandlerFunction], Callable[[Event], Awaitable[Any]]]


def through_inbox(
    handler: HandlerFunction, sessions: Any, label: str, bind: Bind
) -> Callable[[Event], Awaitable[Any]]:
    """A call of ``handler`` with a ``session`` that is committed after it, or not at all.

    Args:
        sessions: A ``sessionmaker`` or ``async_sessionmaker``.
        label: The handler's name in the table.
        bind: Makes a call from a handler, by its signature.
    """

    async def call(event: Event) -> Any:
        session = sessions()
        wait = _Waits(session)
        try:
            if not await _is_first(wait, event, label):
                return
            await bind(_with_session(handler, session))(event)
            await wait.commit()
        finally:
            # Closing rolls back whatever was not committed.
            await wait.close()

    return call


class _Waits:
    """A session, sync or async, spoken to in one way."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def execute(self, statement: Any) -> None:
        await _awaited(self._session.execute(statement))

    async def commit(self) -> None:
        await _awaited(self._session.commit())

    async def close(self) -> None:
        await _awaited(self._session.close())


async def _awaited(value: Any) -> None:
    if hasattr(value, "__await__"):
        await value


async def _is_first(wait: _Waits, event: Event, label: str) -> bool:
    """Whether the row was not there. It is written first: of two at once, one waits and fails."""
    row = {"event_id": event.id, "handler": label, "replay": event.replay}
    try:
        await wait.execute(insert(INBOX).values(**row))
    except IntegrityError:
        return False
    return True


def _with_session(handler: HandlerFunction, session: Any) -> HandlerFunction:
    """``handler`` with its ``session`` given; the rest of its signature stays visible."""
    from functools import partial

    return partial(handler, session=session)
