"""The bus against a model: emit, handle, fail, crash, take over, trim, add a module, replay.

Workers are not run: their steps are taken one at a time, on a real server, in any order hypothesis
likes, and after each the server must hold exactly what the model says.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import redis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.fakes.event_servers import VALKEY, running
from tests.property.effort import law

from recyclic.events.delivery import Fate
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.store import Death, Delivery, HandlerFate, Settlement
from recyclic.events.streams.membership import StreamMembership
from recyclic.events.streams.operations import Operations

T = TypeVar("T")
MODULES = ("books", "stock", "mailer")
WORKERS = ("one.0.1.1", "two.0.1.1")


WANTED = frozenset(
    {
        "read", "read while others wait", "a retry taken", "taken over from a dead worker",
        "finished", "finished by the second worker", "failed", "given up", "handed back",
        "crashed with something in hand", "replayed", "trimmed", "trimmed around what is owed",
        "a module added to a history",
    }
)  # fmt: skip
"""What the machine has to come to, or it proves nothing about it."""
REACHED: Counter[str] = Counter()


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

    @initialize(history=st.integers(0, 5))
    def begin(self, history: int) -> None:
        for worker in WORKERS:
            bus = RedisStreamsBus(
                self.server.url, site="t", consumer=worker, settings=BusSettings(lease_s=0.001)
            )
            self.run(bus.start())
            self.buses[worker] = bus
        if history:
            self.emit(history)
        self.join_module("books")

    def join_module(self, module: str) -> None:
        REACHED["a module added to a history"] += self.client.xlen("events:sold") > 0
        for worker, bus in self.buses.items():
            member = bus.streams.membership(module, lambda _event, _ids: None)
            self.run(member.join({"sold": "beginning"}, {}))
            self.members[module, worker] = member
            self.in_hand[module, worker] = {}
        self.owed[module] = {entry for entry, _ in self.client.xrange("events:sold")}
        self.done[module] = set()

    @rule(count=st.integers(1, 4))
    def emit(self, count: int) -> None:
        bus = self.buses[WORKERS[0]]
        for n in range(count):
            self.run(bus.for_module("till").emit("sold", n=n))
        for entry, _ in self.client.xrevrange("events:sold", count=count):
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
                REACHED["read"] += 1
                REACHED["read while others wait"] += any(self.in_hand.values())
                self.take(module, worker, Delivery("sold", entry, {}, 0.0))

    @rule(data=st.data())
    def sweep(self, data: st.DataObject) -> None:
        """Takes retries that are due, and everything of the other worker: the lease is nothing."""
        module, worker = self.one_member(data)
        swept = self.run(self.members[module, worker].sweep(5))
        assert not swept.ghosts
        for delivery in swept.deliveries:
            REACHED["a retry taken"] += bool(delivery.fates)
            REACHED["taken over from a dead worker"] += delivery.crashes > 0
            self.take(module, worker, delivery)

    def take(self, module: str, worker: str, delivery: Delivery) -> None:
        for other in WORKERS:
            self.in_hand[module, other].pop(delivery.id, None)
        self.in_hand[module, worker][delivery.id] = delivery

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is None:
            return
        self.run(self.finished(self.members[place], delivery))
        REACHED["finished"] += 1
        REACHED["finished by the second worker"] += place[1] == WORKERS[1]
        self.settle(place, delivery)

    @precondition(lambda self: any(self.in_hand.values()))
    @rule()
    def finish_everything(self) -> None:
        for place, hand in sorted(self.in_hand.items()):
            for delivery in list(hand.values()):
                self.run(self.finished(self.members[place], delivery))
                self.settle(place, delivery)
        self.trim()

    async def finished(self, member: StreamMembership, delivery: Delivery) -> None:
        member.done(delivery)
        async with asyncio.timeout(5):
            await member._acknowledgements.finish()

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data(), delay=st.sampled_from([0, 60_000]))
    def fail(self, data: st.DataObject, delay: int) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            fates = {"h": HandlerFate(Fate.RETRY, 1)}
            assert self.run(self.members[place].settle(delivery, Settlement(fates, delay)))
            REACHED["failed"] += 1
            del self.in_hand[place][delivery.id]

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            settlement = Settlement({}, None, [Death("h", "why", "", 1)])
            assert self.run(self.members[place].settle(delivery, settlement))
            self.dead += 1
            REACHED["given up"] += 1
            self.settle(place, delivery)

    def settle(self, place: tuple[str, str], delivery: Delivery) -> None:
        module = place[0]
        self.owed[module].discard(delivery.id)
        self.done[module].add(delivery.id)
        del self.in_hand[place][delivery.id]

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data())
    def hand_back(self, data: st.DataObject) -> None:
        place, delivery = self.one_in_hand(data)
        if delivery is not None:
            assert self.run(self.members[place].hand_back([delivery])) == 1
            REACHED["handed back"] += 1
            del self.in_hand[place][delivery.id]

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The worker forgets what it had; the server does not."""
        hand = self.in_hand[self.one_member(data)]
        REACHED["crashed with something in hand"] += bool(hand)
        hand.clear()

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        module, _ = self.one_member(data)
        operations = Operations(self.buses[WORKERS[0]].streams)
        self.run(operations.replay("sold", module, 0, 2**50, dry_run=False))
        kept = {entry for entry, _ in self.client.xrange("events:sold")}
        again = self.done[module] & kept
        REACHED["replayed"] += bool(again)
        self.owed[module] |= again
        self.done[module] -= again

    @rule()
    def trim(self) -> None:
        removed = self.run(self.buses[WORKERS[0]].store.trim(["sold"], 0.001))
        REACHED["trimmed"] += removed > 0
        REACHED["trimmed around what is owed"] += removed > 0 and any(self.owed.values())

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


def test_the_server_holds_what_the_model_says() -> None:
    """After every step, whatever the steps were; and the steps did come to what matters.

    What the server does depends on its clock too, so a short run may miss something: then a
    longer one has to come to it.
    """
    for examples in (law.max_examples // 4, law.max_examples):
        steps = settings(law, max_examples=examples, stateful_step_count=50)
        run_state_machine_as_test(BusMachine, settings=steps)
        if all(REACHED[one] for one in WANTED):
            break
    assert sorted(one for one in WANTED if not REACHED[one]) == []
