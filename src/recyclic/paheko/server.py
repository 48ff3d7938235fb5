"""Paheko's own web pages on loopback, for a moment, logged in as its first administrator."""

import contextlib
import http.client
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.command import PahekoCommand
from recyclic.paheko.environment import PahekoEnvironment
from recyclic.paheko.errors import LoopbackServerError, PahekoPageError
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = plain_text(answer.read())
            return Page(answer.status, text, answer.headers.get("Location", ""))
        except (OSError, http.client.HTTPException) as error:
            raise PahekoPageError(page=path, status=0, said=str(error)) from error
        finally:
            connection.close()


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
        overlay = folder / "config.php"
        overlay.write_text(_overlay(command, environment), "utf-8")
        _hand_over(command, overlay)
        process, port = _start(command, overlay)
        try:
            yield LoopbackServer(port, command.patience.page)
        finally:
            process.close()


@contextlib.contextmanager
def _private_folder(command: PahekoCommand) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="recyclic-paheko-") as name:
        folder = Path(name)
        _hand_over(command, folder)
        # The server command starts "php" from PATH; let that be the PHP we were told to use.
        (folder / "php").symlink_to(command.location.php)
        yield folder


def _hand_over(command: PahekoCommand, path: Path) -> None:
    user = command.location.user
    if user is not None and user.uid != os.geteuid():
        os.chown(path, user.uid, user.gid)
    if path.is_file():
        path.chmod(0o600)


def _overlay(command: PahekoCommand, environment: PahekoEnvironment) -> str:
    """PHP source. Constants set first win; PHP's warning about the second is not let through."""
    constants: dict[str, str | int] = {
        "DATA_ROOT": str(environment.data_root),
        "DB_FILE": str(environment.database),
        "PLUGINS_ROOT": str(environment.plugins_root),
        "LOCAL_LOGIN": -1,
        # The pages are at the top here, wherever the public web server puts them.
        "WWW_URI": "/",
        # Without it, a page of the administration may send reminders and make backups.
        "USE_CRON": True,
    }
    lines = [f"define('Paheko\\\\{name}', {_php(value)});" for name, value in constants.items()]
    host = _php(environment.host_name)
    return "\n".join(
        [
            "<?php",
            "namespace Paheko;",
            *lines,
            # A multi-site configuration chooses the site by these.
            f"$_SERVER['SERVER_NAME'] = $_SERVER['HTTP_HOST'] = {host};",
            "set_error_handler(static fn (int $level, string $message): bool =>"
            " false !== strpos($message, 'already defined'));",
            f"require {_php(str(command.location.config))};",
            "restore_error_handler();",
            "defined('Paheko\\\\SECRET_KEY')"
            f" || define('Paheko\\\\SECRET_KEY', {_php(secrets.token_hex(32))});",
            "",
        ]
    )


def _php(value: str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _start(command: PahekoCommand, overlay: Path) -> tuple[LeashedProcess, int]:
    said = ""
    for _ in range(_TRIES):
        port = _free_port()
        arguments = ("server", "-b", "127.0.0.1", "-p", str(port))
        path = f"{overlay.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        line = command.arguments(*arguments, config=overlay)
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
