"""One module's worker in one process: takes events, runs handlers, writes down what came of it."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence

from recyclic.events.calling import WELL, call_handler
from recyclic.events.codec import UndecodableError, decode
from recyclic.events.handler import Subscription
from recyclic.events.observer import Observer
from recyclic.events.round import Round
from recyclic.events.settings import BusSettings
from recyclic.events.store import Delivery, Reader, Settlement, Store, StoreError

_log = logging.getLogger("recyclic.events")
BUSY_S = 0.001
"""Two reads that return within this time mean a busy stream..."""
GATHER_S = 0.0004
"""...whose events are then gathered for this long. A quiet stream's event never waits."""


class ModuleWorker:
    """Lanes that handle, readers that fetch, a sweep for retries and a heartbeat for leases.

    At most ``in_flight`` events are in hand; a slow module makes its own stream longer, and
    nobody's memory larger.
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
            event: subs[0] for event, subs in self._subscriptions.items() if len(subs) == 1
        }
        self._settings = settings
        self._observer = observer
        self._membership = store.membership(module, self._confirmed)
        self._in_hand: dict[tuple[str, str], Delivery] = {}
        self._queue: deque[Delivery] = deque()
        self._followers: dict[tuple[str, str], Delivery] = {}
        self._idle: list[asyncio.Future[None]] = []
        self._running: set[Delivery] = set()
        self._room = asyncio.Event()
        self._sweep_now = asyncio.Event()
        self._next_sweep: asyncio.TimerHandle | None = None
        self._stopping = False
        self._readers: list[Reader] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._lanes: list[asyncio.Task[None]] = []

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
        self._readers = list(self._membership.readers())
        # Half of what may be in hand, so that one batch is read while another is handled.
        share = max(1, self._settings.in_flight // 2 // max(1, len(self._readers)))
        work = [self._read(reader, share) for reader in self._readers]
        work += [self._sweep(), self._renew()]
        self._tasks = [asyncio.create_task(one, name=f"bus:{self.module}") for one in work]
        self._lanes = [
            asyncio.create_task(self._lane(), name=f"bus:{self.module}:lane")
            for _ in range(self._settings.concurrency)
        ]

    def failure(self) -> BaseException | None:
        """What ended one of the tasks though nobody asked it to: a bug. None while all is well."""
        for task in (*self._tasks, *self._lanes):
            if task.done() and not task.cancelled() and task.exception() is not None:
                return task.exception()
        return None

    async def stop(self, timeout_s: float) -> tuple[int, int]:
        """Stop taking, finish what runs, hand back the rest; (handed back, cut short) as counts."""
        self._stopping = True
        await asyncio.gather(*(reader.interrupt() for reader in self._readers))
        rest = [one for one in self._queue if one not in self._running]
        rest += list(self._followers.values())
        self._queue.clear()
        self._followers.clear()
        self._room.set()
        self._sweep_now.set()
        self._wake(len(self._idle))
        if self._lanes:
            _, late = await asyncio.wait(self._lanes, timeout=timeout_s)
        else:
            late = set()
        cut = list(self._running)
        await self._end([*late, *self._tasks])
        try:
            async with asyncio.timeout(max(timeout_s, 2.0)):
                await self._membership.hand_back([*rest, *cut])
                await self._membership.leave()
        except (StoreError, TimeoutError) as error:
            # The server is away: the lease gives them to others once it is back.
            _log.warning("%s could not hand back its events: %s", self.module, error)
        return len(rest), len(cut)

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                _log.error("worker of %s failed", self.module, exc_info=result)

    # -- taking ----------------------------------------------------------------------------

    async def _read(self, reader: Reader, share: int) -> None:
        loop = asyncio.get_running_loop()
        before = 0.0
        while not self._stopping:
            free = await self._free(share)
            taken = await reader.read(free) if free else []
            self._take(taken)
            now = loop.time()
            if now - before < BUSY_S and len(taken) < share // 4:
                # Events come faster than reads pay: the next one takes several of them at once.
                await asyncio.sleep(GATHER_S)
            before = now

    async def _free(self, share: int) -> int:
        """How many more may be taken, once that is worth a read."""
        worth = max(1, share // 4)
        while not self._stopping:
            free = min(share, self._settings.in_flight - len(self._in_hand))
            if free >= worth:
                return free
            self._room.clear()
            await self._room.wait()
        return 0

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        fresh = 0
        for delivery in deliveries:
            if delivery.place in self._in_hand:
                continue
            self._in_hand[delivery.place] = delivery
            self._queue.append(delivery)
            fresh += 1
        self._wake(fresh)

    def _wake(self, count: int) -> None:
        for _ in range(min(count, len(self._idle))):
            lane = self._idle.pop()
            if not lane.done():
                lane.set_result(None)

    def _drop(self, delivery: Delivery) -> None:
        """No longer in our hands; whatever waited for it locally is looked at again."""
        self._in_hand.pop(delivery.place, None)
        if not self._room.is_set():
            self._room.set()
        if self._followers:
            follower = self._followers.pop(delivery.place, None)
            if follower is not None:
                follower.cleared = delivery.finished
                self._queue.appendleft(follower)
                self._wake(1)

    def _confirmed(self, delivery: Delivery) -> None:
        self._drop(delivery)

    # -- handling --------------------------------------------------------------------------

    async def _lane(self) -> None:
        while True:
            while self._queue:
                delivery = self._queue.popleft()
                self._running.add(delivery)
                subscription = self._plain.get(delivery.event)
                if subscription is None or not _is_plain(delivery):
                    await self._handle(delivery)
                else:
                    await self._handle_plain(delivery, subscription)
                self._running.discard(delivery)
            if self._stopping:
                return
            idle = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            await idle

    async def _handle_plain(self, delivery: Delivery, subscription: Subscription) -> None:
        """The only handler of an event that nobody had before: no tasks, no tables."""
        assert delivery.fields is not None
        try:
            event = decode(delivery.event, delivery.fields, self._settings.max_payload_bytes)
        except UndecodableError:
            await self._handle(delivery)
            return
        counts = self._observer.handling[self.module, delivery.event]
        ended = await call_handler(subscription, event, counts)
        if ended is WELL:
            counts.handled += 1
            if self._observer.listener is not None:
                self._observer.listener.handled(self.module, event.name, event.id)
            delivery.finished = True
            self._membership.done(delivery)
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

    async def _handle(self, delivery: Delivery) -> None:
        if not await self._in_order(delivery):
            return
        settlement = await self._round(delivery).run()
        if settlement is None:
            delivery.finished = True
            self._membership.done(delivery)
        else:
            await self._settle(delivery, settlement)

    async def _settle(self, delivery: Delivery, settlement: Settlement) -> None:
        ours = await self._membership.settle(delivery, settlement)
        if not ours:
            self._observer.handling[self.module, delivery.event].taken_over += 1
        delivery.finished = settlement.delay_ms is None
        self._drop(delivery)
        if settlement.delay_ms is not None:
            self._sweep_in(settlement.delay_ms / 1000)

    async def _in_order(self, delivery: Delivery) -> bool:
        """Whether the event before it with the same key is settled. If not, it waits: here while
        that one is in our hands, else at the server."""
        fields = delivery.fields
        previous = None if fields is None else fields.get(b"prev")
        if previous is None or delivery.cleared:
            return True
        before = self._in_hand.get((delivery.event, previous.decode("ascii", "replace")))
        if before is None:
            if await self._membership.may_run(delivery, previous.decode("ascii", "replace")):
                return True
            self._drop(delivery)
            return False
        if before.finished:
            return True
        self._followers[before.place] = delivery
        return False

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
            self._next_sweep = None
            self._sweep_in(await self._swept())
            await self._sweep_now.wait()

    async def _swept(self) -> float:
        """One sweep; seconds until the next."""
        # A few more than there is room for: new events must not keep retries out for ever.
        limit = max(10, self._settings.in_flight - len(self._in_hand))
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
            oldest = loop.time() - pause / 2
            old = [one for one in self._in_hand.values() if one.since < oldest and not one.lost]
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
        return len(self._in_hand)


def _is_plain(delivery: Delivery) -> bool:
    """Whether it comes for the first time, to everybody, and waits for no other."""
    fields = delivery.fields
    return (
        fields is not None
        and not (delivery.crashes or delivery.fates or delivery.replay)
        and b"prev" not in fields
        and b"only" not in fields
    )
