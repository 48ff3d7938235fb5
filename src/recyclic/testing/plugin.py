"""The pytest plugin: ``pytest_plugins = ["recyclic.testing.plugin"]`` in a ``conftest.py``.

The fixtures are asynchronous; mark tests that use them ``@pytest.mark.anyio``.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from recyclic.events.connect import open_bus
from recyclic.events.memory import MemoryBus
from recyclic.testing.live import QUICK, LiveBus, running
from recyclic.testing.site_under_test import SiteUnderTest, booted_site


@pytest.fixture
def anyio_backend() -> str:
    """The bus runs on asyncio; without this, anyio would run each test on trio as well."""
    return "asyncio"


@pytest.fixture
async def bus() -> AsyncIterator[LiveBus]:
    """A bus in memory, running. Retries come within milliseconds."""
    async with running(MemoryBus(settings=QUICK)) as live:
        yield live


@pytest.fixture
async def live_bus(tmp_path: Path) -> AsyncIterator[LiveBus]:
    """A bus on a real server of its own, as a site without ``[events] url`` has it."""
    options = {"lease_s": 1.0, "sweep_s": 0.05, "backoff_base_s": 0.01, "max_attempts": 4}
    site_bus = open_bus(None, site="test", data_dir=tmp_path / "live_bus", options=options)
    async with running(site_bus) as live:
        yield live


@pytest.fixture
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Boots the modules named: ``under_test = await site("caisse", settings={...})``.

    The modules are looked for in ``modules/`` below pytest's root, or beside the test's own module
    when it lies in a module's ``tests/`` folder. Everything is shut down after the test.
    """
    numbers = count(1)
    async with AsyncExitStack() as stack:

        async def boot(*modules: str, **options: Any) -> SiteUnderTest:
            folder = tmp_path / f"site{next(numbers)}"
            folder.mkdir()
            sources = options.pop("sources", None) or _sources(request)
            under_test = booted_site(*modules, folder=folder, sources=sources, **options)
            return await stack.enter_async_context(under_test)

        yield boot


def _sources(request: pytest.FixtureRequest) -> Path:
    """The folder of modules a test belongs to."""
    for folder in request.path.parents:
        if (folder / "module.toml").is_file():
            return folder.parent
    return request.config.rootpath / "modules"
