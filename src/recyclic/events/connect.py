"""From a site's ``[events] url`` to its bus."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recyclic.events.embedded import EmbeddedServer
from recyclic.events.errors import EmbeddedServerError
from recyclic.events.memory import MemoryBus
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import SiteBus, StopReport
from recyclic.events.streams.address import Address, Topology, parse_url
from recyclic.events.streams.dial import DialError


def open_bus(
    url: str | None,
    *,
    site: str,
    data_dir: Path | str,
    options: Mapping[str, Any] | None = None,
) -> SiteBus:
    """The bus at ``url``; not yet started.

    Args:
        url: See :func:`parse_url`; None for a server of the site's own, in ``data_dir``/events.
        options: The rest of ``[events]``: names of :class:`BusSettings`.

    Raises:
        BusUrlError, BusSettingsError
    """
    settings = BusSettings().overlaid(options or {})
    if url is None:
        return EmbeddedBus(Path(data_dir) / "events", site=site, settings=settings)
    address = parse_url(url)
    if address.topology is Topology.MEMORY:
        return MemoryBus(settings=settings.overlaid(address.options))
    return RedisStreamsBus(url, site=site, settings=settings)


class EmbeddedBus(RedisStreamsBus):
    """The bus on the site's own server, which is started with it, and again whenever it ends."""

    def __init__(self, folder: Path, *, site: str, settings: BusSettings) -> None:
        self.server = EmbeddedServer(folder)
        super().__init__(self.server.url, site=site, settings=settings, locate=self._located)

    async def start(self) -> None:
        """See :meth:`SiteBus.start`. Raises also: EmbeddedServerError."""
        self.server.start()
        try:
            await super().start()
        except BaseException:
            self.server.stop()
            raise

    async def stop(self, *, timeout_s: float = 10.0) -> StopReport:
        """See :meth:`SiteBus.stop`; the server ends last, when it is ours."""
        try:
            return await super().stop(timeout_s=timeout_s)
        finally:
            await asyncio.to_thread(self.server.stop)

    async def _located(self) -> Address:
        # In this thread on purpose: the server ends with the thread that starts it.
        try:
            return parse_url(self.server.ensure())
        except EmbeddedServerError as error:
            raise DialError(str(error.facts["reason"])) from error
