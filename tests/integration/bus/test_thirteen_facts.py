"""What real servers do, found by experiment, and what the bus makes of each: thirteen facts.

Each test first shows the trap on the plain server where it can, then that the bus does not fall
into it. On Redis and on Valkey.
"""

import asyncio
import json
from collections import Counter
from functools import partial
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer, ServerKind, running
from tests.fakes.holding_proxy import HoldingProxy
from tests.integration.bus.conftest import QUICK, bus_on, consuming, until

from recyclic.events.bus import Durability
from recyclic.events.errors import BusSettingsError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import SiteBus

pytestmark = pytest.mark.anyio
Client = Any


def longer(numbers: list[int], than: int) -> bool:
    return len(numbers) > than


def idle(bus: SiteBus) -> bool:
    """Whether it has nothing in hand."""
    return not any(bus.health().in_hand.values())


class Seen:
    """Counts what a handler was given, by a field of the payload."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    async def handle(self, event: Event) -> None:
        self.counts[event["n"]] += 1


async def test_01_trimming_spares_what_a_group_has_not_handled(
    server: EventServer, client: Client
) -> None:
    """MAXLEN destroys unread entries without a word; our trim removes only what all handled."""
    slow, quick = bus_on(server), bus_on(server)
    seen, late = Seen(), Seen()
    slow.for_module("slow").on("sold", late.handle)
    await slow.start()
    await slow.stop(timeout_s=1)
    quick.for_module("quick").on("sold", seen.handle)
    async with consuming(quick):
        for n in range(200):
            await quick.for_module("quick").emit("sold", n=n)
        await until(lambda: len(seen.counts) == 200)
        assert await quick.store.trim(["sold"], retention_s=0.001) == 0
        assert client.xlen("events:sold") == 200
        slow = bus_on(server)
        slow.for_module("slow").on("sold", late.handle)
        async with consuming(slow):
            await until(lambda: len(late.counts) == 200)
            await until(lambda: client.xpending("events:sold", "slow")["pending"] == 0)
            removed = await quick.store.trim(["sold"], retention_s=0.001)
    assert removed >= 199
    assert set(late.counts.values()) == {1}


async def test_02_destroyed_bodies_are_reported_never_acknowledged_in_silence(
    server: EventServer, client: Client
) -> None:
    """Entries deleted under us stay pending as ghosts: each one is counted as a loss."""
    bus = bus_on(server)
    seen = Seen()
    bus.for_module("books").on("sold", seen.handle)
    await bus.start()
    await bus.stop(timeout_s=1)
    for n in range(200):
        client.xadd(
            "events:sold", {"id": f"{n:032x}", "from": "t", "at": "1", "data": f'{{"n":{n}}}'}
        )
    client.xreadgroup("books", "gone", {"events:sold": ">"}, count=200)
    client.xtrim("events:sold", maxlen=50, approximate=False)
    bus = bus_on(server)
    bus.for_module("books").on("sold", seen.handle)
    async with consuming(bus):
        await until(lambda: len(seen.counts) == 50)
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
    assert bus.observer.handling["books", "sold"].lost == 150


async def test_03_lag_is_right_where_the_server_does_not_know_it(
    server: EventServer, client: Client
) -> None:
    """After a deletion XINFO's lag is unknown: it is then counted."""
    from recyclic.events.streams.inspect import Inspector

    bus = bus_on(server)
    bus.for_module("books").on("sold", Seen().handle)
    await bus.start()
    for n in range(10):
        await bus.for_module("till").emit("sold", n=n)
    ids = [entry for entry, _ in client.xrange("events:sold")]
    client.xreadgroup("books", "c", {"events:sold": ">"}, count=3)
    client.xdel("events:sold", ids[6])
    assert client.xinfo_groups("events:sold")[0]["lag"] is None
    [group] = await Inspector(bus.streams).groups()
    await bus.stop(timeout_s=1)
    assert (group.lag, group.pending) == (6, 3)


async def test_04_server_killed_under_a_blocked_read(server: EventServer, client: Client) -> None:
    """The reader comes back by itself, and nothing is handled twice or lost."""
    bus = bus_on(server)
    seen = Seen()
    bus.for_module("books").on("sold", seen.handle)
    async with consuming(bus):
        await bus.for_module("till").emit("sold", n=1)
        await until(lambda: seen.counts[1])
        server.kill()
        await asyncio.sleep(0.3)
        server.start()
        await bus.for_module("till").emit("sold", n=2)
        await until(lambda: seen.counts[2])
    assert seen.counts == {1: 1, 2: 1}


