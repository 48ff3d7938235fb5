"""Entries of a batch, handled one after the other for as long as that goes well."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from recyclic.events.calling import Begun, Ended
from recyclic.events.event import Event
from recyclic.events.hand import Hand
from recyclic.events.handler import subscribe
from recyclic.events.observer import HandlingCounts, Observer
from recyclic.events.settings import BusSettings
from recyclic.events.store import Batch
from recyclic.events.straight import Straight

pytestmark = pytest.mark.anyio
NEVER = float("inf")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Acknowledged:
    """All of a membership that is asked for."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def all_done(self, event: str, ids: Sequence[str]) -> None:
        assert event == "sold"
        self.ids += ids


class Way:
    """A straight way for one handler, and a batch on it."""

    def __init__(self, handler: Any, bodies: Sequence[bytes]) -> None:
        self.counts = HandlingCounts()
        self.hand = Hand(100)
        self.acknowledged = Acknowledged()
        only = subscribe("sold", handler, {}, BusSettings(), frozenset())
        member: Any = self.acknowledged
        self.straight = Straight(
            "books", {"sold": (only, self.counts)}, self.hand, member, Observer(), 1000
        )
        stored = [
            [b"id", b"i%d" % n, b"from", b"till", b"at", b"1790000000000", b"data", body]
            for n, body in enumerate(bodies)
        ]
        self.batch = Batch("sold", [f"{n}-0" for n in range(len(bodies))], stored)
        self.hand.take([self.batch], 0.0)


async def test_all_of_it_is_handled_counted_and_acknowledged() -> None:
    """In order, without a word about each."""
    seen = []

    async def handle(event: Event) -> None:
        seen.append((event.id, event["n"], event.attempt))

    way = Way(handle, [b'{"n":%d}' % n for n in range(3)])
    assert way.straight.run(way.batch, NEVER) is None
    assert seen == [("i0", 0, 1), ("i1", 1, 1), ("i2", 2, 1)]
    assert way.acknowledged.ids == ["0-0", "1-0", "2-0"]
    assert (way.counts.handled, sum(way.counts.buckets)) == (3, 3)
    assert way.counts.seconds > 0
    assert way.hand.space == 100


async def test_it_ends_in_time_and_goes_on_where_it_was() -> None:
    """The others are not begun meanwhile, and none is handled twice."""
    seen = []

    async def handle(event: Event) -> None:
        seen.append(event.id)

    way = Way(handle, [b"{}"] * 3)
    for count in (1, 2, 3):
        assert way.straight.run(way.batch, 0.0) is None
        assert (len(seen), len(way.batch), len(way.acknowledged.ids)) == (count, 3 - count, count)
    assert seen == ["i0", "i1", "i2"]


async def test_what_is_no_event_is_never_given_to_the_handler() -> None:
    """It leaves the way with nothing begun; those before it are acknowledged without it."""
    called = []

    async def handle(event: Event) -> None:
        called.append(event.id)

    way = Way(handle, [b"{}", b"[]", b"{}"])
    left = way.straight.run(way.batch, NEVER)
    assert left is not None
    assert (left.delivery.id, left.event, left.call) == ("1-0", None, None)
    assert way.acknowledged.ids == ["0-0"]
    assert way.straight.run(way.batch, NEVER) is None
    assert (called, way.acknowledged.ids) == (["i0", "i2"], ["0-0", "2-0"])


async def test_what_has_a_key_leaves_the_way_with_nothing_begun() -> None:
    """Its turn may not have come yet."""
    called = []

    async def handle(event: Event) -> None:
        called.append(event.id)

    way = Way(handle, [b"{}", b"{}"])
    stored: Any = way.batch.stored
    stored[0] += [b"key", b"k", b"prev", b"0-0"]
    left = way.straight.run(way.batch, NEVER)
    assert left is not None
    assert (left.event, left.delivery.previous(), called) == (None, "0-0", [])
    assert way.straight.run(way.batch, NEVER) is None
    assert called == ["i1"]


async def test_what_fails_or_waits_leaves_the_way_as_far_as_it_came() -> None:
    """The failure is counted as a call; one that waits is when it has ended."""

    async def handle(event: Event) -> None:
        if event["n"] == 0:
            raise ConnectionError("not now")
        await asyncio.get_running_loop().create_future()

    way = Way(handle, [b'{"n":0}', b'{"n":1}'])
    failed = way.straight.run(way.batch, NEVER)
    assert failed is not None
    assert isinstance(failed.call, Ended)
    assert (failed.call.reason, sum(way.counts.buckets)) == ("ConnectionError: not now", 1)
    waits = way.straight.run(way.batch, NEVER)
    assert waits is not None
    assert isinstance(waits.call, Begun)
    assert (waits.delivery.id, sum(way.counts.buckets)) == ("1-0", 1)
    assert (way.acknowledged.ids, way.counts.handled) == ([], 0)
    waits.call.handling.close()
