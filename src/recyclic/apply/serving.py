"""The process that serves a site, seen from outside: over its control socket and its own HTTP.

Source: docs/runtime.md, "Control socket". One JSON value a line each way, in ``run/control.sock``.
"""

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from recyclic.apply.errors import HandOverError, HealthFailedError
from recyclic.apply.health import CheckResult

_ANSWER_LIMIT_S = 120.0
_STATUS_LIMIT_S = 10.0
_PROBE_LIMIT_S = 20.0
"""Twice what the site gives an event to come back, so that its reason is heard."""


class ServedSite:
    """One site's serving process, if there is one.

    What was prepared over the connection is sent away by the other side when the connection ends:
    an apply that is killed leaves no second process behind.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._prepared: socket.socket | None = None

    @property
    def is_prepared(self) -> bool:
        """True when something waits to be handed over to."""
        return self._prepared is not None

    def status(self) -> dict[str, Any] | None:
        """What is served, or None when nobody serves the site."""
        try:
            with self._connection(_STATUS_LIMIT_S) as connection:
                return _ask(connection, "status")
        except OSError:
            return None

    def prepare(self, config: Path) -> dict[str, Any]:
        """Boot the site of ``config`` beside the one that serves; its report, and a probe socket.

        Raises:
            HandOverError: it does not boot.
        """
        connection = _connect(self._run, _ANSWER_LIMIT_S)
        try:
            answer = _ask(connection, "prepare", config=str(config))
        except BaseException:
            connection.close()
            raise
        self._prepared = connection
        return answer

    def commit(self) -> None:
        """Hand over to what was prepared; returns once the former one has drained.

        Raises:
            HandOverError: it went away.
        """
        if self._prepared is None:
            raise HandOverError(request="commit", reason="nothing is prepared")
        try:
            _ask(self._prepared, "commit")
        finally:
            self.abort()

    def abort(self) -> None:
        """Send away what was prepared, if anything was."""
        connection, self._prepared = self._prepared, None
        if connection is not None:
            connection.close()

    def send_away(self) -> None:
        """Send away whatever was prepared, by whomever; returns when its workers have ended, so
        that nobody writes into its generation any more. Nobody serving is fine."""
        self.abort()
        with (
            suppress(ConnectionError, FileNotFoundError),
            self._connection(_ANSWER_LIMIT_S) as connection,
        ):
            _ask(connection, "abort")

    def reload(self) -> None:
        """Serve what ``current`` points at. Nobody serving is fine.

        Raises:
            HandOverError: it does not boot.
        """
        with (
            suppress(ConnectionError, FileNotFoundError),
            self._connection(_ANSWER_LIMIT_S) as connection,
        ):
            _ask(connection, "reload")

    @contextmanager
    def _connection(self, limit_s: float) -> Iterator[socket.socket]:
        connection = _connect(self._run, limit_s)
        try:
            yield connection
        finally:
            connection.close()


def _connect(run: Path, limit_s: float, name: str = "control.sock") -> socket.socket:
    """Connect through the open folder: a socket's address may have 107 bytes, a path more."""
    folder = os.open(run, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(limit_s)
        connection.connect(f"/proc/self/fd/{folder}/{name}")
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection


def _ask(connection: socket.socket, do: str, **rest: str) -> dict[str, Any]:
    try:
        connection.sendall(json.dumps({"do": do, **rest}).encode() + b"\n")
        with connection.makefile("rb") as lines:
            line = lines.readline()
    except TimeoutError as error:
        raise HandOverError(request=do, reason="no answer in time") from error
    if not line:
        raise ConnectionResetError("the serving process went away")
    answer: dict[str, Any] = json.loads(line)
    if not answer.get("ok"):
        told = answer.get("error", {})
        reason = told.get("facts", {}).get("reason") or told.get("code", "?")
        raise HandOverError(request=do, reason=str(reason))
    return answer


class FrontDoor:
    """A site's own HTTP, asked as a stranger would: at an address, or on a Unix socket.

    Args:
        where: ``http://127.0.0.1:8000``, or the path of a socket.
    """

    def __init__(self, where: str) -> None:
        self._where = where

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON document of ``GET path``.

        Raises:
            OSError: nobody answers there, or with something else.
        """
        connection = self._connection()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._where.startswith("http://"):
            return http.client.HTTPConnection(urlsplit(self._where).netloc, timeout=_PROBE_LIMIT_S)
        connection = http.client.HTTPConnection("localhost", timeout=_PROBE_LIMIT_S)
        path = Path(self._where)
        connection.sock = _connect(path.parent, _PROBE_LIMIT_S, path.name)
        return connection

    def checks(
        self, before: Mapping[str, Any], required: frozenset[str]
    ) -> tuple[CheckResult, ...]:
        """How the site behind it is: its own report, and an event sent there and back.

        Raises:
            OSError: see :meth:`get`.
        """
        _, report = self.get("/health")
        _, trip = self.get("/health/events")
        return checks_of(report, trip, before, required)


def checks_of(
    report: Mapping[str, Any],
    trip: Mapping[str, Any],
    before: Mapping[str, Any],
    required: frozenset[str],
) -> tuple[CheckResult, ...]:
    """What a health report says, check by check.

    Args:
        trip: The answer of ``/health/events``.
        before: The report of what served until now; empty when nothing did.
        required: Modules that this plan brings or changes. Those that worked before are required
            too; one that was broken already is only wanted.
    """
    known = before.get("modules", {})
    why_not = report.get("bus", {}).get("reason") or trip.get("reason")
    results = [
        CheckResult("process", True, bool(report.get("ready")), str(report.get("status", ""))),
        CheckResult("events", True, bool(trip.get("ok")), str(why_not or "")),
    ]
    for name, module in sorted(report.get("modules", {}).items()):
        started = module.get("state") == "started"
        was_started = known.get(name, {}).get("state") == "started"
        detail = str(module.get("reason") or module.get("state", ""))
        needed = name in required or was_started
        results.append(CheckResult(f"module:{name}", needed, started, detail))
    return tuple(results)


def refuse_failed(results: tuple[CheckResult, ...], waited_s: float) -> None:
    """Return when every required check passed.

    Raises:
        HealthFailedError: with one that did not; a module or the bus says more than the process
            as a whole, which is not ready because of them.
    """
    for result in sorted(results, key=lambda each: each.name == "process"):
        if result.required and not result.passed:
            raise HealthFailedError(
                check=result.name, detail=result.detail, waited_s=round(waited_s, 1)
            )
