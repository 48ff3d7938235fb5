"""An event there and back: a required check of every hand-over, on every kind of server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from tests.fakes.event_clusters import cluster
from tests.fakes.event_servers import KINDS, REDIS, VALKEY, EventServer, ServerKind, running
from tests.integration.cli.command import recyclic, write_bundle, write_module
from tests.integration.served_site import served

from recyclic.events.connect import open_bus
from recyclic.events.errors import RoundTripError
from recyclic.events.redis_streams import RedisStreamsBus


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventServer]:
    """A server of each kind there is."""
    kind: ServerKind = request.param
    if kind.binary is None:
        pytest.skip("redis-server is not installed")
    with running(kind, tmp_path / "server") as made:
        yield made


@pytest.fixture
def client(server: EventServer) -> Iterator[Any]:
    """An ordinary client, to look from outside."""
    with redis.Redis(port=server.port, decode_responses=True) as made:
        yield made


@pytest.mark.anyio
async def test_an_event_goes_there_and_back_and_leaves_nothing(
    server: EventServer, client: Any
) -> None:
    """Any number of times, by two processes at once; the keys are the same as before."""
    buses = [RedisStreamsBus(server.url, site="test") for _ in range(2)]
    for bus in buses:
        await bus.start()
    before = set(client.scan_iter("*"))
    added = client.info("stats")["total_commands_processed"]
    for bus in [*buses, *buses]:
        assert await bus.there_and_back() == 1
    assert set(client.scan_iter("*")) == before
    assert client.info("stats")["total_commands_processed"] - added >= 4 * 6
    assert buses[0].observer.emitted == {}
    for bus in buses:
        await bus.stop()


REFUSALS: dict[str, Callable[[Any], object]] = {
    "out of memory": lambda client: client.config_set("maxmemory", 1),
    "too few replicas": lambda client: client.config_set("min-replicas-to-write", 1),
    "may not write": lambda client: client.execute_command("ACL", "SETUSER", "default", "-xadd"),
    "may not read": lambda client: client.execute_command(
        "ACL", "SETUSER", "default", "-xreadgroup"
    ),
    "may not acknowledge": lambda client: client.execute_command(
        "ACL", "SETUSER", "default", "-xack"
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_server_that_answers_and_refuses_is_told(
    server: EventServer, client: Any, refusal: str
) -> None:
    """The bus thinks that it is connected; the reason is the server's own."""
    bus = RedisStreamsBus(server.url, site="test")
    await bus.start()
    before = set(client.scan_iter("*"))
    REFUSALS[refusal](client)
    assert bus.health().connected
    with pytest.raises(RoundTripError) as caught:
        await bus.there_and_back(timeout_s=3)
    assert str(caught.value.facts["reason"]).split()[0] in ("OOM", "NOREPLICAS", "NOPERM")
    assert set(client.scan_iter("*")) == before
    client.config_set("maxmemory", 0)
    await bus.stop()


@pytest.mark.anyio
async def test_a_server_that_stands_still_is_told_in_time(server: EventServer) -> None:
    """A process that is stopped keeps its connections; the answer comes all the same."""
    bus = RedisStreamsBus(server.url, site="test")
    await bus.start()
    server.pause()
    try:
        with pytest.raises(RoundTripError) as caught:
            await bus.there_and_back(timeout_s=0.3)
        assert caught.value.facts["reason"] == "not back in 0.3 s"
    finally:
        server.resume()
    await bus.stop()


@pytest.mark.anyio
async def test_a_sites_own_server_and_memory_make_the_trip_too(tmp_path: Path) -> None:
    """Without ``[events] url``, and in unit tests; not before the start."""
    for url in (None, "memory://"):
        bus = open_bus(url, site="test", data_dir=tmp_path / "data")
        with pytest.raises(RoundTripError):
            await bus.there_and_back()
        await bus.start()
        assert await bus.there_and_back() == 1
        await bus.stop()


@pytest.mark.anyio
@pytest.mark.skipif(REDIS.binary is None, reason="redis-server is not installed")
async def test_in_a_cluster_every_master_is_tried(tmp_path: Path) -> None:
    """One master that refuses is enough to fail, though the others take everything."""
    with cluster(REDIS, tmp_path / "cluster") as made:
        bus = RedisStreamsBus(made.url, site="test")
        await bus.start()
        masters = len(bus.store.router.masters())  # type: ignore[attr-defined]
        assert await bus.there_and_back() == masters > 1
        with redis.Redis(port=made.nodes[0].port) as client:
            client.config_set("maxmemory", 1)
            with pytest.raises(RoundTripError, match="OOM"):
                await bus.there_and_back()
            client.config_set("maxmemory", 0)
        await bus.stop()


def test_a_bus_that_cannot_write_lets_no_generation_in(tmp_path: Path) -> None:
    """While the site is served its server runs full: the update is undone with exit code 3, the
    old generation goes on serving, and once there is room the same update goes through."""
    assert VALKEY.binary is not None
    write_module(tmp_path / "modules", "anvil")
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\n')
    (tmp_path / "profiles").mkdir()
    with running(VALKEY, tmp_path / "server") as server:
        (tmp_path / "profiles/forge.toml").write_text(
            f'site = "forge"\nbundle = "forge"\n[events]\nurl = "{server.url}"\n'
        )
        first = recyclic(tmp_path, "apply", "profile", "forge", "--yes")
        assert first.status == 0, first.err
        assert first.err.count("skipped: nobody serves the site") == 3
        with served(tmp_path) as address, redis.Redis(port=server.port) as client:
            write_module(tmp_path / "modules", "anvil", "1.1.0")
            assert httpx.get(f"{address}/health/events").json() == {"ok": True}
            client.execute_command("ACL", "SETUSER", "default", "-xadd")
            refused = recyclic(tmp_path, "apply", "profile", "forge", "--yes")
            assert (refused.status, "RCY-A001" in refused.err) == (3, True)
            assert "the new generation is not well: events" in refused.err
            assert "NOPERM" in refused.err
            assert (tmp_path / ".recyclic/forge/current").resolve().name == "000001"
            assert httpx.get(f"{address}/health").json()["generation"] == 1
            client.execute_command("ACL", "SETUSER", "default", "+xadd")
            again = recyclic(tmp_path, "apply", "profile", "forge", "--yes", "--retry")
            assert again.status == 0, again.err
            assert "skipped" not in again.err
            assert httpx.get(f"{address}/health").json()["generation"] == 3
            assert not list(client.scan_iter("*probe*"))


def test_asking_often_writes_seldom(tmp_path: Path) -> None:
    """The route is open to everybody: an answer is used for a second."""
    write_module(tmp_path / "modules", "anvil")
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\n')
    assert VALKEY.binary is not None
    with running(VALKEY, tmp_path / "server") as server:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles/forge.toml").write_text(
            f'site = "forge"\nbundle = "forge"\n[events]\nurl = "{server.url}"\n'
        )
        assert recyclic(tmp_path, "apply", "profile", "forge", "--yes").status == 0
        with served(tmp_path) as address, redis.Redis(port=server.port) as client:
            with httpx.Client(base_url=address) as asking:
                for _ in range(50):
                    assert asking.get("/health/events").status_code == 200
            made = client.info("commandstats").get("cmdstat_xadd", {"calls": 0})["calls"]
            assert 1 <= made <= 5
