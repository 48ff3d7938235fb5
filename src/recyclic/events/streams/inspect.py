"""Looking at the bus from outside: groups, lag, what is pending, dead letters, single events."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from recyclic.events.errors import AmbiguousEntryError
from recyclic.events.streams.connection import Argument, ReplyError
from recyclic.events.streams.keys import WAITING, Keys
from recyclic.events.streams.store import StreamStore

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
class StoredEvent:
    """An entry as it is stored.

    Attributes:
        entry: The server's id of it: milliseconds since 1970, a dash, a number.
        payload: Decoded JSON, or the text as it stands where it is none.
        about: The other fields.
    """

    event: str
    entry: str
    payload: Any
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def at_ms(self) -> int:
        """When the server stored it."""
        return int(self.entry.partition("-")[0])


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
        next_entry = await self._router.call(stream, "XRANGE", stream, f"({last}", "+", "COUNT", 1)
        consumers = await self._info("CONSUMERS", stream, module)
        pending = await self._router.call(stream, "XPENDING", stream, module)
        waiting = sum(one["pending"] for one in consumers if one["name"].decode() == WAITING)
        return GroupState(
            event=event,
            module=module,
            lag=await self._lag(stream, info.get("lag"), last),
            lag_s=_age(next_entry[0][0], now) if next_entry else 0.0,
            pending=int(pending[0]),
            waiting=waiting,
            oldest_pending_s=_age(pending[1], now) if pending[0] else 0.0,
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
        after = f"({last}"
        counted = 0
        while counted < LAG_COUNT_LIMIT:
            page = await self._router.call(stream, "XRANGE", stream, after, "+", "COUNT", 1000)
            counted += len(page)
            if len(page) < 1000:
                break
            after = f"({page[-1][0].decode()}"
        return counted

    async def handlers(self, event: str, module: str) -> Sequence[Mapping[str, Any]]:
        """What the module registered for the event when it last started; empty if unknown."""
        key = self._keys.modules(event)
        told = await self._router.call(key, "HGET", key, module)
        try:
            handlers: list[dict[str, Any]] = orjson.loads(told)["handlers"].get(event, [])
        except (TypeError, ValueError, KeyError, AttributeError):
            return []
        return handlers

    async def _deaths_by_module(self, event: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        async for letter in self.dead_letters(event):
            module = letter.about.get("module", "?")
            counts[module] = counts.get(module, 0) + 1
        return counts

    # -- entries ---------------------------------------------------------------------------

    async def entries(
        self, event: str, start: str = "-", end: str = "+"
    ) -> AsyncIterator[StoredEvent]:
        """The event's entries between two ids, oldest first, read a page at a time."""
        async for one in self._walk(event, self._keys.stream(event), start, end):
            yield one

    async def dead_letters(
        self, event: str, start: str = "-", end: str = "+"
    ) -> AsyncIterator[StoredEvent]:
        """The event's dead letters between two of their ids, oldest first."""
        async for one in self._walk(event, self._keys.dead(event), start, end):
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
        async for one in self._walk("audit", self._keys.audit, "-", "+"):
            yield one

    async def _walk(
        self, event: str, stream: str, start: str, end: str
    ) -> AsyncIterator[StoredEvent]:
        while True:
            page = await self._router.call(stream, "XRANGE", stream, start, end, "COUNT", 200)
            for entry_id, flat in page:
                yield stored_event(event, entry_id, flat)
            if len(page) < 200:
                return
            start = f"({page[-1][0].decode()}"

    async def latest(self, event: str, count: int) -> list[StoredEvent]:
        """The last ``count`` entries, oldest first."""
        stream = self._keys.stream(event)
        page = await self._router.call(stream, "XREVRANGE", stream, "+", "-", "COUNT", count)
        return [stored_event(event, entry_id, flat) for entry_id, flat in reversed(page)]

    async def pending(self, event: str, module: str) -> AsyncIterator[PendingEntry]:
        """What the module has taken and not finished, oldest first."""
        stream, after = self._keys.stream(event), "-"
        now = await self.now_ms()
        while True:
            page = await self._router.call(stream, "XPENDING", stream, module, after, "+", 200)
            for entry_id, worker, idle_ms, deliveries in page:
                entry = entry_id.decode()
                due, attempts = await self._waits(event, module, entry, now)
                yield PendingEntry(
                    event, module, entry, worker.decode("utf-8", "replace"),
                    idle_ms / 1000, deliveries, due, attempts,
                )  # fmt: skip
            if len(page) < 200:
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
        self, event: str, module: str, entry: str, now: int
    ) -> tuple[float | None, Mapping[str, Any]]:
        due_key, state_key = self._keys.due(event, module), self._keys.state(event, module)
        due = await self._router.call(due_key, "ZSCORE", due_key, entry)
        state = await self._router.call(state_key, "HGET", state_key, entry)
        handlers = orjson.loads(state)["handlers"] if state else {}
        return (None if due is None else max(0.0, (float(due) - now) / 1000)), handlers


def is_entry(text: str) -> bool:
    """Whether this is a server's id of an entry, and no event's own id."""
    return re.fullmatch(r"\d{1,19}-\d{1,19}", text) is not None


def _table(flat: Sequence[Any]) -> dict[str, Any]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _age(entry_id: bytes, now_ms: int) -> float:
    return max(0.0, (now_ms - int(entry_id.partition(b"-")[0])) / 1000)


def _number(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number or 0)


def _literal(prefix: str) -> str:
    """``prefix`` as a glob that matches only itself."""
    return "".join("\\" + one if one in "*?[]\\^-" else one for one in prefix)


def stored_event(event: str, entry_id: bytes, flat: Sequence[bytes]) -> StoredEvent:
    """An entry of a reply; bytes that are no text show as replacement characters."""
    table = {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for name, value in zip(flat[::2], flat[1::2], strict=True)
    }
    data = table.pop("data", "")
    try:
        payload = orjson.loads(data)
    except ValueError:
        payload = data
    return StoredEvent(event, entry_id.decode(), payload, table)
