"""A stand-in for Paheko's HTTP API on a loopback port, which can be made to misbehave."""

import contextlib
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.paheko_books import Year, prepare_books, read_transaction, usual_year
from tests.fakes.paheko_routes import Answer, Call, PahekoRoutes, as_json, crashed


class Fault(Enum):
    """What can go wrong between a client and Paheko."""

    SLOW = "answers after a delay; the work is done at once"
    LOSE_ANSWER = "stores, then closes the connection without a word"
    LOSE_REQUEST = "closes the connection before anything is stored"
    LOCKED = "500, database is locked, nothing stored"
    CRASH_AFTER = "stores, then 500"
    NEEDS_UPGRADE = "redirects to /admin/upgrade.php, or 500 HTML for a POST"
    REFUSE = "400 in Paheko's words, nothing stored"
    UNAVAILABLE = "502 HTML from the web server in front"


@dataclass(slots=True)
class _Injection:
    fault: Fault
    times: int
    method: str | None
    path: str | None
    seconds: float

    def fits(self, call: Call) -> bool:
        return (
            self.times > 0
            and self.method in (None, call.method)
            and (self.path is None or call.path.startswith(self.path))
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that arrived, and the status it got (0: no answer was sent)."""

    method: str
    path: str
    status: int
    body: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    stand_in: "PahekoApi"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        call = Call(
            method=self.command,
            path=parts.path,
            body=body,
            content_type=self.headers.get("Content-Type", ""),
            authorization=self.headers.get("Authorization", ""),
            query=dict(parse_qsl(parts.query)),
        )
        answer = self.server.stand_in._answer(call)
        if answer is None:
            self.close_connection = True
            return
        with contextlib.suppress(ConnectionError):
            self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; requests are in ``PahekoApi.seen``."""


class PahekoApi:
    """Paheko's HTTP API while the ``with`` block lasts, on 127.0.0.1 and a port of its own.

    As on the real one: amounts go in as euros and come out as cents, ``reference`` is not unique,
    the same entry posted twice is stored twice, a 400 may have stored it, writers that meet
    get 500 ``database is locked`` at once.

    Attributes:
        user: Name of the API user with every right.
        password: Its password.
        reader: Name and password of an API user that may only read.
    """

    user = "recyclic"
    password = "stand-in password"
    reader = ("reader", "reader password")

    def __init__(self, years: Sequence[Year] | None = None, *, port: int = 0) -> None:
        self._years = tuple(years) if years is not None else (usual_year(),)
        self._port = port
        self._guard = threading.Lock()
        self._injections: list[_Injection] = []
        self._seen: list[Seen] = []
        self._released = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="paheko-api-")
        self.file = Path(self._folder.name) / "association.sqlite"
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            # Write-ahead, so that a test that looks never gets in the way of one that stores.
            database.execute("PRAGMA journal_mode = WAL")
            prepare_books(database, self._years)
        credentials = {self.user: (self.password, 9), self.reader[0]: (self.reader[1], 1)}
        self._routes = PahekoRoutes(self.file, credentials)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._released.set()
        self.stop()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT/``; the API is below it at ``api/``."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def transactions(self) -> list[dict[str, Any]]:
        """Every stored entry, oldest first, in cents; each line has its ``account_code``."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=5)) as database:
            numbers = database.execute("SELECT id FROM acc_transactions ORDER BY id").fetchall()
            return [read_transaction(database, number) for (number,) in numbers]

    @property
    def seen(self) -> list[Seen]:
        """Every request so far, in the order they were answered."""
        with self._guard:
            return list(self._seen)

    def start(self) -> None:
        """Listen (again) on the same port; does nothing when listening."""
        if self._server is not None:
            return
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.stand_in = self
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Be down: connections are refused until ``start``. What was stored stays."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def inject(
        self,
        fault: Fault,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        seconds: float = 1.0,
    ) -> None:
        """Let the next ``times`` requests that fit ``method`` and the start of ``path`` go wrong.

        Args:
            seconds: How long SLOW waits (it stops waiting when the stand-in ends).
        """
        with self._guard:
            self._injections.append(_Injection(fault, times, method, path, seconds))

    def heal(self) -> None:
        """Forget every fault that is still to come."""
        with self._guard:
            self._injections.clear()

    def _answer(self, call: Call) -> Answer | None:
        injection = self._next_injection(call)
        answer = self._routes.answer(call) if injection is None else self._fail(injection, call)
        status = 0 if answer is None else answer.status
        with self._guard:
            body = call.body.decode("utf-8", "replace")
            self._seen.append(Seen(call.method, call.path, status, body))
        return answer

    def _next_injection(self, call: Call) -> _Injection | None:
        with self._guard:
            for injection in self._injections:
                if injection.fits(call):
                    injection.times -= 1
                    return injection
        return None

    def _fail(self, injection: _Injection, call: Call) -> Answer | None:
        match injection.fault:
            case Fault.SLOW:
                answer = self._routes.answer(call)
                self._released.wait(injection.seconds)
                return answer
            case Fault.LOSE_ANSWER:
                self._routes.answer(call)
                return None
            case Fault.LOSE_REQUEST:
                return None
            case Fault.LOCKED:
                return crashed("KD2\\DB\\DB_Exception: database is locked")
            case Fault.CRASH_AFTER:
                self._routes.answer(call)
                return crashed("Error reference was: b4mpcgn3")
            case Fault.NEEDS_UPGRADE:
                if call.method == "GET":
                    return Answer(302, "text/html", b"", {"Location": "/admin/upgrade.php"})
                return Answer(500, "text/html", b"<h1>Mise a jour requise</h1>")
            case Fault.REFUSE:
                return as_json({"error": "Impossible de modifier un exercice clôturé."}, 400)
            case Fault.UNAVAILABLE:
                return Answer(502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>")
