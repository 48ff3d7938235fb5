"""``/api/events/...``: what ``recyclic events`` does, over HTTP, for operators only.

The answers are those of the command line with ``--json``; errors are problem documents.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from recyclic.events.errors import BusUnavailableError, UnknownEntryError
from recyclic.events.flows import flows_of
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.store import StoreError
from recyclic.events.streams.documents import (
    audit_document,
    audit_lines,
    chosen_letters,
    event_document,
    first,
    groups_of,
    lag_document,
    latest_events,
    letter_document,
    pending_entries,
    shown_document,
)
from recyclic.events.streams.operations import Operations
from recyclic.events.streams.refusals import refusals_told
from recyclic.events.streams.stored import StoredEvent
from recyclic.model.names import EventName
from recyclic.runtime.boot import Boot
from recyclic.runtime.errors import NotOperableError
from recyclic.runtime.event_contracts import declared_by
from recyclic.runtime.event_requests import MOST_AT_ONCE, Gone, History, Letters, NewEvent
from recyclic.runtime.operators import Level, Operator, Operators

logger = logging.getLogger("recyclic.runtime")

LOOK_TIMEOUT_S = 10.0
CHANGE_TIMEOUT_S = 60.0
"""How long the server may take before the request is answered with 503."""

Event = Annotated[str | None, Query(description="Only this event.")]
Module = Annotated[str | None, Query(description="Only this module.")]
Line = Annotated[str | None, Query(description="Only the line with this id, whole.")]
Limit = Annotated[int, Query(ge=1, le=10 * MOST_AT_ONCE, description="At most so many.")]
_BEARER = HTTPBearer(auto_error=False, description="A token of [events.operators].")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {}}}
    for status, text in (
        (401, "No token, or nobody's"),
        (403, "The operator may not, or there are no operators"),
        (404, "No such event, dead letter or group"),
        (422, "The request makes no sense"),
        (503, "The event server does not answer"),
    )
}


def event_router(site: str, boot: Boot, operators: Operators) -> APIRouter:
    """All routes below ``/api/events``."""
    desk = Desk(site, boot)
    router = APIRouter(prefix="/api/events", responses=_PROBLEMS)
    _looking(router, desk, _allowing(operators, Level.READ))
    _adding(router, desk, _allowing(operators, Level.WRITE))
    _removing(router, desk, _allowing(operators, Level.ADMIN))
    return router


def _allowing(operators: Operators, needed: Level) -> Any:
    """A dependency: the operator who asks, at that level or above."""

    def allowed(credentials: Credentials) -> Operator:
        told = None if credentials is None else f"{credentials.scheme} {credentials.credentials}"
        return operators.require(told, needed)

    return Depends(allowed)


class Desk:
    """Where operators are let to the server that the site's bus is connected to."""

    def __init__(self, site: str, boot: Boot) -> None:
        self._site = site
        self.boot = boot

    @asynccontextmanager
    async def at_server(
        self, who: Operator, timeout_s: float = LOOK_TIMEOUT_S
    ) -> AsyncIterator[Operations]:
        """The operations, in the operator's name.

        Raises:
            NotOperableError: the bus is in memory. BusUnavailableError: the server is away.
            ServerRefusedError: it refuses.
        """
        bus = self.boot.bus
        if not isinstance(bus, RedisStreamsBus):
            raise NotOperableError(site=self._site)
        if self.boot.bus_error is not None:
            raise self.boot.bus_error
        address = bus.health().address
        try:
            with refusals_told(address):
                async with asyncio.timeout(timeout_s):
                    yield Operations(bus.streams, who=who.signature)
        except TimeoutError as error:
            reason = f"no answer within {timeout_s:g} s"
            raise BusUnavailableError(address=address, reason=reason) from error


