"""Looking at the bus from outside: groups, lag, what is pending, dead letters, single events."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from recyclic.events.errors import (
    AmbiguousEntryError,
    UnknownAuditLineError,
    UnknownEntryError,
)
from recyclic.events.streams.connection import Argument, ReplyError
from recyclic.events.streams.keys import WAITING, Keys
from recyclic.events.streams.store import StreamStore
from recyclic.events.streams.stored import (
    PAGE,
    Part,
    StoredEvent,
    count_after,
    excerpts,
    near_in_time,
    whole,
)

LAG_COUNT_LIMIT = 100_000
"""Where the server does not know a lag it is counted, up to here."""


@dataclass(frozen=True, slots=True)
class GroupState:
    """One module on one event.

    Attributes:
        lag: Events not yet delivered to it.
        lag_s: Age of the oldest of them, in seconds; 0 without any.
        pending: Delivered and not finished: running, or waiting for a retry.
        waiting: Of these, waiting for a retry.
        oldest_pending_s: Age of the oldest pending event, in seconds; 0 without any.
        workers: Processes that read for it now.
        dead: Its dead letters.
        handlers: What it registered: name, idempotent, max_attempts.
    """

    event: str
    module: str
    lag: int
    lag_s: float
    pending: int
    waiting: int
    oldest_pending_s: float
    workers: int
    dead: int
    handlers: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An event a module has taken and not finished.

    Attributes:
        worker: Who has it; ``waiting`` when nobody runs it now.
        idle_s: Since its worker was last heard of.
        due_in_s: Until the next attempt, None while it runs.
        attempts: By handler, with what came of the last one.
    """

    event: str
    module: str
    entry: str
    worker: str
    idle_s: float
    deliveries: int
    due_in_s: float | None = None
    attempts: Mapping[str, Any] = field(default_factory=dict)


