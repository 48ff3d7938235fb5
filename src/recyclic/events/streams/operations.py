"""What an operator may change; each change leaves a line in the audit."""

import getpass
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson

from recyclic.events.errors import UnknownEntryError, UnknownGroupError
from recyclic.events.streams.connection import Argument, ReplyError
from recyclic.events.streams.inspect import Inspector, is_entry
from recyclic.events.streams.store import StreamStore
from recyclic.events.streams.stored import StoredEvent

REPLAY_BATCH = 200


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay covers, and what came of it.

    Attributes:
        found: Events in that time.
        queued: Of these, put in line; 0 in a dry run. Not put in line: those the module still has
            before it or in hand.
        unsafe: Handlers that are neither idempotent nor behind an inbox.
    """

    event: str
    module: str
    found: int
    queued: int
    unsafe: Sequence[str] = ()


class Operations:
    """Changes to the bus's keys on one server, each in one step there.

    Args:
        who: Written into the audit; the user of this process by default.
    """

    def __init__(self, streams: StreamStore, who: str | None = None) -> None:
        self.look = Inspector(streams)
        self._router = streams.router
        self._keys = streams.keys
        self._who = who or _user()

    async def find_dead(
        self, wanted: str, event: str | None = None, module: str | None = None
    ) -> list[StoredEvent]:
        """The dead letter of that id; with an event's own id, all of that event's.

        Raises:
            UnknownEntryError: there is none.
            AmbiguousEntryError: letters of several events have that id, and none was named.
        """
        if is_entry(wanted):
            found = await self.look.exactly(self.look.dead_letters, wanted, event)
        else:
            names = await self.look.events() if event is None else [event]
            found = [one for name in names async for one in self.look.dead_letters(name, id=wanted)]
        found = [one for one in found if module in (None, one.about.get("module"))]
        if not found:
            raise UnknownEntryError(id=wanted)
        return found

    async def dead(
        self, event: str | None = None, module: str | None = None
    ) -> AsyncIterator[StoredEvent]:
        """Excerpts of dead letters, by event, oldest first."""
        having = {} if module is None else {"module": module}
        for name in await self.look.events() if event is None else [event]:
            async for letter in self.look.dead_letters(name, **having):
                yield letter

    async def requeue(self, letter: StoredEvent) -> str:
        """Have the handler that gave the event up try it again; the new entry's id.

        Raises:
            UnknownEntryError: somebody else was faster.
        """
        letter = await self.look.whole_letter(letter)
        keys = [self._keys.dead(letter.event), self._keys.stream(letter.event)]
        entry = await self._router.run("requeue", keys, [letter.entry])
        if not entry:
            raise UnknownEntryError(id=letter.entry)
        await self._note("requeue", letter)
        return str(entry.decode())

    async def discard(self, letter: StoredEvent) -> None:
        """Remove a dead letter for good; the audit keeps its payload.

        Raises:
            UnknownEntryError: it is gone already.
        """
        letter = await self.look.whole_letter(letter)
        key = self._keys.dead(letter.event)
        # Written down first: a crash in between leaves a letter too many, never one too few.
        await self._note("discard", letter)
        if not await self._router.call(key, "XDEL", key, letter.entry):
            raise UnknownEntryError(id=letter.entry)

    async def replay(
        self, event: str, module: str, start_ms: int, end_ms: int, *, dry_run: bool
    ) -> Replay:
        """Have one module handle an event's history again.

        Raises:
            UnknownGroupError: the module does not listen to the event.
        """
        last = await self._last_delivered(event, module)
        handlers = await self.look.handlers(event, module)
        unsafe = [str(one.get("name")) for one in handlers if not one.get("idempotent")]
        span = self.look.ids(event, str(start_ms), str(end_ms))
        mark = None if dry_run else orjson.dumps({"handlers": {}, "replay": int(time.time())})
        found = queued = 0
        try:
            async for batch in _batches(span, last):
                found += len(batch)
                if mark is not None:
                    queued += await self._queue(event, module, mark, batch)
        finally:
            # Also when it is cut short: what was put in line is handled again all the same.
            if mark is not None:
                await self._audit("replay", event, module, f"{queued} of {found}")
        return Replay(event, module, found, queued, unsafe)

    async def _queue(self, event: str, module: str, mark: bytes, batch: Sequence[str]) -> int:
        keys = [
            self._keys.stream(event),
            self._keys.state(event, module),
            self._keys.due(event, module),
        ]
        arguments: list[Argument] = [module, mark, *batch]
        return int(await self._router.run("replay", keys, arguments))

    async def _last_delivered(self, event: str, module: str) -> tuple[int, int]:
        key = self._keys.stream(event)
        try:
            groups = await self._router.call(key, "XINFO", "GROUPS", key)
        except ReplyError as error:
            if "no such key" not in str(error):
                raise
            raise UnknownGroupError(module=module, event=event, known="-") from None
        tables = [dict(zip(flat[::2], flat[1::2], strict=True)) for flat in groups]
        for table in tables:
            if table[b"name"].decode() == module:
                return _order(table[b"last-delivered-id"].decode())
        known = sorted(table[b"name"].decode() for table in tables)
        raise UnknownGroupError(module=module, event=event, known=known or "-")

    async def forget(self, module: str, event: str | None = None) -> int:
        """A module is gone for good: remove its groups, which no longer hold up trimming; returns
        how many there were. What it had not handled stays in the streams."""
        removed = 0
        for name in await self.look.events() if event is None else [event]:
            key = self._keys.stream(name)
            try:
                there = await self._router.call(key, "XGROUP", "DESTROY", key, module)
            except ReplyError as error:
                if "requires the key to exist" not in str(error):
                    raise
                continue
            if there:
                removed += 1
                await self._router.call(
                    key, "DEL", self._keys.state(name, module), self._keys.due(name, module),
                    self._keys.after(name, module),
                )  # fmt: skip
                modules = self._keys.modules(name)
                await self._router.call(modules, "HDEL", modules, module)
                await self._audit("forget", name, module, "")
        return removed

    async def note_emit(self, event: str, event_id: str) -> None:
        """Write down that an operator emitted an event."""
        await self._audit("emit", event, "", "", event_id)

    async def _note(self, action: str, letter: StoredEvent) -> None:
        module = letter.about.get("module", "?")
        payload = orjson.dumps({"payload": letter.payload, "about": dict(letter.about)}).decode()
        await self._audit(action, letter.event, module, payload, letter.entry)

    async def _audit(
        self, action: str, event: str, module: str, detail: str, entry: str = ""
    ) -> None:
        key = self._keys.audit
        await self._router.call(
            key, "XADD", key, "*", "action", action, "who", self._who, "event", event,
            "module", module, "entry", entry, "detail", detail,
        )  # fmt: skip


async def _batches(entries: AsyncIterator[str], last: tuple[int, int]) -> AsyncIterator[list[str]]:
    """Those up to ``last``, some at a time."""
    batch: list[str] = []
    async for entry in entries:
        if _order(entry) > last:
            break
        batch.append(entry)
        if len(batch) == REPLAY_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _order(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number or 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"