def _looking(router: APIRouter, desk: Desk, allowed: Any) -> None:
    """The routes that read."""

    @router.get("/groups", summary="Which module listens to which event, and how it stands")
    async def groups(event: Event = None, module: Module = None, who: Operator = allowed) -> Any:
        async with desk.at_server(who) as server:
            found = await groups_of(server.look, _name(event), module)
        return _answer(groups=[asdict(one) for one in found])

    @router.get("/lag", summary="How far modules are behind")
    async def lag(event: Event = None, module: Module = None, who: Operator = allowed) -> Any:
        async with desk.at_server(who) as server:
            found = await groups_of(server.look, _name(event), module)
        return _answer(groups=[lag_document(one) for one in found])

    @router.get("/pending", summary="What was taken and is not finished")
    async def pending(
        event: Event = None,
        module: Module = None,
        limit: Limit = MOST_AT_ONCE,
        who: Operator = allowed,
    ) -> Any:
        async with desk.at_server(who) as server:
            found = await first(pending_entries(server.look, _name(event), module), limit)
        return _answer(pending=[asdict(one) for one in found])

    @router.get("/dead", summary="What was given up, and why")
    async def dead(
        event: Event = None,
        module: Module = None,
        limit: Limit = MOST_AT_ONCE,
        who: Operator = allowed,
    ) -> Any:
        async with desk.at_server(who) as server:
            found = await first(server.dead(_name(event), module), limit)
        return _answer(dead=[letter_document(one) for one in found])

    @router.get("/tail", summary="The last events")
    async def tail(event: Event = None, count: Limit = 10, who: Operator = allowed) -> Any:
        async with desk.at_server(who) as server:
            found = await latest_events(server.look, _name(event), count)
        return _answer(events=[event_document(one) for one in found])

    @router.get("/show/{id}", summary="One event, and where it stands with each module")
    async def show(id: str, event: Event = None, who: Operator = allowed) -> Any:
        async with desk.at_server(who) as server:
            return _answer(**await shown_document(server, id, _name(event)))

    @router.get("/audit", summary="What operators changed")
    async def audit(id: Line = None, limit: Limit = MOST_AT_ONCE, who: Operator = allowed) -> Any:
        async with desk.at_server(who) as server:
            found = await first(audit_lines(server.look, id), limit)
        return _answer(audit=[audit_document(one) for one in found])

    @router.get("/catalog", summary="Who emits and who consumes what")
    async def catalog(_who: Operator = allowed) -> Any:
        flows = flows_of(await asyncio.to_thread(declared_by, desk.boot.modules))
        return _answer(events=[one.document() for one in flows])


def _adding(router: APIRouter, desk: Desk, allowed: Any) -> None:
    """The routes that make something happen, and take nothing away."""

    @router.post("/emit", summary="Publish an event")
    async def emit(new: NewEvent, who: Operator = allowed) -> Any:
        async with desk.at_server(who, CHANGE_TIMEOUT_S) as server:
            event_id = await desk.boot.bus.emit("operator", new.event, new.key, None, new.payload)
            try:
                await server.note_emit(new.event, event_id)
            except StoreError as error:
                # It is emitted: an error now would have it emitted twice.
                logger.error("no audit line: %s", error, extra={"event_id": event_id})
        return _answer(id=event_id)

    @router.post("/requeue", summary="Try dead letters again")
    async def requeue(letters: Letters, who: Operator = allowed) -> Any:
        async with desk.at_server(who, CHANGE_TIMEOUT_S) as server:
            return _answer(requeued=await _each(server, letters, server.requeue))

    @router.post("/replay", summary="Have one module handle history again")
    async def replay(history: History, who: Operator = allowed) -> Any:
        start, dry_run = history.start_ms(), history.dry_run
        async with desk.at_server(who, CHANGE_TIMEOUT_S) as server:
            last = history.last_ms(await server.look.now_ms())
            event = str(EventName(history.event))
            done = await server.replay(event, history.module, start, last, dry_run=dry_run)
        return _answer(dry_run=dry_run, **asdict(done))


def _removing(router: APIRouter, desk: Desk, allowed: Any) -> None:
    """The routes after which something is gone."""

    @router.post("/discard", summary="Remove dead letters for good")
    async def discard(letters: Letters, who: Operator = allowed) -> Any:
        async with desk.at_server(who, CHANGE_TIMEOUT_S) as server:
            return _answer(discarded=await _each(server, letters, server.discard))

    @router.post("/forget", summary="Stop keeping events for a module that is gone")
    async def forget(gone: Gone, who: Operator = allowed) -> Any:
        async with desk.at_server(who, CHANGE_TIMEOUT_S) as server:
            removed = await server.forget(gone.module, _name(gone.event))
        return _answer(module=gone.module, removed=removed)


async def _each(
    server: Operations, letters: Letters, change: Callable[[StoredEvent], Any]
) -> list[dict[str, Any]]:
    """Do ``change`` to each of them; those that it was done to. Of all, one that somebody else
    was faster with is passed over.

    Raises:
        UnknownEntryError, AmbiguousEntryError: a named one is not there, or not the only one.
    """
    letters.check()
    chosen = await chosen_letters(
        server, letters.ids, _name(letters.event), letters.module, MOST_AT_ONCE
    )
    changed: list[dict[str, Any]] = []
    for letter in chosen:
        try:
            await change(letter)
        except UnknownEntryError:
            if letters.ids:
                raise
            continue
        changed.append(letter_document(letter))
    return changed


def _name(event: str | None) -> str | None:
    """Checked, so that it cannot be another key. Raises: InvalidNameError."""
    return None if event is None else str(EventName(event))


def _answer(**content: Any) -> dict[str, Any]:
    return {"format": 1, **content}
