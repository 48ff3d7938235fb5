"""One suite, four buses: in memory, the site's own server, Redis, Valkey."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fakes.event_servers import REDIS, VALKEY, running

from recyclic.events.embedded import EmbeddedServer
from recyclic.events.memory import MemoryBus, MemoryStore
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.site_bus import SiteBus
from recyclic.testing.bus_contract import BusContract
from recyclic.testing.live import QUICK


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class TestMemory(BusContract):
    """The bus of unit tests."""

    @pytest.fixture
    def open_bus(self) -> Callable[[], SiteBus]:
        memory = MemoryStore()
        return lambda: MemoryBus(settings=QUICK, memory=memory)


class TestEmbedded(BusContract):
    """The bus of a site without a server."""

    @pytest.fixture
    def open_bus(self, tmp_path: Path) -> Iterator[Callable[[], SiteBus]]:
        server = EmbeddedServer(tmp_path / "events")
        url = server.start()
        yield lambda: RedisStreamsBus(url, site="test", settings=QUICK)
        server.stop()


@pytest.mark.skipif(REDIS.binary is None, reason="redis-server is not installed")
class TestRedis(BusContract):
    """The bus on Debian's redis-server."""

    @pytest.fixture
    def open_bus(self, tmp_path: Path) -> Iterator[Callable[[], SiteBus]]:
        with running(REDIS, tmp_path / "redis") as server:
            yield lambda: RedisStreamsBus(server.url, site="test", settings=QUICK)


class TestValkeyByTcp(BusContract):
    """The bus on a valkey-server that is reached by the network and syncs now and then."""

    @pytest.fixture
    def open_bus(self, tmp_path: Path) -> Iterator[Callable[[], SiteBus]]:
        with running(VALKEY, tmp_path / "valkey", appendfsync="everysec") as server:
            yield lambda: RedisStreamsBus(server.url, site="test", settings=QUICK)
