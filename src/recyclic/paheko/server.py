"""Paheko's own web pages on loopback, for a moment, logged in as its first administrator."""

import contextlib
import http.client
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.command import PahekoCommand
from recyclic.paheko.environment import PahekoEnvironment
from recyclic.paheko.errors import LoopbackServerError, PahekoPageError
from recyclic.paheko.overlay import Constant, hand_over, overlay
from recyclic.paheko.process import LeashedProcess, plain_text

_START_SECONDS = 15.0
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read to its end.

    Attributes:
        address: Where a redirection points, or an empty text.
    """

    status: int
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class LoopbackServer:
    """A running server; ends with the ``with`` block of :func:`loopback_server`."""

    port: int
    seconds: float

    def get(self, path: str) -> Page:
        """Read one page to its end: work that Paheko does after the last byte is done by then.

        Raises:
            PahekoPageError: When no whole answer came within the time limit.
        """
        try:
            try:
                return self._get(path)
            except ConnectionResetError:
                # A busy server drops a connection now and then; one that is broken, the next too.
                return self._get(path)
        except (OSError, http.client.HTTPException) as error:
            raise PahekoPageError(page=path, status=0, said=str(error)) from error

    def _get(self, path: str) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            text = plain_text(answer.read())
            return Page(answer.status, text, answer.headers.get("Location", ""))


@contextlib.contextmanager
def loopback_server(
    command: PahekoCommand, environment: PahekoEnvironment
) -> Iterator[LoopbackServer]:
    """Paheko's ``server`` command on 127.0.0.1, under a private configuration.

    The private configuration pins the folders that Paheko named, requires the real
    one, and adds a log-in as the first administrator. It is a file only its user can read, in a
    folder that is gone afterwards; nobody else can reach the pages with a password, but everyone
    on this machine can reach the port while it is open, as with any loopback server.

    Raises:
        LoopbackServerError: When it does not start.
    """
    with _private_folder(command) as folder:
        config = folder / "config.php"
        config.write_text(_overlay(command, environment), "utf-8")
        hand_over(config, command.location.user)
        process, port = _start(command, config)
        try:
            yield LoopbackServer(port, command.patience.page)
        finally:
            process.close()


@contextlib.contextmanager
def _private_folder(command: PahekoCommand) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="recyclic-paheko-") as name:
        folder = Path(name)
        hand_over(folder, command.location.user)
        # The server command starts "php" from PATH; let that be the PHP we were told to use.
        (folder / "php").symlink_to(command.location.php)
        yield folder


def _overlay(command: PahekoCommand, environment: PahekoEnvironment) -> str:
    constants: dict[str, Constant] = {
        "DATA_ROOT": str(environment.data_root),
        "DB_FILE": str(environment.database),
        "PLUGINS_ROOT": str(environment.plugins_root),
        "LOCAL_LOGIN": -1,
        # The pages are at the top here, wherever the public web server puts them.
        "WWW_URI": "/",
        # Without it, a page of the administration may send reminders and make backups.
        "USE_CRON": True,
    }
    # A multi-site configuration chooses the site by the name of the host.
    return overlay(constants, command.location.config, environment.host_name)


def _start(command: PahekoCommand, config: Path) -> tuple[LeashedProcess, int]:
    said = ""
    for _ in range(_TRIES):
        port = _free_port()
        arguments = ("server", "-b", "127.0.0.1", "-p", str(port))
        path = f"{config.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        line = command.arguments(*arguments, config=config)
        process = command.start(line, {"PATH": path})
        if _wait_for(process, port):
            return process, port
        output, complaint = process.close()
        said = plain_text(output + complaint)[:600]
    raise LoopbackServerError(said=said)


def _wait_for(process: LeashedProcess, port: int) -> bool:
    """True when the port answers; False when the server ended (a busy port ends it silently)."""
    deadline = time.monotonic() + _START_SECONDS
    while process.is_running and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process.is_running
        time.sleep(0.01)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
