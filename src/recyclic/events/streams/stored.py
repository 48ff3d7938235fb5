"""Entries as they are stored: whole, or an excerpt of each where many are looked at."""

from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from recyclic.events.streams.connection import Argument, ReplyError
from recyclic.events.streams.router import Router

EXCERPT_BYTES = 4096
"""Of each value of an entry in a list: a stranger may have stored entries of any size."""
PAGE = 200
KNOWN_FIELDS = (
    "id", "from", "at", "data", "key", "v", "only",
    "module", "handler", "reason", "detail", "attempts", "entry", "died",
    "action", "who", "event",
)  # fmt: skip
"""Of events, dead letters and audit lines. A stranger's entry may have any number of others."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An entry as it is stored.

    Attributes:
        entry: The server's id of it: milliseconds since 1970, a dash, a number.
        payload: Decoded JSON, or the text as it stands where it is none, or was cut.
        about: The other fields.
        cut: Of which fields this is only the beginning, with the bytes of the whole: ``payload``,
            or a name in ``about``.
    """

    event: str
    entry: str
    payload: Any
    about: Mapping[str, str] = field(default_factory=dict)
    cut: Mapping[str, int] = field(default_factory=dict)

    @property
    def at_ms(self) -> int:
        """When the server stored it."""
        return int(self.entry.partition("-")[0])


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a stream is looked at, and what of its entries.

    Attributes:
        start, end: Ids of entries, as XRANGE takes them; a time in milliseconds is one.
        newest_first: From ``end`` to ``start``.
        having: Only entries whose fields have these values.
        fields: What is read of each, as far as it is there.
    """

    start: str = "-"
    end: str = "+"
    newest_first: bool = False
    having: Mapping[str, str] = field(default_factory=dict)
    fields: Sequence[str] = KNOWN_FIELDS

    def arguments(self, start: str, page: int) -> list[Argument]:
        """For the script ``excerpt``."""
        conditions = [part for pair in self.having.items() for part in pair]
        return [
            start, self.start if self.newest_first else self.end,
            "newest" if self.newest_first else "oldest", page, EXCERPT_BYTES,
            len(self.having), *conditions, *self.fields,
        ]  # fmt: skip


def near_in_time(event_id: str) -> list[Part]:
    """The whole of a stream in parts: first those where an event of that id is likely to stand.

    An event's own id begins with when it was made, by the emitter's clock. An outbox may have
    stored it much later, and so does whoever requeues it.
    """
    try:
        made_ms = int(event_id[:12], 16)
    except ValueError:
        return [Part()]
    times = [made_ms + margin for margin in (-60_000, -50, 1_000, 60_000)]
    if times[0] <= 0:
        return [Part()]
    long_before, before, after, long_after = map(str, times)
    return [
        Part(before, f"({after}"),
        Part(after, f"({long_after}"),
        Part(long_before, f"({before}"),
        Part(long_after),
        Part(end=f"({long_before}"),
    ]


async def excerpts(
    router: Router, event: str, stream: str, part: Part, page: int = PAGE
) -> AsyncIterator[StoredEvent]:
    """The entries of ``part``, values cut to EXCERPT_BYTES; at most ``page`` are held here."""
    start = part.end if part.newest_first else part.start
    while start:
        try:
            found, after = await router.run("excerpt", [stream], part.arguments(start, page))
        except ReplyError as error:
            if error.kind == "WRONGTYPE":
                raise ReplyError(f"WRONGTYPE {stream} is no stream") from None
            raise
        for entry_id, *flat in found:
            yield _excerpt(event, entry_id, flat)
        start = after.decode()


async def count_after(router: Router, stream: str, entry: str, limit: int) -> int:
    """How many entries follow one, counted up to ``limit``."""
    counted = 0
    async for _one in excerpts(router, "", stream, Part(f"({entry}", fields=())):
        counted += 1
        if counted == limit:
            break
    return counted


async def whole(router: Router, event: str, stream: str, entry: str) -> StoredEvent | None:
    """One entry with all its fields, however large; None when it is not there."""
    page = await router.call(stream, "XRANGE", stream, entry, entry)
    for entry_id, flat in page:
        pairs = zip(map(_text, flat[-2::-2]), map(_text, flat[::-2]), strict=True)
        table = dict(pairs)  # Backwards: the first of a name counts, as in excerpts.
        return _stored(event, entry_id, table, {})
    return None


def _excerpt(event: str, entry_id: bytes, flat: Sequence[Any]) -> StoredEvent:
    table, cut = {}, {}
    for name, value, size in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        named = name.decode()
        if size > len(value):
            cut["payload" if named == "data" else named] = int(size)
            # A letter that was cut in two is left out.
            table[named] = getincrementaldecoder("utf-8")("replace").decode(value)
        else:
            table[named] = _text(value)
    return _stored(event, entry_id, table, cut)


def _stored(
    event: str, entry_id: bytes, table: dict[str, str], cut: Mapping[str, int]
) -> StoredEvent:
    payload: Any = table.pop("data", "")
    if "payload" not in cut:
        with suppress(ValueError):
            payload = orjson.loads(payload)
    return StoredEvent(event, entry_id.decode(), payload, table, cut)


def _text(value: bytes) -> str:
    """Bytes that are no text show as replacement characters."""
    return value.decode("utf-8", "replace")
