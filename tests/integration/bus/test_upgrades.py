"""From one generation to the next with events in flight: old and new workers side by side."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.events.contracts import Contracts
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams.operations import Operations
from recyclic.model.diagnostic import Place
from recyclic.model.package import EventContract

pytestmark = pytest.mark.anyio


class Handlers:
    """What one generation's handlers have done, by handler and number."""

    def __init__(self) -> None:
        self.done: Counter[tuple[str, int]] = Counter()

    def named(self, name: str) -> Any:
        async def handle(event: Event) -> None:
            await asyncio.sleep(0.001)
            self.done[name, event["n"]] += 1

        handle.__qualname__ = name
        return handle


def a_generation(server: EventServer, number: int, **modules: list[Any]) -> RedisStreamsBus:
    """A process of generation ``number``; each module with its handlers of ``sold``."""
    bus = bus_on(server, consumer=f"generation{number}.0.1.1")
    for module, handlers in modules.items():
        for handler in handlers:
            bus.for_module(module).on("sold", handler)
    return bus


async def test_two_generations_share_the_work(server: EventServer, client: Any) -> None:
    """While both consume, and when the old one goes, each handler that both have has each event
    once; a handler and a module that only the new one has get theirs as well."""
    seen = Handlers()
    old = a_generation(server, 1, books=[seen.named("book")])
    new = a_generation(
        server, 2, books=[seen.named("book"), seen.named("index")], stock=[seen.named("count")]
    )
    till = bus_on(server)
    await till.start()
    async with consuming(new), consuming(old):
        selling = asyncio.create_task(sell(till, range(400)))
        await until(lambda: len(seen.done) > 200)
        report = await old.stop(timeout_s=5)
        known = {n for name, n in seen.done if name == "book"}
        await selling
        await until(lambda: {("book", n) for n in range(400)} <= seen.done.keys())
        await until(lambda: {("count", n) for n in range(400)} <= seen.done.keys())
        later = {("index", n) for n in range(400) if n not in known}
        await until(lambda: later <= seen.done.keys())
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
    await till.stop(timeout_s=1)
    assert report.cut_short == 0
    assert set(seen.done.values()) == {1}


async def sell(till: RedisStreamsBus, numbers: range) -> None:
    for n in numbers:
        await till.for_module("till").emit("sold", n=n)


async def test_what_a_handler_owed_that_is_gone_is_kept(server: EventServer, client: Any) -> None:
    """The new generation lacks a handler that was to be tried again: its event becomes a dead
    letter with that reason, not nothing; back in the old generation, it can be tried again."""
    works = False

    async def notify(event: Event) -> None:
        if not works:
            raise ConnectionError("not now")
        seen.done["notify", event["n"]] += 1

    seen = Handlers()
    old = a_generation(server, 1, books=[seen.named("book"), notify])
    async with consuming(old):
        await old.for_module("till").emit("sold", n=1)
        await until(lambda: old.observer.handling["books", "sold"].failed > 0)
    new = a_generation(server, 2, books=[seen.named("book")])
    async with consuming(new):
        await until(lambda: client.xlen("{events:sold}:dead") == 1)
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
    works = True
    old = a_generation(server, 3, books=[seen.named("book"), notify])
    async with consuming(old):
        operations = Operations(old.streams)
        [letter] = [one async for one in operations.dead()]
        assert letter.about["reason"] == "no handler"
        await operations.requeue(letter)
        await until(lambda: seen.done["notify", 1] == 1)
    assert seen.done == {("book", 1): 1, ("notify", 1): 1}


def contract(version: int, *required: str) -> EventContract:
    schema = {"type": "object", "required": list(required)}
    return EventContract("sold", Place("module.toml"), version, schema)


def with_contracts(bus: RedisStreamsBus, version: int, *required: str) -> RedisStreamsBus:
    contracts = Contracts()
    contracts.add("till", [contract(version, *required)], [])
    contracts.add("books", [], [contract(version, *required)])
    bus.use_contracts(contracts)
    return bus


async def test_a_field_is_added_while_events_are_in_flight(server: EventServer) -> None:
    """A schema that asks for more: what old emitters still send, and new readers cannot read, is a
    dead letter that names the version; everything else is handled by whoever understands it."""
    seen = Handlers()
    old = with_contracts(a_generation(server, 1, books=[seen.named("book")]), 1, "n")
    await old.start()
    for n in range(5):
        await old.for_module("till").emit("sold", n=n)
    new = with_contracts(a_generation(server, 2, books=[seen.named("book")]), 2, "n", "currency")
    async with consuming(new):
        await new.for_module("till").emit("sold", n=5, currency="EUR")
        await until(lambda: seen.done["book", 5] == 1)
        counts = new.observer.handling["books", "sold"]
        await until(lambda: counts.dead == 5)
        letters = [one async for one in Operations(new.streams).dead()]
        assert all("version 1 does not fit" in one.about["detail"] for one in letters)
    task = asyncio.create_task(old.consume())
    operations = Operations(old.streams)
    for letter in letters:
        await operations.requeue(letter)
    await until(lambda: {("book", n) for n in range(5)} <= seen.done.keys())
    await old.stop(timeout_s=2)
    await task
    assert set(seen.done.values()) == {1}


async def test_a_module_added_later_chooses_where_it_starts(
    server: EventServer, client: Any
) -> None:
    """From the beginning, or from now; chosen once, whatever later generations say."""
    till = bus_on(server)
    await till.start()
    await sell(till, range(10))
    seen = Handlers()
    for generation, (first, second) in enumerate((("beginning", "now"), ("now", "beginning"))):
        bus = bus_on(server, consumer=f"generation{generation}.0.1.1")
        bus.for_module("all").on("sold", seen.named("all"), start=first)
        bus.for_module("new").on("sold", seen.named("new"), start=second)
        async with consuming(bus):
            await sell(till, range(10 + generation, 11 + generation))
            wanted = {("all", n) for n in range(11 + generation)}
            wanted |= {("new", n) for n in range(10, 11 + generation)}
            await until(lambda wanted=wanted: wanted <= seen.done.keys())  # type: ignore[misc]
    await till.stop(timeout_s=1)
    assert seen.done.keys() == wanted
    assert set(seen.done.values()) == {1}
