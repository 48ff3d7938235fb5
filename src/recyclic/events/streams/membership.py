"""One module's consumer group: joining, reading, acknowledging, retrying, taking over, leaving."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from recyclic.events.delivery import Fate
from recyclic.events.settings import BusSettings
from recyclic.events.store import HOLD, Delivery, HandlerFate, OnDone, Settlement, Swept
from recyclic.events.streams.acknowledging import Acknowledgements
from recyclic.events.streams.connection import Argument, ConnectionLostError, ReplyError
from recyclic.events.streams.consumer_name import is_surely_dead
from recyclic.events.streams.keys import WAITING, Keys
from recyclic.events.streams.reader import StreamReader, delivery_from
from recyclic.events.streams.router import Router

_log = logging.getLogger("recyclic.events")
PARKED_LOOK_MS = 600_000
"""An event that waits for the one before it is let go by whoever settles that one. Looking by
itself is for the case that somebody acknowledged that one from outside: a thousand events of one
key that look often would keep everybody else waiting."""


class StreamMembership:
    """One group on the streams of all events that its module handles."""

    def __init__(
        self,
        module: str,
        consumer: str,
        router: Router,
        keys: Keys,
        settings: BusSettings,
        on_done: OnDone,
    ) -> None:
        self.module = module
        self._consumer = consumer
        self._router = router
        self._keys = keys
        self._settings = settings
        self.on_released: Callable[[], None] = lambda: None
        self._starts: dict[str, str] = {}
        self._readers: list[StreamReader] = []
        self._acknowledgements = Acknowledgements(
            module, router, keys, settings.ack_delay_s, on_done, self._released
        )
        self._sweeps = 0
        self.made: set[tuple[str, str]] = set()
        """Groups that were not there before: module and event."""

    # -- joining and reading ---------------------------------------------------------------

    async def join(self, starts: Mapping[str, str], about: Mapping[str, Any]) -> None:
        told = orjson.dumps(about)
        for event, start in starts.items():
            self._starts[event] = start
            if await self.make_group(event, "0" if start == "beginning" else "$"):
                self.made.add((self.module, event))
            modules = self._keys.modules(event)
            await self._router.call(modules, "HSET", modules, self.module, told)
        self._readers = [
            StreamReader(self, streams, self._router, self._consumer, self._acknowledgements)
            for streams in self._router.together([self._keys.stream(event) for event in starts])
        ]

    async def make_group(self, event: str, at: str) -> bool:
        """Make the group, and the stream when there is none; False when it was there."""
        stream = self._keys.stream(event)
        try:
            await self._router.call(stream, "XGROUP", "CREATE", stream, self.module, at, "MKSTREAM")
        except ReplyError as error:
            if error.kind != "BUSYGROUP":
                raise
            return False
        return True

    async def make_groups_again(self) -> None:
        """After a flush: from the beginning, or events emitted meanwhile would be missed."""
        for event in self._starts:
            if await self.make_group(event, "0"):
                _log.error(
                    "group of %s on %s was gone: someone flushed or deleted it; made again",
                    self.module,
                    event,
                )

    def event_of(self, stream: bytes) -> str:
        """The event of a stream's key."""
        return self._keys.event_of(stream.decode()) or ""

    def readers(self) -> Sequence[StreamReader]:
        return self._readers

    # -- acknowledging ---------------------------------------------------------------------

    def done(self, delivery: Delivery) -> None:
        if _has_marks(delivery):
            self._acknowledgements.add_marked(delivery.event, delivery.id)
        else:
            self._acknowledgements.add(delivery.event, [delivery.id])

    def _released(self) -> None:
        self.on_released()

    def all_done(self, event: str, ids: Sequence[str]) -> None:
        self._acknowledgements.add(event, ids)

    # -- retrying --------------------------------------------------------------------------

    async def settle(self, delivery: Delivery, settlement: Settlement) -> bool:
        event = delivery.event
        delay: Argument = "" if settlement.delay_ms is None else settlement.delay_ms
        arguments: list[Argument] = [
            self.module,
            self._consumer,
            delivery.id,
            _encode_fates(settlement.fates, delivery.replay),
            "hold" if delay == HOLD else delay,
        ]
        for death in settlement.deaths:
            arguments += (death.handler, death.reason, death.detail, death.attempts)
        keys = [*self._keys.of_entry(event, self.module), self._keys.dead(event)]
        answer = await self._insist("settle", keys, arguments)
        if answer == 2:
            self.on_released()
        return bool(answer)

    async def may_run(self, delivery: Delivery, previous: str) -> bool:
        event, module = delivery.event, self.module
        keys = [
            self._keys.stream(event),
            self._keys.due(event, module),
            self._keys.after(event, module),
        ]
        arguments: list[Argument] = [
            module, self._consumer, delivery.id, previous, PARKED_LOOK_MS
        ]  # fmt: skip
        return bool(await self._insist("park", keys, arguments))

    async def _insist(self, name: str, keys: list[str], arguments: list[Argument]) -> Any:
        """The script's result, whatever time the server takes to come back; 0 without a group.

        These scripts check who owns the entry, so doing one twice does no harm.
        """
        while True:
            try:
                return await self._router.run(name, keys, arguments)
            except ConnectionLostError:
                await asyncio.sleep(0.05)
            except ReplyError as error:
                if error.kind == "NOGROUP" or "NOGROUP" in str(error):
                    return 0
                _log.error("%s of %s: %s", name, self.module, error)
                await asyncio.sleep(1)

    # -- taking over -----------------------------------------------------------------------

    async def sweep(self, limit: int) -> Swept:
        swept = Swept()
        first, self._sweeps = self._sweeps == 0, self._sweeps + 1
        often = max(1, int(self._settings.lease_s / 3 / self._settings.sweep_s))
        look_for_dead = first or self._sweeps % often == 0
        streams = [self._keys.stream(event) for event in self._starts]
        for group in self._router.together(streams):
            dead = await self._local_dead(group) if look_for_dead else []
            left = limit - len(swept.deliveries)
            if left > 0:
                await self._sweep_together(group, left, dead, swept)
        return swept

    async def _local_dead(self, streams: Sequence[str]) -> list[str]:
        """Consumers that were processes of this machine and have ended."""
        names: set[str] = set()
        for stream in streams:
            try:
                consumers = await self._router.call(
                    stream, "XINFO", "CONSUMERS", stream, self.module
                )
            except ReplyError:
                continue
            names |= {one[1].decode("utf-8", "replace") for one in consumers}
        return sorted(name for name in names - {WAITING} if is_surely_dead(name))

    async def _sweep_together(
        self, streams: Sequence[str], limit: int, dead: Sequence[str], swept: Swept
    ) -> None:
        events = [self.event_of(stream.encode()) for stream in streams]
        keys = [key for event in events for key in self._keys.of_entry(event, self.module)[:3]]
        lease_ms = int(self._settings.lease_s * 1000)
        arguments: list[Argument] = [
            self.module, self._consumer, limit, lease_ms, len(dead), *dead
        ]  # fmt: skip
        try:
            entries, ghosts, next_due = await self._router.run("sweep", keys, arguments)
        except ReplyError as error:
            if "NOGROUP" in str(error):
                await self.make_groups_again()
                return
            raise
        now = asyncio.get_running_loop().time()
        for number, entry_id, flat, deliveries, state in entries:
            delivery = delivery_from(events[number - 1], entry_id, flat, now)
            delivery.crashes = max(0, deliveries - 1)
            _decode_fates(state, delivery)
            swept.deliveries.append(delivery)
        swept.ghosts += [(events[number - 1], one.decode()) for number, one in ghosts]
        if next_due >= 0:
            wait = next_due / 1000
            swept.next_due_s = wait if swept.next_due_s is None else min(wait, swept.next_due_s)

    async def touch(self, deliveries: Sequence[Delivery]) -> None:
        by_event = _by_event(deliveries)
        now = asyncio.get_running_loop().time()
        for event, ours in by_event.items():
            arguments: list[Argument] = [self.module, self._consumer, *(one.id for one in ours)]
            lost = await self._router.run("touch", [self._keys.stream(event)], arguments)
            gone = {one.decode() for one in lost}
            for delivery in ours:
                delivery.since = now
                delivery.lost = delivery.id in gone

    # -- leaving ---------------------------------------------------------------------------

    async def hand_back(self, deliveries: Sequence[Delivery]) -> int:
        given = 0
        for event, ours in _by_event(deliveries).items():
            given += await self._give(event, [one.id for one in ours])
        return given

    async def _give(self, event: str, ids: Sequence[str]) -> int:
        keys = [self._keys.stream(event), self._keys.due(event, self.module)]
        arguments: list[Argument] = [self.module, self._consumer, *ids]
        try:
            return int(await self._router.run("hand_back", keys, arguments))
        except ReplyError as error:
            if "NOGROUP" in str(error):
                return 0
            raise

    async def leave(self) -> None:
        await self._acknowledgements.finish()
        for reader in self._readers:
            await reader.close()
        for event in self._starts:
            stream = self._keys.stream(event)
            # Without ids: whatever is still ours, also what was delivered and never seen.
            await self._give(event, [])
            try:
                await self._router.run("leave", [stream], [self.module, self._consumer])
            except ReplyError as error:
                if "NOGROUP" not in str(error) and "no such key" not in str(error):
                    raise

    async def abandon(self) -> None:
        await self._acknowledgements.abandon()


def _by_event(deliveries: Sequence[Delivery]) -> dict[str, list[Delivery]]:
    by_event: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_event.setdefault(delivery.event, []).append(delivery)
    return by_event


def _has_marks(delivery: Delivery) -> bool:
    """Whether the server keeps more about this entry than that it is pending."""
    return bool(delivery.fates) or delivery.replay > 0 or delivery.has_key()


def _encode_fates(fates: Mapping[str, HandlerFate], replay: int) -> bytes:
    handlers = {name: [one.fate.value, one.attempts] for name, one in fates.items()}
    return orjson.dumps({"handlers": handlers, "replay": replay})


def _decode_fates(state: bytes, delivery: Delivery) -> None:
    """What earlier rounds left; something unreadable counts as nothing: at least once, then."""
    if not state:
        return
    try:
        known = orjson.loads(state)
        delivery.replay = int(known.get("replay", 0))
        delivery.fates = {
            name: HandlerFate(Fate(fate), int(attempts))
            for name, (fate, attempts) in known["handlers"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.warning("state of %s %s cannot be read", delivery.event, delivery.id)
