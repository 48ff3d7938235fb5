"""Poison, dead letters, requeue, discard, replay, forget: what goes wrong, and how it is mended."""

import json
from collections import Counter
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.events.errors import (
    AmbiguousEntryError,
    ForeignSiteError,
    UnknownEntryError,
    UnknownGroupError,
)
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams.documents import chosen_letters, shown_document
from recyclic.events.streams.operations import Operations

pytestmark = pytest.mark.anyio

POISON: list[dict[Any, Any]] = [
    {"no": "fields of ours"},
    {"id": "x", "from": "t", "at": "1", "data": "not json"},
    {"id": "x", "from": "t", "at": "1", "data": "[1, 2]"},
    {"id": "x", "from": "t", "at": "never", "data": "{}"},
    {"id": "x", "from": "t", "at": "1" * 40, "data": "{}"},
    {"id": b"\xff\xfe", "from": "t", "at": "1", "data": "{}"},
    {"id": "x", "from": "t", "at": "1", "data": "[" * 100_000},
    {"id": "x", "from": "t", "at": "1", "data": json.dumps({"x": "y" * 50_000_000})},
    {"id": "x", "from": "t", "at": "1", "data": "{}", "only": "books/no_such_handler"},
]


async def test_poison_is_set_aside_and_the_rest_goes_on(server: EventServer, client: Any) -> None:
    """Bytes from elsewhere, in any shape: a dead letter each, no loop, no stop."""
    bus = bus_on(server)
    got: list[int] = []

    async def handle(event: Event) -> None:
        got.append(event["n"])

    bus.for_module("books").on("sold", handle)
    async with consuming(bus):
        for number, fields in enumerate(POISON):
            client.xadd("events:sold", fields)
            await bus.for_module("till").emit("sold", n=number)
        await until(lambda: len(got) == len(POISON), 30)
        await until(lambda: client.xlen("{events:sold}:dead") == len(POISON), 30)
    assert sorted(got) == list(range(len(POISON)))
    assert client.xpending("events:sold", "books")["pending"] == 0


async def test_a_dead_letter_is_tried_again_where_it_died(server: EventServer, client: Any) -> None:
    """requeue: one handler of one module, and nobody else, gets it again."""
    calls: Counter[str] = Counter()
    broken = True

    async def broken_handler(event: Event) -> None:
        calls["broken"] += 1
        if broken:
            raise ValueError("cannot be")

    async def neighbour(event: Event) -> None:
        calls["neighbour"] += 1

    bus = bus_on(server)
    bus.for_module("books").on("sold", broken_handler, max_attempts=2)
    bus.for_module("books").on("sold", neighbour)
    bus.for_module("stock").on("sold", neighbour)
    async with consuming(bus):
        operations = Operations(bus.streams, who="me")
        sent = await bus.for_module("till").emit("sold", n=1)
        await until(lambda: client.xlen("{events:sold}:dead") == 1)
        broken = False
        [letter] = await operations.find_dead(sent)
        await operations.requeue(letter)
        await until(lambda: calls["broken"] == 3)
        with pytest.raises(UnknownEntryError):
            await operations.find_dead(sent)
        audit = [one.about["action"] async for one in operations.look.audit()]
    assert calls == {"broken": 3, "neighbour": 2}
    assert audit == ["requeue"]


async def test_a_discarded_letter_is_gone_but_for_the_audit(
    server: EventServer, client: Any
) -> None:
    """The audit keeps who, what and the payload."""

    async def fail(event: Event) -> None:
        raise ValueError("cannot be")

    bus = bus_on(server)
    bus.for_module("books").on("sold", fail, max_attempts=1)
    async with consuming(bus):
        operations = Operations(bus.streams, who="me")
        sent = await bus.for_module("till").emit("sold", n=7)
        await until(lambda: client.xlen("{events:sold}:dead") == 1)
        [letter] = await operations.find_dead(sent)
        await operations.discard(letter)
        assert client.xlen("{events:sold}:dead") == 0
        [line] = [one async for one in operations.look.audit()]
    assert (line.about["who"], line.about["action"]) == ("me", "discard")
    assert json.loads(line.about["detail"])["payload"] == {"n": 7}


