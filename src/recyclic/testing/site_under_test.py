"""A whole site in a test: the modules named, booted in one app, over a bus that can be watched."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recyclic.events.memory import MemoryBus
from recyclic.events.site_bus import SiteBus
from recyclic.model.site_config import SiteConfig
from recyclic.testing.live import QUICK, LiveBus

if TYPE_CHECKING:
    import httpx

    from recyclic.runtime.site_app import SiteApp


@dataclass(frozen=True)
class SiteUnderTest:
    """A booted site.

    Attributes:
        client: Speaks to it as a browser would, without a socket.
        bus: Its bus, to emit on and to wait on.
        data: The folder of its modules' data.
    """

    app: "SiteApp"
    client: "httpx.AsyncClient"
    bus: LiveBus
    data: Path


@asynccontextmanager
async def booted_site(
    *modules: str,
    folder: Path,
    sources: Path,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    bus: SiteBus | None = None,
) -> AsyncIterator[SiteUnderTest]:
    """The site with ``modules``, in boot order, running until the end of the ``async with``.

    Args:
        folder: An empty folder for the site.
        sources: The folder that holds the modules' folders.
        settings: By module.
        bus: Instead of one in memory.
    """
    import httpx

    from recyclic.runtime.app import create_app

    (folder / "modules").symlink_to(sources.resolve(), target_is_directory=True)
    site_bus = bus or MemoryBus(settings=QUICK)
    live = LiveBus(site_bus)
    app = create_app(_config(modules, sources, settings or {}), folder=folder, bus=site_bus)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://site.test") as client,
    ):
        # One turn of the loop, so that the task that consumes has begun.
        await asyncio.sleep(0)
        yield SiteUnderTest(app, client, live, folder / "data")


def _config(
    modules: Sequence[str], sources: Path, settings: Mapping[str, Mapping[str, Any]]
) -> SiteConfig:
    versions = {}
    for name in modules:
        manifest = (sources / name / "module.toml").read_text(encoding="utf-8")
        versions[name] = str(tomllib.loads(manifest)["version"])
    return SiteConfig(
        site="test",
        bundle="test",
        bundle_version="0",
        modules=tuple(modules),
        module_versions=versions,
        settings=settings,
    )