async def test_04b_a_resent_emit_leaves_one_copy(server: EventServer, client: Client) -> None:
    """The connection ends while the server stands still with the command unread: after the server
    goes on, the event is there once."""
    bus = bus_on(server)
    till = bus.for_module("till")
    await bus.start()
    await till.emit("sold", n=0)
    server.pause()
    # More than the server reads in one go: it will still be at it when the bus asks what is there.
    large = "x" * 100_000
    emits = [asyncio.create_task(till.emit("sold", n=n, large=large)) for n in range(1, 40)]
    keyed = [asyncio.create_task(till.emit("sold", key="k", n=n)) for n in range(40, 50)]
    await asyncio.sleep(0.2)
    bus.streams.router.link("events:sold").drop("cut by the test")
    await asyncio.sleep(0.2)
    server.resume()
    ids = await asyncio.gather(*emits, *keyed)
    await bus.stop(timeout_s=1)
    stored = [fields["id"] for _, fields in client.xrange("events:sold")][1:]
    assert sorted(stored) == sorted(ids)


async def test_04c_a_command_that_arrives_late_is_not_done_any_more(
    server: EventServer, client: Client
) -> None:
    """The network delivers the first copy after the second was stored: it finds its connection
    closed by the server, at the bus's own request."""
    proxy = HoldingProxy(server.port)
    bus = RedisStreamsBus(f"redis://127.0.0.1:{await proxy.start()}", site="test", settings=QUICK)
    await bus.start()
    proxy.holding = True
    emitting = asyncio.create_task(bus.for_module("till").emit("sold", n=1))
    await until(lambda: proxy.held)
    proxy.holding = False
    bus.streams.router.link("events:sold").drop("cut by the test")
    sent = await emitting
    await proxy.release()
    await bus.for_module("till").emit("other")
    await asyncio.sleep(0.2)
    await bus.stop(timeout_s=1)
    await proxy.stop()
    assert [fields["id"] for _, fields in client.xrange("events:sold")] == [sent]


async def test_05_a_level_is_promised_only_where_the_server_keeps_it(
    kind: ServerKind, tmp_path: Any
) -> None:
    """everysec acknowledges before it writes: told as a warning, refused for fsync."""
    with running(kind, tmp_path / "lazy", appendfsync="everysec") as server:
        bus = bus_on(server, BusSettings(durability=Durability.LOG))
        await bus.start()
        codes = [code for code, _ in bus.health().warnings]
        await bus.for_module("till").emit("sold", n=1)
        await bus.stop(timeout_s=1)
        # Valkey can be asked to answer after its log is written; Redis 7.0 cannot.
        assert codes == (["RCY-B023"] if kind.name == "redis" else [])
        with pytest.raises(BusSettingsError) as refused:
            await bus_on(server, BusSettings(durability=Durability.FSYNC)).start()
        assert refused.value.facts["setting"] == "appendfsync"


async def test_05b_acknowledged_events_survive_a_killed_server(
    server: EventServer, client: Client
) -> None:
    """With appendfsync always, kill -9 under load loses no event that emit returned for."""
    bus = bus_on(server)
    till = bus.for_module("till")
    await bus.start()
    returned: list[str] = []

    async def sell() -> None:
        for n in range(100):
            event_id = await till.emit("sold", n=n)
            returned.append(event_id)

    selling = [asyncio.create_task(sell()) for _ in range(10)]
    await until(lambda: len(returned) > 200)
    server.kill()
    server.start()
    await asyncio.gather(*selling)
    await bus.stop(timeout_s=1)
    stored = Counter(fields["id"] for _, fields in client.xrange("events:sold"))
    assert stored == Counter(returned)


async def test_06_a_flushed_server_gets_its_groups_back_from_the_start(
    server: EventServer, client: Client
) -> None:
    """After FLUSHALL, DEL or XGROUP DESTROY the group is made again at 0, so what was emitted
    before anyone noticed is handled."""
    bus = bus_on(server)
    seen = Seen()
    bus.for_module("books").on("sold", seen.handle)
    async with consuming(bus):
        till = bus.for_module("till")
        await till.emit("sold", n=0)
        await until(lambda: seen.counts[0])
        destructions = (
            ("FLUSHALL",),
            ("DEL", "events:sold"),
            ("XGROUP", "DESTROY", "events:sold", "books"),
        )
        for n, command in enumerate(destructions, start=1):
            client.execute_command(*command)
            await till.emit("sold", n=n)
            await until(partial(seen.counts.get, n))


