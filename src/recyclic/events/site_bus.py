"""SiteBus: one process's bus over any store. The modules get views of it, bound to them."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from recyclic.events.bus import Durability, EventBus, H
from recyclic.events.codec import Message, check_key, encode_payload
from recyclic.events.ephemeral import Channels, Notice, notices
from recyclic.events.errors import BusUnavailableError, EmitError, RoundTripError
from recyclic.events.event_id import new_id
from recyclic.events.handler import Subscription, subscribe
from recyclic.events.observer import Observer
from recyclic.events.settings import BusSettings
from recyclic.events.store import Store, StoreError
from recyclic.events.tracing import emitting_trace
from recyclic.events.worker import ModuleWorker
from recyclic.model.names import EventName

if TYPE_CHECKING:
    from recyclic.events.contracts import Contracts
    from recyclic.events.outbox import Relay

_log = logging.getLogger("recyclic.events")
LOOK_EVERY_S = 5.0
TRIM_EVERY = 12
"""In looks: once a minute."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """How the stop went.

    Attributes:
        handed_back: Events taken but not begun, given back for other workers.
        cut_short: Handlers that did not finish in time; their events were given back too.
    """

    handed_back: int = 0
    cut_short: int = 0


@dataclass(frozen=True, slots=True)
class BusHealth:
    """The bus as this process sees it.

    Attributes:
        connected: Whether the server answers.
        consuming: Whether handlers are being called.
        in_hand: Events taken and not yet acknowledged, by module.
        dead: Dead letters written by this process since it began.
        warnings: What the server's settings make untrue of the promises: code and facts.
    """

    connected: bool
    consuming: bool
    address: str = ""
    in_hand: Mapping[str, int] = field(default_factory=dict)
    dead: int = 0
    warnings: tuple[tuple[str, Mapping[str, str]], ...] = ()


class ModuleBus:
    """The bus as one module sees it; implements ``EventBus``."""

    def __init__(self, site_bus: "SiteBus", module: str) -> None:
        self._site_bus = site_bus
        self.module = module

    def on(self, event: str, handler: H, **options: Any) -> H:
        """See :meth:`EventBus.on`. Raises: HandlerError, InvalidNameError."""
        self._site_bus.register(self.module, event, handler, options)
        return handler

    def emit(
        self,
        event: str,
        /,
        *,
        key: str | None = None,
        durability: Durability | None = None,
        **payload: Any,
    ) -> Coroutine[Any, Any, str]:
        """See :meth:`EventBus.emit`."""
        return self._site_bus.emit(self.module, event, key, durability, payload)

    async def emit_ephemeral(self, channel: str, /, **payload: Any) -> int:
        """See :meth:`EventBus.emit_ephemeral`."""
        return await self._site_bus.emit_ephemeral(channel, payload)

    def use_outbox(self, engine: Any) -> None:
        """See :meth:`EventBus.use_outbox`."""
        from recyclic.events.outbox import create_tables

        if not hasattr(engine, "sync_engine"):
            create_tables(engine)
        self._site_bus.relay_of(engine)

    def within(self, session: Any) -> EventBus:
        """See :meth:`EventBus.within`."""
        from recyclic.events.outbox import SessionBus, engine_of

        relay = self._site_bus.relay_of(engine_of(session))
        compose = partial(self._site_bus.message, self.module)
        return SessionBus(self, session, compose, relay)


class SiteBus:
    """Handlers registered, events emitted, and a worker per module while it consumes.

    Life: ``for_module`` and ``on``; ``start``; ``consume`` in a task; ``stop``. ``emit`` works from
    ``start`` to ``stop``.
    """

    def __init__(self, store: Store, settings: BusSettings, address: str = "") -> None:
        self.settings = settings
        self.observer = Observer()
        self.store = store
        self._address = address
        self._subscriptions: dict[str, dict[str, list[Subscription]]] = {}
        self._workers: dict[str, ModuleWorker] = {}
        self._names: dict[str, str] = {}
        self._warnings: tuple[Any, ...] = ()
        self.contracts: Contracts | None = None
        self._started = False
        self._consuming = False
        self._rounds = 0
        self._stop = asyncio.Event()
        self._changed: set[str] = set()
        self._changing: asyncio.Future[None] | None = None
        self._relays: dict[int, Relay] = {}
        self._channels = Channels(store)

    # -- for modules -----------------------------------------------------------------------

    def for_module(self, name: str) -> ModuleBus:
        """The bus as the module ``name`` sees it."""
        return ModuleBus(self, name)

    def register(self, module: str, event: str, handler: Any, options: Mapping[str, Any]) -> None:
        """Add a handler. After ``start`` it takes effect at once as well."""
        name = str(EventName(event))
        by_event = self._subscriptions.setdefault(module, {})
        taken = frozenset(one.name for one in by_event.get(name, ()))
        by_event.setdefault(name, []).append(
            subscribe(name, handler, options, self.settings, taken)
        )
        if self._started:
            self._changed.add(module)
            if self._changing is None or self._changing.done():
                self._changing = asyncio.ensure_future(self._follow_changes())

    async def emit(
        self,
        origin: str,
        event: str,
        key: str | None,
        durability: Durability | None,
        payload: Mapping[str, Any],
    ) -> str:
        """Publish; see :meth:`EventBus.emit`."""
        message = self.message(origin, event, key, payload)
        level = durability or self.settings.durability
        if level is Durability.OUTBOX:
            raise EmitError(event=event, reason="durability outbox needs bus.within(session)")
        try:
            await self.store.append(message, level)
        except EmitError:
            self.observer.emit_failures += 1
            raise
        self.was_emitted(message)
        return message.id

    def message(
        self, origin: str, event: str, key: str | None, payload: Mapping[str, Any]
    ) -> Message:
        """What is stored for an emit. Raises: PayloadError, InvalidNameError."""
        name = self._names.get(event)
        if name is None:
            name = self._names[event] = str(EventName(event))
        data = encode_payload(name, payload, self.settings.max_payload_bytes)
        if key is not None:
            check_key(name, key)
        version = self.contracts.check_emitted(origin, name, data) if self.contracts else 1
        now_ms = time.time_ns() // 1_000_000
        return Message(name, new_id(now_ms), origin, now_ms, data, key, version, emitting_trace())

    def was_emitted(self, message: Message) -> None:
        """Count it, and tell who listens."""
        self.observer.emitted[message.name] += 1
        if self.observer.listener is not None:
            self.observer.listener.emitted(message.name, message.id)

    def relay_of(self, engine: Any) -> "Relay":
        """The relay of a database's outbox; it runs until ``stop``."""
        from recyclic.events.outbox import Relay

        plain = getattr(engine, "sync_engine", engine)
        relay = self._relays.get(id(plain))
        if relay is None:
            relay = self._relays[id(plain)] = Relay(engine, self._publish_once)
        return relay

    async def _publish_once(self, message: Message) -> None:
        """Store an outbox's message unless the server has had it before."""
        if await self.store.append(message, self.settings.durability, once=True):
            self.was_emitted(message)

    async def emit_ephemeral(self, channel: str, payload: Mapping[str, Any]) -> int:
        """Tell whoever listens now; returns how many did."""
        data = encode_payload(channel, payload, self.settings.max_payload_bytes)
        return await self.store.publish(str(EventName(channel)), data)

    def use_contracts(self, contracts: "Contracts") -> None:
        """Check payloads against the schemas that manifests name, from now on."""
        self.contracts = contracts

    def listen(self, *channels: str, latest: bool = False) -> AsyncIterator[Notice]:
        """Ephemeral notices of ``channels``, for one page, until it ends the iteration.

        Args:
            latest: Begin with the last notice of each channel.

        A page that does not take its notices is dropped: the iteration ends.
        """
        return notices(self._channels, [str(EventName(one)) for one in channels], latest=latest)

    # -- for the runtime -------------------------------------------------------------------

    async def start(self) -> None:
        """Connect, check the server, and make sure that no event is missed from now on.

        Raises:
            BusUnavailableError, BusSettingsError, ForeignSiteError
        """
        self._stop.clear()
        self._channels = Channels(self.store)
        self._warnings = tuple(await self.store.open())
        for warned in self._warnings:
            _log.warning("%s: the server weakens a promise: %s", warned.code, warned.facts)
        self._started = True
        try:
            for module in self._subscriptions:
                await self._join(module)
        except BaseException as error:
            self._started = False
            self._workers.clear()
            await self.store.close()
            if isinstance(error, StoreError):
                raise BusUnavailableError(address=self._address, reason=str(error)) from error
            raise

    async def _join(self, module: str) -> ModuleWorker:
        worker = ModuleWorker(
            module, self._checked(module), self.store, self.settings, self.observer
        )
        self._workers[module] = worker
        await worker.join()
        return worker

    def _checked(self, module: str) -> Mapping[str, list[Subscription]]:
        """The module's handlers, behind the schema it says it understands."""
        by_event = self._subscriptions[module]
        if self.contracts is None:
            return by_event
        checked = self.contracts.before_handling
        return {
            event: [replace(one, call=checked(module, event, one.call)) for one in subs]
            for event, subs in by_event.items()
        }

    async def _follow_changes(self) -> None:
        """One module after the other; several handlers registered together restart it once."""
        while self._changed and self._started:
            module = self._changed.pop()
            try:
                await self._restart_worker(module)
            except StoreError as error:
                _log.warning("new handlers of %s wait for the server: %s", module, error)
                self._changed.add(module)
                await asyncio.sleep(1)

    async def settled(self) -> None:
        """Wait until handlers registered after ``start`` are in effect."""
        if self._changing is not None:
            await self._changing

    async def _restart_worker(self, module: str) -> None:
        """The handlers of a running module changed."""
        old = self._workers.pop(module, None)
        if old is not None:
            await old.stop(self.settings.handler_timeout_s)
        if module in self._subscriptions and self._started:
            worker = await self._join(module)
            if self._consuming:
                worker.start()

    async def consume(self) -> None:
        """Handle events until ``stop``. The server may come and go meanwhile."""
        self._consuming = True
        for worker in self._workers.values():
            worker.start()
        try:
            while not self._stop.is_set():
                await self._housekeeping()
        finally:
            self._consuming = False

    async def _housekeeping(self) -> None:
        """Trim now and then; notice a worker that ended by a mistake of ours."""
        self._rounds += 1
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._stop.wait()
        except TimeoutError:
            if self._rounds % TRIM_EVERY == 0:
                await self.trim()
        for module, worker in list(self._workers.items()):
            failure = worker.failure()
            if failure is not None:
                _log.error("the worker of %s failed and begins again", module, exc_info=failure)
                await self._restart_worker(module)

    @property
    def events(self) -> set[str]:
        """The events that this process handles, or has emitted."""
        handled = {event for by_event in self._subscriptions.values() for event in by_event}
        return handled | set(self.observer.emitted)

    async def trim(self) -> int:
        """Remove what all modules have handled and retention does not keep; returns how many."""
        try:
            return await self.store.trim(sorted(self.events), self.settings.retention_s)
        except EmitError as error:
            _log.warning("trimming: %s", error)
            return 0

    async def stop(self, *, timeout_s: float = 10.0) -> StopReport:
        """Stop taking, finish what runs within ``timeout_s``, hand back the rest, disconnect."""
        self._stop.set()
        if not self._started:
            return StopReport()
        if self._changing is not None:
            self._changing.cancel()
            await asyncio.gather(self._changing, return_exceptions=True)
        relays, self._relays = list(self._relays.values()), {}
        await asyncio.gather(*(relay.stop() for relay in relays))
        self._started = False
        workers, self._workers = list(self._workers.values()), {}
        reports = await asyncio.gather(*(worker.stop(timeout_s) for worker in workers))
        await self.store.close()
        return StopReport(sum(one for one, _ in reports), sum(two for _, two in reports))

    async def remove_module(self, name: str) -> None:
        """A module was set aside: its handlers are called no more here. Its group stays, so that
        nothing is missed when it comes back."""
        self._subscriptions.pop(name, None)
        worker = self._workers.pop(name, None)
        if worker is not None:
            await worker.stop(5.0)

    async def there_and_back(self, *, timeout_s: float = 10.0) -> int:
        """Have an event make the whole way, on every server; how many there are. Nothing of it
        stays, and no module sees it.

        Raises:
            RoundTripError: it does not arrive in that time, or a server refuses.
        """
        try:
            if not self._started:
                raise StoreError("not connected")
            async with asyncio.timeout(timeout_s):
                return await self.store.there_and_back()
        except TimeoutError as error:
            reason = f"not back in {timeout_s:g} s"
            raise RoundTripError(address=self._address, reason=reason) from error
        except (StoreError, EmitError) as error:
            reason = str(error.facts["reason"]) if isinstance(error, EmitError) else str(error)
            raise RoundTripError(address=self._address, reason=reason) from error

    def health(self) -> BusHealth:
        """What this process knows, without asking the server."""
        return BusHealth(
            connected=self._started and self.store.connected,
            consuming=self._consuming,
            address=self._address,
            in_hand={name: worker.in_hand for name, worker in self._workers.items()},
            dead=sum(counts.dead for counts in self.observer.handling.values()),
            warnings=tuple((one.code, one.facts) for one in self._warnings),
        )
