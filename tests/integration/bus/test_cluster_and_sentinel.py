"""A failover under load: every event that emit returned for is handled by every module."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.event_clusters import EventCluster, cluster, watched
from tests.fakes.event_servers import REDIS, VALKEY, EventServer
from tests.integration.bus.conftest import consuming, until

from recyclic.events.errors import BusSettingsError, EmitError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.streams.cluster import slot_of

pytestmark = pytest.mark.anyio
KIND = REDIS if REDIS.binary is not None else VALKEY
"""One kind is enough: how nodes hand over is the same for both."""
SAFE = BusSettings(lease_s=1.0, sweep_s=0.1, backoff_base_s=0.05, replicas=1)
"""With WAIT for one replica: what a master had acknowledged is then at its successor."""
EVENTS = ("sold", "session_closed", "deposit_recorded")


class Books:
    """Handles and counts."""

    def __init__(self, bus: RedisStreamsBus) -> None:
        self.counts: Counter[tuple[str, int]] = Counter()
        for event in EVENTS:
            bus.for_module("books").on(event, self.handle)

    async def handle(self, event: Event) -> None:
        self.counts[event.name, event["n"]] += 1


class Till:
    """Emits with a replica's confirmation, until the replica is the master and nobody is left to
    confirm; then without."""

    def __init__(self, url: str) -> None:
        self._safe = RedisStreamsBus(url, site="test", settings=SAFE)
        self._plain = RedisStreamsBus(url, site="test", settings=replace(SAFE, replicas=0))
        self.returned: set[tuple[str, int]] = set()

    async def emit(self, numbers: range) -> None:
        """Each number as each event, a little apart, half of them in order of a key."""
        await self._safe.start()
        await self._plain.start()
        bus = self._safe
        for n, event in ((n, event) for n in numbers for event in EVENTS):
            key = f"k{n % 5}" if n % 2 else None
            try:
                await bus.for_module("till").emit(event, n=n, key=key)
            except EmitError:
                bus = self._plain
                await bus.for_module("till").emit(event, n=n, key=key)
            self.returned.add((event, n))
            await asyncio.sleep(0.002)
        await self._safe.stop(timeout_s=1)
        await self._plain.stop(timeout_s=1)


def test_slots_are_those_of_the_cluster() -> None:
    """Known values of the specification, and braces count alone."""
    assert slot_of("123456789") == 12739
    assert slot_of("foo") == 12182
    assert slot_of("{events:sold}:dead") == slot_of("events:sold")
    assert slot_of("{}x") == slot_of("{}x") != slot_of("")


async def test_a_cluster_with_a_killed_master(tmp_path: Path) -> None:
    """The node that holds an event's stream dies under load; its replica takes over. A page goes on
    hearing notices from there, and of a slot that has moved."""
    with cluster(KIND, tmp_path) as nodes:
        await weak_nodes_are_noticed(nodes)
        async with noticing(nodes.url) as (tell, told):
            for channel in CHANNELS:
                await told(channel, await tell(channel))
            moved = f"events:.ephemeral.{CHANNELS[0]}"
            assert moved.encode() in master_of(nodes, moved).ask("PUBSUB", "SHARDCHANNELS")
            move(nodes, slot_of(moved))
            await told(CHANNELS[0], await tell(CHANNELS[0]))
            nodes.replica_of(master_of(nodes, "events:sold").port).ask(*EVICTING)
            codes = await loses_nothing(nodes.url, lambda: master_of(nodes, "events:sold").kill())
            assert codes == ["RCY-B002"], "the new master is looked at, and not refused"
            for channel in CHANNELS:
                await told(channel, await tell(channel))


async def weak_nodes_are_noticed(nodes: EventCluster) -> None:
    """What one node does not keep is not kept, whichever node it is."""
    for node in nodes.nodes[:3]:
        bus = RedisStreamsBus(nodes.url, site="test", settings=SAFE)
        assert node.ask("CONFIG", "SET", "appendonly", "no") == b"+OK\r\n"
        await bus.start()
        assert "RCY-B022" in {code for code, _ in bus.health().warnings}
        await bus.stop(timeout_s=1)
        assert node.ask("CONFIG", "SET", "appendonly", "yes") == b"+OK\r\n"
        node.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        with pytest.raises(BusSettingsError):
            await RedisStreamsBus(nodes.url, site="test", settings=SAFE).start()
        node.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")


async def test_sentinels_name_the_new_master(tmp_path: Path) -> None:
    """The master dies under load; the bus finds the next one by itself."""
    with watched(KIND, tmp_path) as servers:
        servers.replica.ask(*EVICTING)
        assert await loses_nothing(servers.url, servers.master.kill) == ["RCY-B002"]


EVICTING = ("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")


async def loses_nothing(url: str, kill: Callable[[], None]) -> list[str]:
    """Emit and handle, kill in the middle, and compare; the bus's warnings after it."""
    bus, till = RedisStreamsBus(url, site="test", settings=replace(SAFE, replicas=0)), Till(url)
    books = Books(bus)
    async with consuming(bus):
        before = [code for code, _ in bus.health().warnings]
        emitting = asyncio.create_task(till.emit(range(150)))
        await until(lambda: len(till.returned) > 150)
        kill()
        await emitting
        await until(lambda: set(books.counts) >= till.returned, 30)
        await until(lambda: len(bus.health().warnings) > len(before))
        codes = [code for code, _ in bus.health().warnings if code not in before]
    assert set(books.counts) == till.returned == {(one, n) for one in EVENTS for n in range(150)}
    return codes


