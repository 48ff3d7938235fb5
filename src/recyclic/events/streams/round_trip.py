"""An event there and back: stored, delivered to a group, acknowledged, and gone again."""

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from recyclic.events.store import StoreError
from recyclic.events.streams.connection import ReplyError
from recyclic.events.streams.keys import Keys
from recyclic.events.streams.router import Router

GONE_AFTER_MS = 60_000
"""What a process that was killed in between leaves, the server removes by itself."""

_GROUP = "probe"
_MOST_NAMES = 4096

Append = Callable[[str], Awaitable[str]]
"""Stores one event in the stream of that key, as safely as the site asks; its entry's id."""


async def round_trips(router: Router, keys: Keys, append: Append) -> int:
    """Have one event make the trip on every server that takes writes; how many there are.

    Its streams are its own and hidden from operators: nothing waits behind it, nobody else reads
    it, and two trips at once are two streams.

    Raises:
        ConnectionLostError, ReplyError, EmitError: what the server, or the way there, says.
    """
    streams = _one_on_each(router, keys)
    for stream in streams:
        try:
            await _round_trip(router, stream, append)
        except Exception:
            with suppress(StoreError):  # it goes by itself, too
                await router.call(stream, "DEL", stream)
            raise
        await router.call(stream, "DEL", stream)
    return len(streams)


def _one_on_each(router: Router, keys: Keys) -> list[str]:
    """A new stream's name for each server: of many names some fall to every one of them."""
    nonce = os.urandom(8).hex()
    servers = len(router.masters())
    found: dict[int, str] = {}
    for number in range(_MOST_NAMES):
        stream = keys.probe(f"{nonce}.{number}")
        found.setdefault(id(router.link(stream)), stream)
        if len(found) >= servers:
            break
    return list(found.values())


async def _round_trip(router: Router, stream: str, append: Append) -> None:
    await router.run("probe", [stream], [_GROUP, GONE_AFTER_MS])
    entry = await append(stream)
    reply = await router.call(
        stream, "XREADGROUP", "GROUP", _GROUP, _GROUP, "COUNT", 2, "STREAMS", stream, ">"
    )
    if _delivered(reply) != [entry]:
        raise ReplyError(f"ERR sent {entry}, and {_delivered(reply)} came back")
    if await router.call(stream, "XACK", stream, _GROUP, entry) != 1:
        raise ReplyError(f"ERR {entry} could not be acknowledged")


def _delivered(reply: Any) -> list[str]:
    """The ids in a reply to XREADGROUP on one stream."""
    return [entry_id.decode() for _stream, entries in reply or () for entry_id, _fields in entries]
