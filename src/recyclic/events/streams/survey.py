"""How modules stand, for monitoring: one short script an event, whatever is waiting there."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recyclic.events.streams.store import StreamStore
from recyclic.events.streams.stored import count_after

COUNT_LIMIT = 10_000
"""Where the server does not know a lag, it is counted, up to here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One module on one event; see :class:`~recyclic.events.streams.inspect.GroupState`."""

    event: str
    module: str
    lag: int
    lag_s: float
    pending: int
    oldest_pending_s: float


@dataclass(frozen=True, slots=True)
class Survey:
    """How everybody stands, and how many dead letters each event has."""

    standings: Sequence[Standing] = ()
    dead: Mapping[str, int] | None = None


async def survey(streams: StreamStore, events: Iterable[str]) -> Survey:
    """The state at the server. Bodies of events are not read.

    Raises:
        StoreError: the server does not answer, or refuses.
    """
    names = sorted(events)
    looked = await asyncio.gather(*(_look(streams, name) for name in names))
    standings = [one for found, _dead in looked for one in found]
    return Survey(standings, {name: dead for name, (_, dead) in zip(names, looked, strict=True)})


async def _look(streams: StreamStore, event: str) -> tuple[list[Standing], int]:
    keys = [streams.keys.stream(event), streams.keys.dead(event)]
    now, dead, groups = await streams.router.run("survey", keys, [])
    standings = []
    for name, lag, last, following, pending, oldest in groups:
        known = int(lag)
        if known < 0:
            known = await count_after(streams.router, keys[0], last.decode(), COUNT_LIMIT)
        standings.append(
            Standing(
                event, name.decode(), known, _age(following, now), int(pending), _age(oldest, now)
            )
        )
    return standings, int(dead)


def _age(entry_id: bytes, now: bytes) -> float:
    """Seconds since an entry was stored; 0 without one."""
    return max(0.0, (int(now) - int(entry_id.partition(b"-")[0])) / 1000) if entry_id else 0.0
