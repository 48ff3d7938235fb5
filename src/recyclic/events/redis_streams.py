"""The bus on Redis Streams: one per process, on Redis 7.0 or later or Valkey 7.2 or later."""

from dataclasses import replace

from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import BusHealth, SiteBus
from recyclic.events.streams.address import parse_url
from recyclic.events.streams.consumer_name import new_consumer_name
from recyclic.events.streams.keys import Keys
from recyclic.events.streams.router import Locate, router_for
from recyclic.events.streams.store import StreamStore


class RedisStreamsBus(SiteBus):
    """One process's bus on a server.

    Args:
        url: See :func:`~recyclic.events.streams.address.parse_url`; options after ``?`` are
            settings (``?prefix=lyon:events:``).
        site: Whose events these are; a server's prefix belongs to the first site that uses it.
        consumer: This process's name at the server; by default one that nobody else has.
        locate: Finds the server anew before each dialling, when it may move.

    Raises:
        BusUrlError, BusSettingsError
    """

    def __init__(
        self,
        url: str,
        *,
        site: str,
        consumer: str | None = None,
        settings: BusSettings | None = None,
        locate: Locate | None = None,
    ) -> None:
        address = parse_url(url)
        settings = (settings or BusSettings()).overlaid(address.options)
        name = consumer or new_consumer_name()
        router = router_for(address, "recyclic", locate)
        self.streams = StreamStore(router, Keys(settings.prefix), site, name, settings)
        super().__init__(self.streams, settings, address.shown())

    async def withdraw(self) -> None:
        """Leave no trace of modules that were never let handle anything: this process is part of a
        generation that was refused. A group that nobody reads for would hold up trimming, and
        would begin in the past when its module comes after all.

        Raises:
            StoreError: the server is away, or refuses.
        """
        await self.streams.withdraw()

    def health(self) -> BusHealth:
        """See :meth:`SiteBus.health`; the warnings are of whichever server answers now."""
        warnings = tuple((one.code, one.facts) for one in self.streams.warnings)
        return replace(super().health(), warnings=warnings)
