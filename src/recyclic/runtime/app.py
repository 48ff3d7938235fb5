"""create_app: the one place where a running site's parts are joined."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from recyclic.events.connect import open_bus
from recyclic.events.site_bus import SiteBus
from recyclic.model.site_config import SiteConfig
from recyclic.runtime.boot import Boot
from recyclic.runtime.dispatch import HasApp, PathTable
from recyclic.runtime.errors import ModuleError
from recyclic.runtime.event_contracts import contracts_of
from recyclic.runtime.loader import ModuleRegistry
from recyclic.runtime.location import Location
from recyclic.runtime.registration import host
from recyclic.runtime.secret import reveal
from recyclic.runtime.site_app import SiteApp
from recyclic.runtime.speech import PlainSpeech, Speech
from recyclic.runtime.totals import Alone, Totals
from recyclic.runtime.watch import Watch, unwatched
from recyclic.site.config_file import read_config


def create_app(
    config: str | Path | SiteConfig,
    *,
    folder: str | Path | None = None,
    bus: SiteBus | None = None,
    events_url: str | None = None,
    refused: Mapping[str, ModuleError] | None = None,
    speech: Speech | None = None,
    watch: Watch = unwatched,
    hold_events: bool = False,
    totals: Totals | None = None,
) -> SiteApp:
    """The app of one site, its modules loaded and registered; they start with its lifespan.

    Args:
        config: The path of a config.toml, or what one says together with ``folder``.
        folder: Where ``config`` stands: ``modules/`` is looked for there.
        bus: Already made, for tests; otherwise what config.toml's ``[events]`` names.
        refused: Modules not to load at all, with the reason (they killed a process before).
        events_url: Instead of the address in ``[events]``.
        speech: Words for people, in ``/health`` and on the page at ``/``.
        watch: Told before a module's own code runs at boot.
        hold_events: Handle no event before ``app.boot.handle_events()``.
        totals: The counts of all processes of the site, for ``/metrics``; this one's by default.

    Raises:
        RecyclicError: config.toml cannot be read. No module's fault ever raises here.
    """
    config, location = _resolved(config, folder)
    bus = bus if bus is not None else _open_bus(config, location, events_url)
    table: PathTable[HasApp] = PathTable()
    boot = Boot(bus=bus, table=table, settings=config.settings, data=location.data, watch=watch)
    with _no_collection():
        app = SiteApp(
            config,
            location,
            boot,
            table,
            lifespan=_lifespan(boot, hold_events=hold_events),
            speech=speech or PlainSpeech(),
            totals=totals or Alone(boot),
        )
        registry = ModuleRegistry.load(config, location, refused or {}, watch)
        contracts = contracts_of(registry.values())
        if contracts is not None:
            bus.use_contracts(contracts)
        for loaded in registry.values():
            boot.admit(host(loaded, bus.for_module(loaded.name), table, watch))
    return app


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: what loading makes stays, and with a thousand modules
    looking through it over and over would take a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _resolved(
    config: str | Path | SiteConfig, folder: str | Path | None
) -> tuple[SiteConfig, Location]:
    if isinstance(config, SiteConfig):
        return config, Location.of_config(Path(folder or ".") / "config.toml")
    return read_config(Path(config)), Location.of_config(Path(config))


def _open_bus(config: SiteConfig, location: Location, events_url: str | None) -> SiteBus:
    url = config.events.get("url") if events_url is None else events_url
    if isinstance(url, Mapping):
        url = reveal(url, module="events", setting="url")
    options = {name: value for name, value in config.events.items() if name != "url"}
    return open_bus(url, site=config.site, data_dir=location.data, options=options)


def _lifespan(
    boot: Boot, *, hold_events: bool
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        try:
            await boot.start()
            if not hold_events:
                boot.handle_events()
            yield
        finally:
            await boot.stop()

    return lifespan
