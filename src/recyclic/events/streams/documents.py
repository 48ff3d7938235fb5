"""What an operator is shown, as plain values for JSON: the same from a terminal and over HTTP."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from recyclic.events.errors import UnknownEntryError
from recyclic.events.streams.inspect import GroupState, Inspector, PendingEntry, is_entry
from recyclic.events.streams.operations import Operations
from recyclic.events.streams.stored import StoredEvent

T = TypeVar("T")

_LAG = ("event", "module", "lag", "lag_s", "pending", "oldest_pending_s", "dead", "workers")


def clock(at_ms: int) -> str:
    """Local time to the second, as ISO 8601; of a stranger's entry perhaps beyond all dates."""
    try:
        return datetime.fromtimestamp(at_ms / 1000).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{at_ms} ms after 1970"


def moment(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time or date; local time where it names no zone.

    Raises:
        ValueError: it is none, or too far away for a clock.
    """
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from error


async def first(several: AsyncIterator[T], limit: int | None) -> list[T]:
    """The first ``limit`` of them; all for None."""
    found: list[T] = []
    async for one in several:
        if limit is not None and len(found) >= limit:
            break
        found.append(one)
    return found


def event_document(one: StoredEvent) -> dict[str, Any]:
    """An event; ``entry`` is the server's id of it, ``id`` its own. ``cut`` names the values of
    which there is only the beginning, as text, with the bytes of the whole."""
    return {
        "event": one.event,
        "id": one.about.get("id"),
        "entry": one.entry,
        "time": clock(one.at_ms),
        "from": one.about.get("from"),
        "key": one.about.get("key"),
        "payload": one.payload,
        "cut": dict(one.cut),
    }


def letter_document(letter: StoredEvent) -> dict[str, Any]:
    """A dead letter; ``id`` is the letter's own, ``event_id`` the event's; ``cut`` as for an
    event."""
    about = letter.about
    return {
        "id": letter.entry,
        "event": letter.event,
        "event_id": about.get("id"),
        "died": clock(letter.at_ms),
        "module": about.get("module"),
        "handler": about.get("handler"),
        "attempts": _number(about.get("attempts", "")),
        "reason": about.get("reason"),
        "detail": about.get("detail"),
        "entry": about.get("entry"),
        "from": about.get("from"),
        "payload": letter.payload,
        "cut": dict(letter.cut),
    }


def _number(text: str) -> int:
    """0 where a stranger wrote something else."""
    try:
        return int(text)
    except ValueError:
        return 0


def lag_document(group: GroupState) -> dict[str, Any]:
    """How far one module is behind on one event."""
    whole = asdict(group)
    return {name: whole[name] for name in _LAG}


def audit_document(line: StoredEvent) -> dict[str, Any]:
    """What one operator did, and when; ``id`` is the line's own, ``cut`` as for an event."""
    return {"id": line.entry, "time": clock(line.at_ms), **line.about, "cut": dict(line.cut)}


async def audit_lines(look: Inspector, wanted: str | None) -> AsyncIterator[StoredEvent]:
    """Excerpts of what operators did, oldest first; or the line of that id, whole.

    Raises:
        UnknownAuditLineError: no line has it.
    """
    if wanted is not None:
        yield await look.audit_line(wanted)
        return
    async for line in look.audit():
        yield line


async def latest_events(look: Inspector, event: str | None, count: int) -> list[StoredEvent]:
    """The last ``count`` entries of all streams (or of one event's), in time's order."""
    streams = [look.newest(name, count) for name in ([event] if event else await look.events())]
    heads = [(one, stream) for stream in streams if (one := await anext(stream, None)) is not None]
    latest: list[StoredEvent] = []
    while heads and len(latest) < count:
        one, stream = heads.pop(max(range(len(heads)), key=lambda at: _order(heads[at][0])))
        latest.append(one)
        earlier = await anext(stream, None)
        if earlier is not None:
            heads.append((earlier, stream))
    return latest[::-1]


def _order(one: StoredEvent) -> tuple[int, ...]:
    return tuple(map(int, one.entry.split("-")))


async def groups_of(look: Inspector, event: str | None, module: str | None) -> list[GroupState]:
    """Every module on every event, or only those named."""
    return await look.groups([event] if event else None, module)


async def pending_entries(
    look: Inspector, event: str | None, module: str | None
) -> AsyncIterator[PendingEntry]:
    """What was taken and is not finished."""
    for group in await groups_of(look, event, module):
        async for entry in look.pending(group.event, group.module):
            yield entry


async def shown_document(
    operations: Operations, wanted: str, event: str | None = None
) -> dict[str, Any]:
    """One event and where it stands with each module, or one dead letter: its own id tells it from
    the event's other letters, and goes before an event's entry that happens to have the same.

    Raises:
        UnknownEntryError: neither has that id.
        AmbiguousEntryError: several events have such an entry, and none was named.
    """
    look = operations.look
    if is_entry(wanted):
        letters = await look.exactly(look.dead_letters, wanted, event)
        if letters:
            return letter_document(await look.whole_letter(letters[0]))
        found = await look.exactly(look.entries, wanted, event)
        if found:
            return await _shown(look, found[0])
        raise UnknownEntryError(id=wanted)
    emitted = await look.emitted(wanted, event)
    if emitted is not None:
        return await _shown(look, emitted)
    [letter, *_others] = await operations.find_dead(wanted, event)
    return letter_document(await look.whole_letter(letter))


async def _shown(look: Inspector, excerpt: StoredEvent) -> dict[str, Any]:
    one = await look.whole(excerpt)
    return {**event_document(one), "modules": await _standing(look, one)}


async def _standing(look: Inspector, event: StoredEvent) -> dict[str, str]:
    """What each module made of it: handled, pending, not yet taken, dead."""
    standing: dict[str, str] = {}
    for group in await look.groups([event.event]):
        standing[group.module] = await look.standing(event.event, group.module, event.entry)
    async for letter in look.dead_letters(event.event, entry=event.entry):
        standing[letter.about.get("module", "?")] = "dead"
    return standing


async def chosen_letters(
    operations: Operations,
    ids: Sequence[str],
    event: str | None,
    module: str | None,
    limit: int | None = None,
) -> list[StoredEvent]:
    """The dead letters with those ids, of the event and of the module; without ids, all of these.

    Raises:
        UnknownEntryError: one of the ids is of none.
        AmbiguousEntryError: one of them is of several events' letters.
    """
    if not ids:
        return await first(operations.dead(event, module), limit)
    found = [letter for one in ids for letter in await operations.find_dead(one, event, module)]
    return list({(letter.event, letter.entry): letter for letter in found}.values())
