"""One module's worker in one process: takes events, has them handled, writes down the outcome."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from recyclic.events.calling import WELL, Begun, Ended, begin, finish
from recyclic.events.codec import UndecodableError, decode
from recyclic.events.event import Event
from recyclic.events.hand import Hand
from recyclic.events.handler import Subscription
from recyclic.events.intake import Intake
from recyclic.events.lanes import Lanes, Unfinished
from recyclic.events.observer import HandlingCounts, Observer
from recyclic.events.round import Round
from recyclic.events.settings import BusSettings
from recyclic.events.store import Delivery, Settlement, Store, StoreError
from recyclic.events.straight import Straight

_log = logging.getLogger("recyclic.events")


class ModuleWorker:
    """Lanes that read and handle, a sweep for retries and a heartbeat for leases.

    At most ``in_flight`` unfinished events are in hand; a slow module makes its own stream longer,
    and nobody's memory larger.
    """

    def __init__(
        self,
        module: str,
        subscriptions: Mapping[str, Sequence[Subscription]],
        store: Store,
        settings: BusSettings,
        observer: Observer,
    ) -> None:
        self.module = module
        self._subscriptions = {event: tuple(one) for event, one in subscriptions.items()}
        self._plain = {
            event: (subs[0], observer.handling[module, event])
            for event, subs in self._subscriptions.items()
            if len(subs) == 1
        }
        self._settings = settings
        self._observer = observer
        self._limit = settings.max_payload_bytes
        self._membership = store.membership(module, self._confirmed)
        self._hand = Hand(settings.in_flight)
        self._straight = Straight(
            module, self._plain, self._hand, self._membership, observer, self._limit
        )
        self._lanes: Lanes | None = None
        self._sweep_now = asyncio.Event()
        self._membership.on_released = self._sweep_now.set
        self._next_sweep: asyncio.TimerHandle | None = None
        self._stopping = False
        self._intakes: list[Intake] = []
        self._tasks: list[asyncio.Task[None]] = []

    # -- life ------------------------------------------------------------------------------

    async def join(self) -> None:
        """Make sure that nothing emitted from now on is missed. Raises: what the store raises."""
        starts = {event: subs[0].start for event, subs in self._subscriptions.items()}
        about = {
            "handlers": {
                event: [
                    {"name": sub.name, "idempotent": sub.idempotent,
                     "max_attempts": sub.policy.max_attempts}
                    for sub in subs
                ]
                for event, subs in self._subscriptions.items()
            }
        }  # fmt: skip
        await self._membership.join(starts, about)

    def start(self) -> None:
        """Begin to handle, in tasks of its own."""
        readers = self._membership.readers()
        # Half of what may be in hand, so that one batch is read while another is handled.
        share = max(1, self._settings.in_flight // 2 // max(1, len(readers)))
        self._intakes = [Intake(one, self._hand, share) for one in readers]
        name, count = f"bus:{self.module}:lane", self._settings.concurrency
        self._lanes = Lanes(self._hand, self._begin_first, count, name, self._intakes)
        self._tasks = [
            asyncio.create_task(one, name=f"bus:{self.module}")
            for one in (self._sweep(), self._renew())
        ]

    def failure(self) -> BaseException | None:
        """What ended one of the tasks though nobody asked it to: a bug. None while all is well."""
        for task in (*self._tasks, *self._lane_tasks()):
            if task.done() and not task.cancelled() and task.exception() is not None:
                return task.exception()
        return None

    def _lane_tasks(self) -> Sequence[asyncio.Task[None]]:
        return () if self._lanes is None else self._lanes.tasks

    async def stop(self, timeout_s: float) -> tuple[int, int]:
        """Stop taking, finish what runs, hand back the rest; (handed back, cut short) as counts."""
        self._stopping = True
        await asyncio.gather(*(one.end() for one in self._intakes))
        rest = self._hand.close()
        self._sweep_now.set()
        cut = [] if self._lanes is None else await self._lanes.stop(timeout_s)
        await self._end([*self._lane_tasks(), *self._tasks])
        try:
            async with asyncio.timeout(max(timeout_s, 2.0)):
                await self._membership.hand_back([*rest, *cut])
                await self._membership.leave()
        except (StoreError, TimeoutError) as error:
            # The server is away: the lease gives them to others once it is back.
            _log.warning("%s could not hand back its events: %s", self.module, error)
            await self._membership.abandon()
        return len(rest), len(cut)

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                _log.error("worker of %s failed", self.module, exc_info=result)

    # -- taking ----------------------------------------------------------------------------

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        if self._hand.take(deliveries, asyncio.get_running_loop().time()):
            self._wake()

    def _wake(self) -> None:
        if self._lanes is not None:
            self._lanes.wake()

    def _drop(self, delivery: Delivery) -> None:
        """No longer in our hands; whatever waited for it locally is looked at again."""
        self._hand.drop(delivery)
        self._wake()

    def _confirmed(self, event: str, ids: Sequence[str]) -> None:
        self._hand.confirm(event, ids)
        if self._hand.line:
            self._wake()

    # -- handling --------------------------------------------------------------------------

    def _begin_first(self, until: float) -> Unfinished | None:
        """Handle what stands first in the line; what is left to be awaited, or None."""
        first = self._hand.line[0]
        if isinstance(first, Delivery):
            self._hand.line.popleft()
            rest = self._begin(first)
            return None if rest is None else Unfinished(first, rest)
        left = self._straight.run(first, until)
        if not first:
            self._hand.line.popleft()
        if left is None:
            return None
        delivery, event, call = left
        if event is None or call is None:
            rest = self._begin(delivery)
        else:
            rest = self._rest(delivery, event, call)
        return None if rest is None else Unfinished(delivery, rest)

    def _begin(self, delivery: Delivery) -> Coroutine[Any, Any, None] | None:
        """Handle it, if it is its turn: here and now, when it has one handler and that never
        waits, else in what is returned."""
        previous = delivery.previous()
        if previous is None:
            return self._begin_now(delivery)
        place = delivery.event, previous
        before = self._hand.find(place)
        if before is None:
            return self._unless_parked(delivery, previous)
        if isinstance(before, Delivery) and before.finished:
            return self._begin_now(delivery)
        self._hand.follow(place, delivery)
        return None

    async def _unless_parked(self, delivery: Delivery, previous: str) -> None:
        """The one before it is not in our hands: the server knows whether it is settled."""
        if not await self._membership.may_run(delivery, previous):
            self._drop(delivery)
            return
        rest = self._begin_now(delivery)
        if rest is not None:
            await rest

    def _begin_now(self, delivery: Delivery) -> Coroutine[Any, Any, None] | None:
        plain = self._plain.get(delivery.event)
        if plain is None or not delivery.is_first():
            return self._in_a_round(delivery)
        try:
            event = decode(delivery.event, delivery.fields or {}, self._limit)
        except UndecodableError:
            return self._in_a_round(delivery)
        subscription, counts = plain
        call = begin(subscription, event, counts)
        if call is not WELL:
            return self._rest(delivery, event, call)
        self._went_well(delivery, event, counts)
        return None

    def _went_well(self, delivery: Delivery, event: Event, counts: HandlingCounts) -> None:
        counts.handled += 1
        if self._observer.listener is not None:
            self._observer.listener.handled(self.module, event.name, event.id)
        self._membership.done(delivery)
        self._hand.finish(delivery)

    async def _rest(self, delivery: Delivery, event: Event, call: Ended | Begun) -> None:
        """What follows when the only handler waits, or has failed."""
        subscription, counts = self._plain[delivery.event]
        ended = call if isinstance(call, Ended) else await finish(call, counts)
        if ended is WELL:
            self._went_well(delivery, event, counts)
            return
        await self._settle(delivery, self._round(delivery).after_first(subscription, event, ended))

    def _round(self, delivery: Delivery) -> Round:
        return Round(
            self.module,
            delivery,
            self._subscriptions.get(delivery.event, ()),
            self._membership,
            self._settings,
            self._observer,
        )

    async def _in_a_round(self, delivery: Delivery) -> None:
        settlement = await self._round(delivery).run()
        if settlement is None:
            self._membership.done(delivery)
            self._hand.finish(delivery)
        else:
            await self._settle(delivery, settlement)

    async def _settle(self, delivery: Delivery, settlement: Settlement) -> None:
        ours = await self._membership.settle(delivery, settlement)
        if not ours:
            self._observer.handling[self.module, delivery.event].taken_over += 1
        if settlement.delay_ms is None:
            self._hand.finish(delivery)
        self._drop(delivery)
        if settlement.delay_ms is not None:
            self._sweep_in(settlement.delay_ms / 1000)

    # -- retries, dead workers, leases -----------------------------------------------------

    def _sweep_in(self, seconds: float) -> None:
        """Have the next sweep no later than this."""
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds + 0.001
        if self._next_sweep is not None:
            if not self._next_sweep.cancelled() and self._next_sweep.when() <= at:
                return
            self._next_sweep.cancel()
        self._next_sweep = loop.call_at(at, self._sweep_now.set)

    async def _sweep(self) -> None:
        while not self._stopping:
            self._sweep_now.clear()
            if self._next_sweep is not None:
                # It was woken by something else: one timer at a time, or they only ever multiply.
                self._next_sweep.cancel()
                self._next_sweep = None
            self._sweep_in(await self._swept())
            await self._sweep_now.wait()

    async def _swept(self) -> float:
        """One sweep; seconds until the next."""
        # A few more than there is room for: new events must not keep retries out for ever.
        limit = max(10, self._hand.space)
        try:
            swept = await self._membership.sweep(limit)
        except StoreError as error:
            _log.warning("sweep of %s: %s", self.module, error)
            return self._settings.sweep_s
        for event, entry_id in swept.ghosts:
            _log.error("%s %s was destroyed before %s handled it", event, entry_id, self.module)
            self._observer.handling[self.module, event].lost += 1
        self._take(swept.deliveries)
        if len(swept.deliveries) >= limit:
            return 0.05
        due = swept.next_due_s
        return self._settings.sweep_s if due is None else min(due, self._settings.sweep_s)

    async def _renew(self) -> None:
        pause = self._settings.lease_s / 3
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            old = self._hand.older_than(loop.time() - pause / 2)
            try:
                await self._membership.touch(old)
            except StoreError as error:
                _log.warning("renewing the leases of %s: %s", self.module, error)
                continue
            for delivery in old:
                if delivery.lost:
                    self._observer.handling[self.module, delivery.event].taken_over += 1

    @property
    def in_hand(self) -> int:
        """Events taken and not yet acknowledged."""
        return len(self._hand)