class Inspector:
    """Reads only. Every method asks the server anew."""

    def __init__(self, streams: StreamStore) -> None:
        self._router = streams.router
        self._keys: Keys = streams.keys

    async def now_ms(self) -> int:
        """The server's time."""
        seconds, micros = await self._router.masters()[0].call("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    async def events(self) -> list[str]:
        """Every event that was ever emitted or listened to, sorted."""
        names = set()
        for link in self._router.masters():
            cursor: Argument = "0"
            while True:
                cursor, page = await link.call(
                    "SCAN", cursor, "MATCH", _literal(self._keys.prefix) + "*",
                    "COUNT", 500, "TYPE", "stream",
                )  # fmt: skip
                names |= {self._keys.event_of(key.decode("utf-8", "replace")) for key in page}
                if cursor == b"0":
                    break
        return sorted(name for name in names if name)

    # -- groups ----------------------------------------------------------------------------

    async def groups(
        self, events: Sequence[str] | None = None, module: str | None = None
    ) -> list[GroupState]:
        """Every module on every event (of ``events``), sorted by event and module."""
        now = await self.now_ms()
        states = []
        for event in await self.events() if events is None else events:
            deaths = await self._deaths_by_module(event)
            for group in await self._info("GROUPS", self._keys.stream(event)):
                name = group["name"].decode()
                if module is None or name == module:
                    states.append(await self._group(event, name, group, deaths, now))
        return sorted(states, key=lambda one: (one.event, one.module))

    async def _info(self, what: str, stream: str, *more: str) -> list[dict[str, Any]]:
        try:
            found = await self._router.call(stream, "XINFO", what, stream, *more)
        except ReplyError as error:
            if "no such key" in str(error):
                return []
            raise
        return [_table(flat) for flat in found]

    async def _group(
        self, event: str, module: str, info: dict[str, Any], deaths: dict[str, int], now: int
    ) -> GroupState:
        stream = self._keys.stream(event)
        last = info["last-delivered-id"].decode()
        following = excerpts(self._router, event, stream, Part(f"({last}", fields=()), page=1)
        next_entry = await anext(following, None)
        consumers = await self._info("CONSUMERS", stream, module)
        pending = await self._router.call(stream, "XPENDING", stream, module)
        waiting = sum(one["pending"] for one in consumers if one["name"].decode() == WAITING)
        return GroupState(
            event=event,
            module=module,
            lag=await self._lag(stream, info.get("lag"), last),
            lag_s=_age(next_entry.at_ms, now) if next_entry else 0.0,
            pending=int(pending[0]),
            waiting=waiting,
            oldest_pending_s=_age(int(pending[1].partition(b"-")[0]), now) if pending[0] else 0.0,
            workers=sum(one["name"].decode() != WAITING for one in consumers),
            dead=deaths.get(module, 0),
            handlers=await self.handlers(event, module),
        )

    async def _lag(self, stream: str, told: int | None, last: str) -> int:
        """The server does not know it after a deletion, and for a group made in the middle; after
        a trim it counts what is no longer there. Then: how many entries follow the last one."""
        length = int(await self._router.call(stream, "XLEN", stream))
        if told is not None and told <= length:
            return int(told)
        return await count_after(self._router, stream, last, LAG_COUNT_LIMIT)

    async def handlers(self, event: str, module: str) -> Sequence[Mapping[str, Any]]:
        """What the module registered for the event when it last started; empty if unknown."""
        key = self._keys.modules(event)
        told = await self._router.call(key, "HGET", key, module)
        try:
            handlers = orjson.loads(told)["handlers"].get(event, [])
            return [one for one in handlers if isinstance(one, dict)]
        except (TypeError, ValueError, KeyError, AttributeError):
            return []

    async def _deaths_by_module(self, event: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        async for letter in self._part(event, self._keys.dead(event), Part(fields=["module"])):
            module = letter.about.get("module", "?")
            counts[module] = counts.get(module, 0) + 1
        return counts

    # -- entries: excerpts, unless said otherwise --------------------------------------------

    async def entries(
        self, event: str, start: str = "-", end: str = "+"
    ) -> AsyncIterator[StoredEvent]:
        """The event's entries between two ids, oldest first, read a page at a time."""
        async for one in self._part(event, self._keys.stream(event), Part(start, end)):
            yield one

    async def emitted(self, event_id: str, event: str | None = None) -> StoredEvent | None:
        """The event whose own id this is, of all events or of one; None when there is none."""
        names = await self.events() if event is None else [event]
        for part in near_in_time(event_id):
            for name in names:
                wanted = replace(part, having={"id": event_id})
                async for one in self._part(name, self._keys.stream(name), wanted):
                    return one
        return None

    async def ids(self, event: str, start: str, end: str) -> AsyncIterator[str]:
        """Nothing but the ids of the event's entries between two of them."""
        part = Part(start, end, fields=())
        async for one in self._part(event, self._keys.stream(event), part):
            yield one.entry

    async def dead_letters(
        self, event: str, start: str = "-", end: str = "+", **having: str
    ) -> AsyncIterator[StoredEvent]:
        """The event's dead letters between two of their ids, oldest first; only those whose fields
        have the values of ``having``."""
        part = Part(start, end, having=having)
        async for one in self._part(event, self._keys.dead(event), part):
            yield one

    async def exactly(
        self,
        walk: Callable[[str, str, str], AsyncIterator[StoredEvent]],
        entry: str,
        event: str | None = None,
    ) -> list[StoredEvent]:
        """What ``walk`` finds at one id, if anything: in one event, for each has ids of its own.

        Raises:
            AmbiguousEntryError: in several, and none was named.
        """
        names = await self.events() if event is None else [event]
        found = [one for name in names async for one in walk(name, entry, entry)]
        if len(found) > 1:
            raise AmbiguousEntryError(id=entry, events=[one.event for one in found])
        return found

    async def audit(self) -> AsyncIterator[StoredEvent]:
        """What operators did, oldest first."""
        async for one in self._part("audit", self._keys.audit, Part()):
            yield one

    async def audit_line(self, entry: str) -> StoredEvent:
        """A whole line of the audit. Raises: UnknownAuditLineError."""
        key = self._keys.audit
        found = await whole(self._router, "audit", key, entry) if is_entry(entry) else None
        if found is None:
            raise UnknownAuditLineError(id=entry)
        return found

    async def newest(self, event: str, page: int = PAGE) -> AsyncIterator[StoredEvent]:
        """The event's entries, newest first, at most ``page`` of them read at a time."""
        part, stream = Part(newest_first=True), self._keys.stream(event)
        async for one in excerpts(self._router, event, stream, part, min(page, PAGE)):
            yield one

    def _part(self, event: str, stream: str, part: Part) -> AsyncIterator[StoredEvent]:
        return excerpts(self._router, event, stream, part)

    async def whole(self, one: StoredEvent) -> StoredEvent:
        """An event of which there was an excerpt. Raises: UnknownEntryError: it is gone."""
        return await self._whole(one, self._keys.stream(one.event))

    async def whole_letter(self, one: StoredEvent) -> StoredEvent:
        """A dead letter of which there was an excerpt. Raises: UnknownEntryError: it is gone."""
        return await self._whole(one, self._keys.dead(one.event))

    async def _whole(self, one: StoredEvent, stream: str) -> StoredEvent:
        found = await whole(self._router, one.event, stream, one.entry)
        if found is None:
            raise UnknownEntryError(id=one.entry)
        return found

    async def pending(self, event: str, module: str) -> AsyncIterator[PendingEntry]:
        """What the module has taken and not finished, oldest first."""
        stream, after = self._keys.stream(event), "-"
        now = await self.now_ms()
        while True:
            page = await self._router.call(stream, "XPENDING", stream, module, after, "+", PAGE)
            waits = await self._waits(event, module, [one[0] for one in page])
            for (entry_id, worker, idle_ms, deliveries), (due_ms, attempts) in zip(
                page, waits, strict=True
            ):
                yield PendingEntry(
                    event, module, entry_id.decode(), worker.decode("utf-8", "replace"),
                    idle_ms / 1000, deliveries,
                    None if due_ms is None else max(0.0, (due_ms - now) / 1000), attempts,
                )  # fmt: skip
            if len(page) < PAGE:
                return
            after = f"({page[-1][0].decode()}"

    async def standing(self, event: str, module: str, entry: str) -> str:
        """``pending``, ``waiting`` (for a retry), ``not taken`` or ``handled``."""
        stream = self._keys.stream(event)
        found = await self._router.call(stream, "XPENDING", stream, module, entry, entry, 1)
        if found:
            return "waiting" if found[0][1].decode() == WAITING else "pending"
        for group in await self._info("GROUPS", stream):
            if group["name"].decode() == module:
                last = group["last-delivered-id"].decode()
                return "not taken" if _number(entry) > _number(last) else "handled"
        return "not taken"

    async def _waits(
        self, event: str, module: str, entries: Sequence[bytes]
    ) -> list[tuple[float | None, Mapping[str, Any]]]:
        """When each is due, in ms since 1970, and what came of its handlers: asked together."""
        if not entries:
            return []
        due, state = self._keys.due(event, module), self._keys.state(event, module)
        times = await self._router.call(due, "ZMSCORE", due, *entries)
        states = await self._router.call(state, "HMGET", state, *entries)
        return [
            (None if time is None else float(time), _outcomes(told))
            for time, told in zip(times, states, strict=True)
        ]


def _outcomes(told: bytes | None) -> Mapping[str, Any]:
    """What came of each handler, with how many attempts; empty where a stranger wrote."""
    try:
        handlers = orjson.loads(told or b"")["handlers"]
        return {name: [str(fate), int(attempts)] for name, (fate, attempts) in handlers.items()}
    except (TypeError, ValueError, KeyError, AttributeError):
        return {}


def is_entry(text: str) -> bool:
    """Whether this is a server's id of an entry, and no event's own id."""
    known = re.fullmatch(r"([0-9]{1,20})-([0-9]{1,20})", text)
    return known is not None and all(int(number) < 1 << 64 for number in known.groups())


def _table(flat: Sequence[Any]) -> dict[str, Any]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _age(at_ms: int, now_ms: int) -> float:
    return max(0.0, (now_ms - at_ms) / 1000)


def _number(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number or 0)


def _literal(prefix: str) -> str:
    """``prefix`` as a glob that matches only itself."""
    return "".join("\\" + one if one in "*?[]\\^-" else one for one in prefix)
