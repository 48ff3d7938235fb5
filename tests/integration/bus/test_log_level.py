"""What ``log`` promises, with a disk that is slow to sync and a server that is killed."""

import asyncio
import logging
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from tests.fakes.event_servers import REDIS, VALKEY, EventServer, ServerKind, running

from recyclic.events.bus import Durability
from recyclic.events.errors import EmitError
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("cc") is None, reason="no compiler for the slow disk"),
]

SLOW_SYNC = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    if (access(getenv("SLOW_SINCE"), F_OK) == 0) sleep(5);
    return real(fd);
}
"""


@pytest.fixture(scope="module")
def slow_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes each sync of the program it is loaded into take 5 s, from when there is
    a file of the name in SLOW_SINCE."""
    folder = tmp_path_factory.mktemp("slow_disk")
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SLOW_SYNC)
    command = ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library


async def until(condition: Callable[[], object]) -> None:
    """Return once ``condition()`` holds; fail when it does not in time."""
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - what happens is a server's
            await asyncio.sleep(0.01)


Start = Callable[[ServerKind, str], EventServer]


@pytest.fixture
def start(slow_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Starts a server with that disk."""

    def started(kind: ServerKind, appendfsync: str) -> EventServer:
        if kind.binary is None:
            pytest.skip("redis-server is not installed")
        with monkeypatch.context() as patch:
            patch.setenv("LD_PRELOAD", str(slow_disk))
            patch.setenv("SLOW_SINCE", str(tmp_path / "slow"))
            server = EventServer(kind, tmp_path, {"appendfsync": appendfsync}).start()
        (tmp_path / "slow").touch()
        return server

    return started


async def lost_in_a_kill(server: EventServer, level: Durability) -> tuple[int, list[str]]:
    """How many events ``emit`` returned for are gone after a kill; the codes warned of."""
    bus = RedisStreamsBus(
        server.url, site="t", settings=BusSettings(durability=level, emit_timeout_s=0.2)
    )
    await bus.start()
    till = bus.for_module("till")
    returned: list[str] = []

    async def sell() -> None:
        with suppress(EmitError):
            while True:
                returned.append(await till.emit("sold", line="y" * 200))

    selling = [asyncio.create_task(sell()) for _ in range(5)]
    await until(lambda: returned)
    # A sync begins within a second and is under way still. The server puts off writing for it for
    # two seconds at most.
    await asyncio.sleep(1.7)
    server.kill()
    await asyncio.gather(*selling)
    server.start()
    with redis.Redis(port=server.port, decode_responses=True) as client:
        entries: Any = client.xrange("events:sold")
    await bus.stop(timeout_s=1)
    server.stop()
    kept = {fields["id"] for _, fields in entries}
    return len(set(returned) - kept), [code for code, _ in bus.health().warnings]


@pytest.mark.parametrize(
    ("kind", "appendfsync", "level", "codes", "keeps"),
    [
        (VALKEY, "everysec", Durability.LOG, [], True),
        (VALKEY, "everysec", Durability.MEMORY, [], False),
        (VALKEY, "no", Durability.LOG, [], True),
        (REDIS, "everysec", Durability.LOG, ["RCY-B023"], False),
        (REDIS, "no", Durability.LOG, [], True),
    ],
    ids=lambda one: getattr(one, "name", None),
)
async def test_log_survives_a_kill_where_nothing_is_warned_of(
    start: Start,
    caplog: pytest.LogCaptureFixture,
    kind: ServerKind,
    appendfsync: str,
    level: Durability,
    codes: list[str],
    keeps: bool,
) -> None:
    """Where the bus does warn, or promises less, such a kill does lose events: the warning is no
    empty one, and neither is this test."""
    caplog.set_level(logging.CRITICAL)
    lost, warned = await lost_in_a_kill(start(kind, appendfsync), level)
    assert warned == codes
    assert (lost == 0) is keeps


@pytest.mark.parametrize("kind", [VALKEY, REDIS], ids=lambda kind: kind.name)
async def test_one_emit_is_not_promised_fsync_in_vain(kind: ServerKind, tmp_path: Path) -> None:
    """Asked for at the call, it is refused there, and nothing is published."""
    if kind.binary is None:
        pytest.skip("redis-server is not installed")
    with running(kind, tmp_path, appendfsync="everysec") as server:
        await refused_at_the_call(server)


async def refused_at_the_call(server: EventServer) -> None:
    bus = RedisStreamsBus(server.url, site="t", settings=BusSettings(durability=Durability.MEMORY))
    await bus.start()
    with pytest.raises(EmitError) as refused:
        await bus.for_module("till").emit("sold", durability=Durability.FSYNC)
    with redis.Redis(port=server.port) as client:
        assert client.exists("events:sold") == 0
    await bus.stop(timeout_s=1)
    assert "fsync" in str(refused.value.facts["reason"])
