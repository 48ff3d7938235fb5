# ruff: noqa: ARG002 - memory has no use for some of what a store is told
"""The bus within one process: for the unit tests of modules, with the behaviour of the real one.

Everything but the storing is the same code: handlers, retries, dead letters, order by key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recyclic.events.bus import Durability
from recyclic.events.codec import Message
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import SiteBus
from recyclic.events.store import (
    HOLD,
    Batch,
    Death,
    Delivery,
    HandlerFate,
    OnDone,
    Settlement,
    Swept,
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that one handler of one module gave up."""

    event: str
    event_id: str
    module: str
    handler: str
    reason: str
    detail: str
    attempts: int


@dataclass(slots=True)
class _Log:
    """One event's entries, in order. Ids are numbers; entry ``n`` stands at ``n - 1``."""

    entries: list[dict[bytes, bytes]] = field(default_factory=list)
    last_by_key: dict[str, int] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    grown: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class _Group:
    """One module on one event: how far it has read, and what is not finished."""

    position: int = 0
    pending: dict[str, Delivery] = field(default_factory=dict)
    fates: dict[str, Mapping[str, HandlerFate]] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """Keeps events as long as the process lives."""

    def __init__(self) -> None:
        self.dead: list[DeadLetter] = []
        self.published: list[tuple[str, bytes]] = []
        self._listeners: dict[str, list[Callable[[bytes], None]]] = {}
        self._logs: dict[str, _Log] = {}
        self._groups: dict[tuple[str, str], _Group] = {}

    @property
    def connected(self) -> bool:
        return True

    async def open(self) -> Sequence[Any]:
        return ()

    async def close(self) -> None:
        return None

    def log(self, event: str) -> _Log:
        """The log of one event."""
        return self._logs.setdefault(event, _Log())

    def group(self, event: str, module: str) -> _Group:
        """One module's progress on one event."""
        return self._groups.setdefault((event, module), _Group())

    def has_group(self, event: str, module: str) -> bool:
        """Whether the module was ever there."""
        return (event, module) in self._groups

    async def append(self, message: Message, durability: Durability, *, once: bool = False) -> str:
        log = self.log(message.name)
        if once and message.id in log.sent:
            return ""
        log.sent.add(message.id)
        flat = message.fields()
        fields = {
            _bytes(name): _bytes(value) for name, value in zip(flat[::2], flat[1::2], strict=True)
        }
        number = len(log.entries) + 1
        if message.key is not None:
            previous = log.last_by_key.get(message.key)
            if previous is not None:
                fields[b"prev"] = str(previous).encode()
            log.last_by_key[message.key] = number
        log.entries.append(fields)
        log.grown.set()
        return str(number)

    def membership(self, module: str, on_done: OnDone) -> "MemoryMembership":
        return MemoryMembership(self, module, on_done)

    async def trim(self, events: Sequence[str], retention_s: float) -> int:
        """Nothing: what is kept ends with the process."""
        return 0

    async def there_and_back(self) -> int:
        """One: there is nothing in between that could stand in the way."""
        return 1

    async def publish(self, channel: str, data: bytes) -> int:
        self.published.append((channel, data))
        listeners = list(self._listeners.get(channel, ()))
        for listener in listeners:
            listener(data)
        return len(listeners)

    async def latest(self, channel: str) -> bytes | None:
        return next((data for name, data in reversed(self.published) if name == channel), None)

    async def listen(
        self, channel: str, on_message: Callable[[bytes], None]
    ) -> Callable[[], Awaitable[None]]:
        self._listeners.setdefault(channel, []).append(on_message)

        async def end() -> None:
            self._listeners[channel].remove(on_message)

        return end


def _bytes(value: bytes | str | int) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