async def test_07_stopping_under_traffic_strands_nothing(
    server: EventServer, client: Client
) -> None:
    """A cancelled read loses what was just delivered; an unblocked one does not."""
    seen = Seen()
    emitter = bus_on(server)
    await emitter.start()

    async def sell() -> None:
        for n in range(600):
            await emitter.for_module("till").emit("sold", n=n)

    selling = asyncio.create_task(sell())
    for _ in range(8):
        bus = bus_on(server)
        bus.for_module("books").on("sold", seen.handle)
        async with consuming(bus):
            await asyncio.sleep(0.05)
        left = client.xpending_range("events:sold", "books", "-", "+", 1000)
        assert {one["consumer"] for one in left} <= {"waiting"}
    await selling
    bus = bus_on(server)
    bus.for_module("books").on("sold", seen.handle)
    async with consuming(bus):
        await until(lambda: len(seen.counts) == 600)
    await emitter.stop(timeout_s=1)
    assert set(seen.counts.values()) == {1}


async def test_08_a_slow_handler_is_not_stolen(server: EventServer, client: Client) -> None:
    """It runs for three leases beside an idle worker: once, as its lease is renewed."""
    calls = 0

    async def slow(event: Event) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(3.0)

    first, second = bus_on(server), bus_on(server, consumer="elsewhere.1.1.1")
    for bus in (first, second):
        bus.for_module("books").on("sold", slow)
    async with consuming(first), consuming(second):
        await first.for_module("till").emit("sold", n=1)
        await until(lambda: first.observer.handling["books", "sold"].handled
                    + second.observer.handling["books", "sold"].handled)  # fmt: skip
        await until(lambda: client.xpending("events:sold", "books")["pending"] == 0)
    assert calls == 1
    assert client.xinfo_groups("events:sold")[0]["pending"] == 0


async def test_08b_the_backoff_is_kept_on_the_server(server: EventServer, client: Client) -> None:
    """A retry that is due in a minute is still due after all workers ended; the count goes on."""
    attempts: list[int] = []

    async def fail(event: Event) -> None:
        attempts.append(event.attempt)
        if event.attempt < 3:
            raise ConnectionError("Paheko is down")

    for _ in range(3):
        bus = bus_on(server)
        bus.for_module("books").on("sold", fail, backoff_s=0.4)
        count = len(attempts)
        async with consuming(bus):
            if not attempts:
                await bus.for_module("till").emit("sold", n=1)
            await until(partial(longer, attempts, count))
            await until(partial(idle, bus))
    assert attempts == [1, 2, 3]
    assert client.xpending("events:sold", "books")["pending"] == 0


async def test_09_a_dead_letter_and_its_acknowledgement_are_one_step(
    server: EventServer, client: Client
) -> None:
    """Two workers that both believe to own an entry write one dead letter."""
    from recyclic.events.delivery import Fate
    from recyclic.events.store import Death, Delivery, HandlerFate, Settlement

    old, new = bus_on(server, consumer="old"), bus_on(server, consumer="new")
    for bus in (old, new):
        bus.for_module("books").on("sold", Seen().handle)
        await bus.start()
    await old.for_module("till").emit("sold", n=1)
    client.xreadgroup("books", "old", {"events:sold": ">"})
    [entry] = [one for one, _ in client.xrange("events:sold")]
    client.xclaim("events:sold", "books", "new", 0, [entry])
    died = Settlement({"h": HandlerFate(Fate.DEAD, 6)}, None, [Death("h", "down", "", 6)])
    results = []
    for bus in (old, new, old):
        membership = bus._workers["books"]._membership
        results.append(await membership.settle(Delivery("sold", entry, {}, 0.0), died))
    for bus in (old, new):
        await bus.stop(timeout_s=1)
    assert results == [False, True, False]
    [(_, letter)] = client.xrange("{events:sold}:dead")
    assert (letter["module"], letter["handler"], letter["reason"]) == ("books", "h", "down")
    assert json.loads(letter["data"]) == {"n": 1}


