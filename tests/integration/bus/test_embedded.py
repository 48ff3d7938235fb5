"""The site's own server: found by every process of the site, dead with its parent, never empty."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.event_servers import wait_until
from tests.integration.bus.conftest import consuming, until

from recyclic.events.connect import EmbeddedBus, open_bus
from recyclic.events.embedded import EmbeddedServer
from recyclic.events.errors import EmbeddedServerError
from recyclic.events.event import Event

HOLDER = """
import sys
from recyclic.events.embedded import EmbeddedServer
server = EmbeddedServer(sys.argv[1])
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def holder(folder: Path) -> tuple["subprocess.Popen[str]", int]:
    """A process that runs the server, and the server's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_a_second_process_finds_the_server(tmp_path: Path) -> None:
    """One server a site, whoever comes first runs it; the other's stop leaves it alone."""
    process, pid = holder(tmp_path)
    try:
        second = EmbeddedServer(tmp_path)
        second.start()
        assert second.pid is None
        second.stop()
        assert alive(pid)
    finally:
        process.communicate("")


def test_it_dies_with_its_parent_and_the_next_takes_over(tmp_path: Path) -> None:
    """kill -9 of the process that runs it leaves no orphan."""
    process, pid = holder(tmp_path)
    process.kill()
    process.communicate()
    wait_until(lambda: not alive(pid))
    second = EmbeddedServer(tmp_path)
    second.start()
    assert second.pid is not None
    second.stop()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    """A socket's path may have 108 bytes; a site's folder may have more."""
    folder = tmp_path / ("x" * 80) / ("y" * 80)
    server = EmbeddedServer(folder)
    server.start()
    try:
        assert len(str(server.socket_path)) < 108
        assert (folder / "appendonlydir").is_dir()
        assert server.socket_path.parent.stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_what_hinders_it_is_told(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServerError):
        EmbeddedServer(tmp_path / "file" / "events").start()


@pytest.mark.anyio
async def test_a_killed_server_is_started_again_with_everything(tmp_path: Path) -> None:
    """The bus goes on by itself; what was emitted before is still there."""
    bus = open_bus(None, site="test", data_dir=tmp_path)
    assert isinstance(bus, EmbeddedBus)
    got: list[int] = []

    async def handle(event: Event) -> None:
        got.append(event["n"])

    bus.for_module("books").on("sold", handle)
    async with consuming(bus):
        await bus.for_module("till").emit("sold", n=1)
        await until(lambda: got == [1])
        assert bus.server.pid is not None
        os.kill(bus.server.pid, signal.SIGKILL)
        await bus.for_module("till").emit("sold", n=2)
        await until(lambda: got == [1, 2])
    bus = open_bus(None, site="test", data_dir=tmp_path)
    late: list[int] = []

    async def also(event: Event) -> None:
        late.append(event["n"])

    bus.for_module("stock").on("sold", also)
    async with consuming(bus):
        await until(lambda: sorted(late) == [1, 2])