class MemoryMembership:
    """One module's share of a :class:`MemoryStore`."""

    def __init__(self, store: MemoryStore, module: str, on_done: OnDone) -> None:
        self._store = store
        self._module = module
        self._on_done = on_done
        self.on_released: Callable[[], None] = lambda: None
        self._events: list[str] = []
        self._reader = MemoryReader(self)

    async def join(self, starts: Mapping[str, str], about: Mapping[str, Any]) -> None:
        for event, start in starts.items():
            known = self._store.has_group(event, self._module)
            group = self._store.group(event, self._module)
            if not known and start == "now":
                group.position = len(self._store.log(event).entries)
            self._events.append(event)

    def readers(self) -> "Sequence[MemoryReader]":
        return [self._reader] if self._events else []

    def logs(self) -> list[_Log]:
        """The logs of all events joined."""
        return [self._store.log(event) for event in self._events]

    def take_new(self, limit: int) -> list[Batch | Delivery]:
        """Entries not delivered to this module yet, in order, at most ``limit``."""
        taken: list[Batch | Delivery] = []
        now = asyncio.get_running_loop().time()
        for event in self._events:
            entries, group = self._store.log(event).entries, self._group(event)
            while group.position < len(entries) and len(taken) < limit:
                group.position += 1
                delivery = Delivery(event, str(group.position), entries[group.position - 1], now)
                group.pending[delivery.id] = delivery
                taken.append(delivery)
        return taken

    def _group(self, event: str) -> _Group:
        return self._store.group(event, self._module)

    async def sweep(self, limit: int) -> Swept:
        swept = Swept()
        now = asyncio.get_running_loop().time()
        for event in self._events:
            group = self._group(event)
            ripe = sorted((at, int(one)) for one, at in group.due.items() if at <= now)
            for _, number in ripe[: limit - len(swept.deliveries)]:
                swept.deliveries.append(self._retaken(event, str(number), now))
            later = [at - now for at in group.due.values()]
            if later:
                wait = max(0.0, min(later))
                swept.next_due_s = min(wait, swept.next_due_s or wait)
        return swept

    def _retaken(self, event: str, entry_id: str, now: float) -> Delivery:
        group = self._group(event)
        del group.due[entry_id]
        fields = self._store.log(event).entries[int(entry_id) - 1]
        delivery = Delivery(event, entry_id, fields, now)
        delivery.fates = dict(group.fates.get(entry_id, {}))
        group.pending[entry_id] = delivery
        return delivery

    def done(self, delivery: Delivery) -> None:
        self.all_done(delivery.event, [delivery.id])

    def all_done(self, event: str, ids: Sequence[str]) -> None:
        for one in ids:
            self._finish(event, one)
        asyncio.get_running_loop().call_soon(self._on_done, event, ids)

    def _finish(self, event: str, entry_id: str) -> None:
        group = self._group(event)
        group.pending.pop(entry_id, None)
        group.fates.pop(entry_id, None)
        follower = group.after.pop(entry_id, None)
        if follower is not None and follower in group.due:
            group.due[follower] = 0.0
            self.on_released()

    async def settle(self, delivery: Delivery, settlement: Settlement) -> bool:
        group = self._group(delivery.event)
        for death in settlement.deaths:
            self._store.dead.append(self._dead_letter(delivery, death))
        if settlement.delay_ms is None:
            self._finish(delivery.event, delivery.id)
            return True
        group.fates[delivery.id] = dict(settlement.fates)
        if settlement.delay_ms != HOLD:
            loop = asyncio.get_running_loop()
            group.due[delivery.id] = loop.time() + settlement.delay_ms / 1000
        return True

    def _dead_letter(self, delivery: Delivery, death: Death) -> DeadLetter:
        event_id = (delivery.fields or {}).get(b"id", b"").decode("utf-8", "replace")
        return DeadLetter(
            delivery.event,
            event_id,
            self._module,
            death.handler,
            death.reason,
            death.detail,
            death.attempts,
        )

    async def may_run(self, delivery: Delivery, previous: str) -> bool:
        group = self._group(delivery.event)
        if previous not in group.pending:
            return True
        group.after[previous] = delivery.id
        group.due[delivery.id] = asyncio.get_running_loop().time() + 30
        return False

    async def touch(self, deliveries: Sequence[Delivery]) -> None:
        return None

    async def hand_back(self, deliveries: Sequence[Delivery]) -> int:
        now = asyncio.get_running_loop().time()
        for delivery in deliveries:
            self._group(delivery.event).due[delivery.id] = now
        return len(deliveries)

    async def leave(self) -> None:
        return None

    async def abandon(self) -> None:
        return None


class MemoryReader:
    """Waits for new entries of a membership's events."""

    def __init__(self, membership: MemoryMembership) -> None:
        self._membership = membership
        self._interrupted = False

    async def read(self, limit: int) -> list[Batch | Delivery]:
        # As a server's reply does, it takes a turn of the loop at least.
        await asyncio.sleep(0)
        while not self._interrupted:
            for log in self._membership.logs():
                log.grown.clear()
            taken = self._membership.take_new(limit)
            if taken:
                return taken
            await self._any_grown()
        return []

    def ask(self, limit: int) -> None:
        return None

    async def _any_grown(self) -> None:
        waits = [asyncio.create_task(log.grown.wait()) for log in self._membership.logs()]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def interrupt(self) -> None:
        self._interrupted = True
        for log in self._membership.logs():
            log.grown.set()


class MemoryBus(SiteBus):
    """A bus that needs no server and keeps nothing.

    Args:
        memory: Shared with another bus of the same process, as two workers share a server.
    """

    def __init__(
        self, *, settings: BusSettings | None = None, memory: MemoryStore | None = None
    ) -> None:
        self.memory = memory or MemoryStore()
        super().__init__(self.memory, settings or BusSettings(), "memory://")

    @property
    def dead(self) -> Sequence[DeadLetter]:
        """Every dead letter so far, oldest first."""
        return tuple(self.memory.dead)
