"""The bus against a model: emit, handle, fail, crash, take over, trim, add a module, replay.

Workers are not run: their steps are taken one at a time, on a real server, in any order hypothesis
likes, and after each the server must hold exactly what the model says.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.fakes.event_servers import VALKEY, running

from recyclic.events.delivery import Fate
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.store import Death, Delivery, HandlerFate, Settlement
from recyclic.events.streams.membership import StreamMembership
from recyclic.events.streams.operations import Operations

T = TypeVar("T")
MODULES = ("books", "stock", "mailer")
WORKERS = ("one.0.1.1", "two.0.1.1")


class BusMachine(RuleBasedStateMachine):
    """``owed`` is the model: what each module has not finished. None of it may be missing."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.running = running(VALKEY, Path(self.folder.name), appendfsync="no")
        self.server = self.running.__enter__()
        self.client: Any = redis.Redis(port=self.server.port, decode_responses=True)
        self.owed: dict[str, set[str]] = {}
        self.done: dict[str, set[str]] = {}
        self.dead = 0
        self.in_hand: dict[tuple[str, str], dict[str, Delivery]] = {}
        self.members: dict[tuple[str, str], StreamMembership] = {}
        self.buses: dict[str, RedisStreamsBus] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        for worker in WORKERS:
            bus = RedisStreamsBus(
                self.server.url, site="t", consumer=worker, settings=BusSettings(lease_s=0.001)
            )
            self.run(bus.start())
            self.buses[worker] = bus
        self.join_module("books")

    def join_module(self, module: str) -> None:
        for worker, bus in self.buses.items():
            member = bus.streams.membership(module, lambda _: None)
            self.run(member.join({"sold": "beginning"}, {}))
            self.members[module, worker] = member
            self.in_hand[module, worker] = {}
        self.owed[module] = {entry for entry, _ in self.client.xrange("events:sold")}
        self.done[module] = set()

    @rule()
    def emit(self) -> None:
        bus = self.buses[WORKERS[0]]
        self.run(bus.for_module("till").emit("sold", n=1))
        [(entry, _)] = self.client.xrevrange("events:sold", count=1)
        for owed in self.owed.values():
            owed.add(entry)

    @precondition(lambda self: len(self.owed) < len(MODULES))
    @rule()
    def add_module(self) -> None:
        self.join_module(MODULES[len(self.owed)])

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        module, worker = self.one_member(data)
        reply = self.client.xreadgroup(module, worker, {"events:sold": ">"}, count=2)
        for _, entries in reply or []:
            for entry, _ in entries:
                self.take(module, worker, Delivery("sold", entry, {}, 0.0))

    @rule(data=st.data())
    def sweep(self, data: st.DataObject) -> None:
        """Takes retries that are due, and everything of the other worker: the lease is nothing."""
        module, worker = self.one_member(data)
        swept = self.run(self.members[module, worker].sweep(5))
        assert not swept.ghosts
        for delivery in swept.deliveries:
            self.take(module, worker, delivery)

    def take(self, module: str, worker: str, delivery: Delivery) -> None:
        for other in WORKERS:
            self.in_hand[module, other].pop(delivery.id, None)
        self.in_hand[module, worker][delivery.id] = delivery

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is None:
            return
        self.run(self.finished(self.members[place], delivery))
        self.settle(place, delivery)

    async def finished(self, member: StreamMembership, delivery: Delivery) -> None:
        member.done(delivery)
        member.flush()
        await asyncio.wait_for(asyncio.gather(*member._flushes), 5)

    @rule(data=st.data(), delay=st.sampled_from([0, 60_000]))
    def fail(self, data: st.DataObject, delay: int) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            fates = {"h": HandlerFate(Fate.RETRY, 1)}
            assert self.run(self.members[place].settle(delivery, Settlement(fates, delay)))
            del self.in_hand[place][delivery.id]

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            settlement = Settlement({}, None, [Death("h", "why", "", 1)])
            assert self.run(self.members[place].settle(delivery, settlement))
            self.dead += 1
            self.settle(place, delivery)

    def settle(self, place: tuple[str, str], delivery: Delivery) -> None:
        module = place[0]
        self.owed[module].discard(delivery.id)
        self.done[module].add(delivery.id)
        del self.in_hand[place][delivery.id]

    @rule(data=st.data())
    def hand_back(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            assert self.run(self.members[place].hand_back([delivery])) == 1
            del self.in_hand[place][delivery.id]

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The worker forgets what it had; the server does not."""
        self.in_hand[self.one_member(data)].clear()

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        module, _ = self.one_member(data)
        operations = Operations(self.buses[WORKERS[0]].streams)
        self.run(operations.replay("sold", module, 0, 2**50, dry_run=False))
        kept = {entry for entry, _ in self.client.xrange("events:sold")}
        again = self.done[module] & kept
        self.owed[module] |= again
        self.done[module] -= again

    @rule()
    def trim(self) -> None:
        self.run(self.buses[WORKERS[0]].store.trim(["sold"], 0.001))

    def one_member(self, data: st.DataObject) -> tuple[str, str]:
        return data.draw(st.sampled_from(sorted(self.members)))

    def one_in_hand(self, data: st.DataObject) -> tuple[tuple[str, str], Delivery | None]:
        held = [(place, one) for place, hand in sorted(self.in_hand.items()) for one in hand]
        if not held:
            return (MODULES[0], WORKERS[0]), None
        place, entry = data.draw(st.sampled_from(held))
        return place, self.in_hand[place][entry]

    @invariant()
    def nothing_owed_is_missing(self) -> None:
        kept = {entry for entry, _ in self.client.xrange("events:sold")} if self.owed else set()
        for module, owed in self.owed.items():
            assert owed <= kept
            pending = {
                one["message_id"]
                for one in self.client.xpending_range("events:sold", module, "-", "+", 1000)
            }
            [last] = [
                one["last-delivered-id"]
                for one in self.client.xinfo_groups("events:sold")
                if one["name"] == module
            ]
            undelivered = {entry for entry, _ in self.client.xrange("events:sold", f"({last}", "+")}
            assert pending | undelivered == owed
        if self.owed:
            assert self.client.xlen("{events:sold}:dead") == self.dead

    def teardown(self) -> None:
        for bus in self.buses.values():
            self.run(bus.stop(timeout_s=1))
        self.client.close()
        self.loop.close()
        self.running.__exit__(None, None, None)
        self.folder.cleanup()


TestBusMachine = BusMachine.TestCase
TestBusMachine.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