CHANNELS = ("progress", "shop", "queue")
"""One on each of the three nodes."""


@asynccontextmanager
async def noticing(url: str) -> AsyncIterator[tuple[Any, Any]]:
    """A page that listens to CHANNELS; what tells one of them something, and what waits until the
    page was told that or, as its last word, something later."""
    assert len({slot_of(f"events:.ephemeral.{one}") // 5462 for one in CHANNELS}) == 3
    bus, speaker = (RedisStreamsBus(url, site="test", settings=SAFE) for _ in range(2))
    await bus.start()
    await speaker.start()
    seen = dict.fromkeys(CHANNELS, -1)
    numbers = count()

    async def listen() -> None:
        async for notice in bus.listen(*CHANNELS, latest=True):
            seen[notice.channel] = notice.payload["n"]

    async def tell(channel: str) -> int:
        while True:
            n = next(numbers)
            try:
                await speaker.for_module("till").emit_ephemeral(channel, n=n)
            except EmitError:
                await asyncio.sleep(0.05)
                continue
            return n

    async def told(channel: str, n: int) -> None:
        await until(lambda: seen[channel] >= n)

    page = asyncio.create_task(listen())
    try:
        yield tell, told
    finally:
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        await bus.stop(timeout_s=1)
        await speaker.stop(timeout_s=1)


def move(nodes: EventCluster, slot: int) -> None:
    """Give an empty slot of one master to the next one."""
    masters = nodes.nodes[:3]
    ids = [node.ask("CLUSTER", "MYID").split(b"\r\n")[1].decode() for node in masters]
    source = 0 if slot < 5461 else 1 if slot < 10923 else 2
    target = (source + 1) % 3
    masters[target].ask("CLUSTER", "SETSLOT", str(slot), "IMPORTING", ids[source])
    masters[source].ask("CLUSTER", "SETSLOT", str(slot), "MIGRATING", ids[target])
    for number in (target, source, 3 - target - source):
        answer = masters[number].ask("CLUSTER", "SETSLOT", str(slot), "NODE", ids[target])
        assert answer == b"+OK\r\n", answer


def master_of(nodes: EventCluster, key: str) -> EventServer:
    slot = slot_of(key)
    return nodes.nodes[0 if slot < 5461 else 1 if slot < 10923 else 2]
