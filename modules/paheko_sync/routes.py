"""What was posted and what waits, below /api/paheko_sync."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from recyclic.kit.refusal import RefusalError, documented

from .entry import SessionClosed, UnbalancedSessionError, UnknownMethodError
from .errors import PahekoError
from .ledger import Ledger, State
from .posting import Poster
from .refusal import SyncReason


class EntryAnswer(BaseModel):
    """One session: ``transaction_id`` is its entry's number in Paheko."""

    model_config = ConfigDict(from_attributes=True)

    session_id: str
    reference: str
    day: str
    state: State
    transaction_id: int | None
    detail: str


class EntryPage(BaseModel):
    """Some sessions, the latest first; ``next`` is the ``before`` of the following page."""

    items: list[EntryAnswer]
    next: str | None


class StatusAnswer(BaseModel):
    """How the synchronisation stands; ``entries`` counts sessions by state."""

    configured: bool
    entries: dict[State, int]


def sync_routes(ledger: Callable[[], Ledger], poster: Callable[[], Poster | None]) -> APIRouter:
    """Every route of the synchronisation; ``poster`` gives None while there is no Paheko."""
    routes = APIRouter(
        prefix="/api/paheko_sync", tags=["paheko_sync"], responses=documented(SyncReason)
    )

    @routes.get("/status")
    def status() -> StatusAnswer:
        """Whether there is a Paheko, and how many sessions stand where."""
        return StatusAnswer(configured=poster() is not None, entries=ledger().counts())

    @routes.get("/entries")
    def entries(
        state: State | None = None,
        before: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> EntryPage:
        """Every session that was closed, the latest first."""
        found = ledger().page(state, before, limit + 1)
        items = [EntryAnswer.model_validate(record) for record in found[:limit]]
        return EntryPage(items=items, next=items[-1].session_id if len(found) > limit else None)

    @routes.post("/entries/{session_id}/retry")
    async def retry(session_id: str) -> EntryAnswer:
        """Try one session again, now: after Paheko or a setting was put right."""
        record, posting = await asyncio.to_thread(ledger().find, session_id), poster()
        if record is None:
            raise RefusalError(SyncReason.NO_SUCH_SESSION, session_id=session_id)
        if posting is None:
            raise RefusalError(SyncReason.NO_PAHEKO)
        try:
            session = SessionClosed.model_validate_json(record.payload)
            return EntryAnswer.model_validate(await posting.settle(session))
        except (PahekoError, UnbalancedSessionError, UnknownMethodError) as error:
            raise RefusalError(
                SyncReason.NOT_POSTED, session_id=session_id, reason=str(error)
            ) from error

    return routes
