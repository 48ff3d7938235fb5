"""The event server a command is about, opened for the time of the command."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from recyclic.events.connect import EmbeddedBus, open_bus
from recyclic.events.errors import BusUrlError
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams.operations import Operations
from recyclic.events.streams.refusals import refusals_told
from recyclic.runtime.location import Location
from recyclic.runtime.secret import reveal
from recyclic.site.config_file import read_config
from recyclic.workflow.target import find_site

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """Which server: of a URL, or of a site."""

    site: str | None
    instance: Path | None
    url: str | None

    def run(self, work: Callable[["Opened"], Awaitable[T]]) -> T:
        """What ``work`` returns, done on the opened server."""

        async def inside() -> T:
            async with self._opened() as opened:
                with refusals_told(opened.bus.health().address):
                    return await work(opened)

        return asyncio.run(inside())

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator["Opened"]:
        bus = self._bus()
        if isinstance(bus, EmbeddedBus):
            # The serving process's server when it runs; else one for the time of the command.
            await asyncio.to_thread(bus.server.data_dir.mkdir, parents=True, exist_ok=True)
            bus.server.start()
        try:
            await bus.streams.open_to_look()
            try:
                yield Opened(bus, Operations(bus.streams))
            finally:
                await bus.streams.close()
        finally:
            if isinstance(bus, EmbeddedBus):
                await asyncio.to_thread(bus.server.stop)

    def _bus(self) -> RedisStreamsBus:
        if self.url is not None:
            bus = open_bus(self.url, site=self.site or "", data_dir="")
        else:
            location = Location.of_site(find_site(Path.cwd(), self.site, self.instance))
            config = read_config(location.config)
            url: Any = config.events.get("url")
            if isinstance(url, dict):
                url = reveal(url, module="events", setting="url")
            options = {name: value for name, value in config.events.items() if name != "url"}
            bus = open_bus(url, site=config.site, data_dir=location.data, options=options)
        if not isinstance(bus, RedisStreamsBus):
            raise BusUrlError(
                url=self.url or "memory://", reason="nothing of it outlives a process"
            )
        return bus


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened server: to look at and to change."""

    bus: RedisStreamsBus
    operations: Operations
