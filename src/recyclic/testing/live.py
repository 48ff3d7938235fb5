"""A bus under test: running, with every event seen, and waits that end as soon as they can."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from recyclic.events.bus import H
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import ModuleBus, SiteBus

OpenBus = Callable[[], SiteBus]
"""A new bus, not started, each time; all on one common store."""

PATIENCE_S = 10.0
"""How long a wait lasts before the test fails."""

QUICK = BusSettings(
    lease_s=1.0, sweep_s=0.05, backoff_base_s=0.01, backoff_factor=2.0, max_attempts=4
)
"""The bus's own behaviour with waits that suit a test."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that happened to one event."""

    event: str
    event_id: str
    module: str = ""
    handler: str = ""
    reason: str = ""


@dataclass
class EventProbe:
    """Remembers what happened on a bus. Its waits never sleep: they are woken by what happens."""

    emissions: list[Seen] = field(default_factory=list)
    handlings: list[Seen] = field(default_factory=list)
    deaths: list[Seen] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    # -- Listener --------------------------------------------------------------------------

    def emitted(self, event: str, event_id: str) -> None:
        self.emissions.append(Seen(event, event_id))
        self._news.set()

    def handled(self, module: str, event: str, event_id: str) -> None:
        self.handlings.append(Seen(event, event_id, module))
        self._news.set()

    def died(self, module: str, event: str, event_id: str, handler: str, reason: str) -> None:
        self.deaths.append(Seen(event, event_id, module, handler, reason))
        self._news.set()

    # -- waits -----------------------------------------------------------------------------

    async def until(self, condition: Callable[[], bool], what: str = "it") -> None:
        """Return once ``condition()`` holds; it is looked at after everything that happens.

        Raises:
            AssertionError: not within PATIENCE_S; the message says what did happen.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(
                f"{what} did not happen in {PATIENCE_S:g} s; emitted {self.emissions}, "
                f"handled {self.handlings}, died {self.deaths}"
            ) from None


class LiveBus:
    """A started, consuming bus with a probe. Also a module's bus itself, as the module ``test``."""

    def __init__(self, site_bus: SiteBus) -> None:
        self.site_bus = site_bus
        self.probe = EventProbe()
        site_bus.observer.listener = self.probe
        self._own = site_bus.for_module("test")

    def for_module(self, name: str) -> ModuleBus:
        """The bus as the module ``name`` sees it: what its ``register_signals`` is given."""
        return self.site_bus.for_module(name)

    def on(self, event: str, handler: H, **options: Any) -> H:
        """A handler of the test's own."""
        return self._own.on(event, handler, **options)

    async def emit(self, event: str, /, *, key: str | None = None, **payload: Any) -> str:
        """Publish, as the module ``test``."""
        await self.site_bus.settled()
        return await self._own.emit(event, key=key, **payload)

    async def emitted(self, event: str, count: int = 1) -> list[Seen]:
        """The emissions of ``event``, once there are ``count`` of them."""
        found: list[Seen] = []

        def enough() -> bool:
            found[:] = [one for one in self.probe.emissions if one.event == event]
            return len(found) >= count

        await self.probe.until(enough, f"{count} x {event} emitted")
        return found

    async def handled(self, event: str, count: int = 1, *, module: str | None = None) -> list[Seen]:
        """The handlings of ``event`` (by ``module``), once there are ``count`` of them."""
        found: list[Seen] = []

        def enough() -> bool:
            found[:] = [
                one
                for one in self.probe.handlings
                if one.event == event and module in (None, one.module)
            ]
            return len(found) >= count

        await self.probe.until(enough, f"{count} x {event} handled by {module or 'anyone'}")
        return found

    async def died(self, event: str, count: int = 1) -> list[Seen]:
        """The dead letters of ``event``, once there are ``count`` of them."""
        found: list[Seen] = []

        def enough() -> bool:
            found[:] = [one for one in self.probe.deaths if one.event == event]
            return len(found) >= count

        await self.probe.until(enough, f"{count} dead letters of {event}")
        return found


@asynccontextmanager
async def running(site_bus: SiteBus) -> AsyncIterator[LiveBus]:
    """``site_bus`` started and consuming, stopped at the end."""
    live = LiveBus(site_bus)
    await site_bus.start()
    consuming = asyncio.create_task(site_bus.consume())
    try:
        yield live
    finally:
        await site_bus.stop(timeout_s=5)
        await consuming