async def test_09b_an_evicting_server_is_refused(kind: ServerKind, tmp_path: Any) -> None:
    """allkeys-lru throws away a stream with its groups."""
    lru = running(kind, tmp_path / "lru", maxmemory_policy="allkeys-lru")
    with lru as server, pytest.raises(BusSettingsError) as refused:
        await bus_on(server).start()
    assert refused.value.facts["value"] == "allkeys-lru"


async def test_09c_dead_letters_are_written_on_a_full_server(
    server: EventServer, client: Client
) -> None:
    """At maxmemory nothing new gets in, but what is there can be settled."""
    bus = bus_on(server)

    async def fail(event: Event) -> None:
        raise ValueError("never")

    bus.for_module("books").on("sold", fail, max_attempts=2)
    await bus.start()
    await bus.for_module("till").emit("sold", n=1)
    client.config_set("maxmemory", "1mb")
    task = asyncio.create_task(bus.consume())
    await until(lambda: client.xlen("{events:sold}:dead") == 1)
    await bus.stop(timeout_s=2)
    await task
    assert client.xpending("events:sold", "books")["pending"] == 0


async def test_10_a_consumer_with_pending_entries_is_never_deleted(
    server: EventServer, client: Client
) -> None:
    """Deleting it would lose them: it goes only once it owns nothing."""
    bus = bus_on(server, consumer="me.1.1.1")
    bus.for_module("books").on("sold", Seen().handle)
    await bus.start()
    await bus.for_module("till").emit("sold", n=1)
    client.xreadgroup("books", "me.1.1.1", {"events:sold": ">"})
    keys = ["events:sold"]
    assert await bus.streams.router.run("leave", keys, ["books", "me.1.1.1"]) == 0
    await bus.stop(timeout_s=1)
    [group] = client.xinfo_groups("events:sold")
    names = [one["name"] for one in client.xinfo_consumers("events:sold", "books")]
    assert group["pending"] == 1
    assert names == ["waiting"]


async def test_11_random_work_and_trims_lose_nothing(server: EventServer, client: Client) -> None:
    """Three modules at their own pace, with trims all the time: each handles every event."""
    seen = {name: Seen() for name in ("a", "b", "c")}
    bus = bus_on(server)

    def paced(name: str, pause_s: float) -> Any:
        async def handle(event: Event) -> None:
            await asyncio.sleep(pause_s)
            await seen[name].handle(event)

        return handle

    for name, pause_s in (("a", 0), ("b", 0.001), ("c", 0.01)):
        bus.for_module(name).on("sold", paced(name, pause_s))
    removed = 0
    async with consuming(bus):
        for n in range(1500):
            await bus.for_module("till").emit("sold", n=n)
            if n % 25 == 0:
                removed += await bus.store.trim(["sold"], retention_s=0.001)
        await until(lambda: all(len(one.counts) == 1500 for one in seen.values()))
    assert removed > 0
    assert all(set(one.counts.values()) == {1} for one in seen.values())


async def test_12_one_read_serves_many_events(server: EventServer, client: Client) -> None:
    """A module on fifty events holds one connection for them, and hears each."""
    bus = bus_on(server)
    seen = Seen()
    for n in range(50):
        bus.for_module("books").on(f"event_{n}", seen.handle)
    async with consuming(bus):
        for n in range(50):
            await bus.for_module("till").emit(f"event_{n}", n=n)
        await until(lambda: len(seen.counts) == 50)
        ours = [one for one in client.client_list() if one["name"] == "recyclic"]
    assert len(ours) == 2


async def test_13_only_commands_that_every_supported_server_has(
    server: EventServer, client: Client
) -> None:
    """The bus needs nothing newer than Redis 7.0: what it called is counted by the server."""
    bus = bus_on(server)
    fails = 0

    async def flaky(event: Event) -> None:
        nonlocal fails
        fails += 1
        if fails == 1:
            raise ValueError("once")

    bus.for_module("books").on("sold", flaky)
    async with consuming(bus):
        await bus.for_module("till").emit("sold", key="k", n=1)
        await until(lambda: bus.observer.handling["books", "sold"].handled)
        await bus.store.trim(["sold"], retention_s=1)
    used = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    newer = {"xackdel", "xdelex", "xnack", "xcfgset", "waitaof"}
    assert not used & newer
    assert {"xreadgroup", "evalsha"} <= used