async def test_a_letter_is_not_taken_for_another(server: EventServer, client: Any) -> None:
    """Letters of two events, and an event's entry, may have the same id: they are numbered by the
    millisecond. Nothing is done to any of them until it is said which. An event's own id stands
    for all its letters."""
    bus = bus_on(server)
    await bus.start()
    operations = Operations(bus.streams, who="me")
    sent = [await bus.for_module("till").emit(event) for event in ("sold", "paid")]
    for event, event_id in zip(("sold", "paid"), sent, strict=True):
        for entry, module in (("5-1", "books"), ("5-2", "stock")):
            letter = {"id": event_id, "module": module, "entry": "1-1", "data": "{}"}
            client.xadd(f"{{events:{event}}}:dead", letter, id=entry)
    client.xadd("events:zoo", {"id": "z", "data": "{}"}, id="5-1")
    with pytest.raises(AmbiguousEntryError) as which:
        await operations.find_dead("5-1")
    assert which.value.facts["events"] == ["paid", "sold"]
    with pytest.raises(AmbiguousEntryError):
        await shown_document(operations, "5-1")
    shown = await shown_document(operations, "5-1", "sold")
    assert (shown["event_id"], shown["module"]) == (sent[0], "books")
    assert (await shown_document(operations, "5-1", "zoo"))["payload"] == {}
    chosen = await chosen_letters(operations, ["5-1", sent[0]], "sold", None)
    assert [one.entry for one in chosen] == ["5-1", "5-2"]
    chosen = await chosen_letters(operations, [sent[1]], None, "stock")
    assert [(one.event, one.entry) for one in chosen] == [("paid", "5-2")]
    client.xdel("{events:paid}:dead", "5-1")
    assert [one.event for one in await operations.find_dead("5-1")] == ["sold"]
    # The entry of an event with a letter's id is another thing: the letter was asked for.
    assert (await shown_document(operations, "5-1"))["event"] == "sold"
    await bus.stop(timeout_s=1)


async def test_replay_is_for_one_module_and_one_time(server: EventServer, client: Any) -> None:
    """Only that module handles it again, only what lies in the time, and trimming waits for it."""
    seen: Counter[tuple[str, int, bool]] = Counter()

    def keeping(module: str) -> Any:
        async def handle(event: Event) -> None:
            seen[module, event["n"], event.replay > 0] += 1

        return handle

    bus = bus_on(server)
    for module in ("books", "stock"):
        bus.for_module(module).on("sold", keeping(module))
    async with consuming(bus):
        for n in range(10):
            await bus.for_module("till").emit("sold", n=n)
        await until(lambda: len(seen) == 20)
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
        entries = [entry for entry, _ in client.xrange("events:sold")]
        start, end = (int(entries[place].split("-")[0]) for place in (3, 6))
        operations = Operations(bus.streams)
        counted = await operations.replay("sold", "books", start, end, dry_run=True)
        assert (counted.queued, len(counted.unsafe)) == (0, 1)
        replayed = await operations.replay("sold", "books", start, end, dry_run=False)
        assert replayed.queued == counted.found >= 4
        await until(lambda: sum(again for _, _, again in seen) >= replayed.queued)
        with pytest.raises(UnknownGroupError):
            await operations.replay("sold", "mailer", start, end, dry_run=True)
    again = {(module, n) for module, n, replay in seen if replay}
    assert {module for module, _ in again} == {"books"}
    assert {n for _, n in again} >= {3, 4, 5, 6}
    assert set(seen.values()) == {1}


async def test_a_forgotten_module_no_longer_holds_up_trimming(
    server: EventServer, client: Any
) -> None:
    """The operator's decision, and its audit line."""
    gone = bus_on(server)
    gone.for_module("gone").on("sold", _nothing)
    await gone.start()
    await gone.stop(timeout_s=1)
    bus = bus_on(server)
    bus.for_module("books").on("sold", _nothing)
    async with consuming(bus):
        for n in range(10):
            await bus.for_module("till").emit("sold", n=n)
        await until(lambda: bus.observer.handling["books", "sold"].handled == 10)
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
        assert await bus.store.trim(["sold"], 0.001) == 0
        assert await Operations(bus.streams).forget("gone") == 1
        assert await bus.store.trim(["sold"], 0.001) == 9


async def _nothing(event: Event) -> None:
    pass


async def test_two_sites_do_not_share_a_prefix(server: EventServer) -> None:
    """The second site is refused and told the first one's name; with a prefix it is let in."""
    lyon = RedisStreamsBus(server.url, site="lyon")
    await lyon.start()
    await lyon.stop(timeout_s=1)
    with pytest.raises(ForeignSiteError) as refused:
        await RedisStreamsBus(server.url, site="brest").start()
    assert refused.value.facts["owner"] == "lyon"
    brest = RedisStreamsBus(f"{server.url}?prefix=brest:events:", site="brest")
    await brest.start()
    await brest.stop(timeout_s=1)


async def test_a_deadly_event_is_known_by_its_dead(server: EventServer, client: Any) -> None:
    """An event that takes its worker down each time is set aside after max_crashes."""
    bus = bus_on(server)
    calls = 0

    async def handle(event: Event) -> None:
        nonlocal calls
        calls += 1

    bus.for_module("books").on("sold", handle)
    await bus.start()
    await bus.for_module("till").emit("sold", n=1)
    client.xreadgroup("books", "died", {"events:sold": ">"})
    [(entry, _)] = client.xrange("events:sold")
    client.xclaim("events:sold", "books", "died", 0, [entry], retrycount=9, idle=60_000)
    await bus.stop(timeout_s=1)
    bus = bus_on(server)
    bus.for_module("books").on("sold", handle)
    async with consuming(bus):
        await until(lambda: client.xlen("{events:sold}:dead") == 1)
    assert calls == 0
