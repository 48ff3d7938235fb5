"""The routes of a stand-in Paheko's HTTP API over one SQLite file; no sockets here."""

import base64
import binascii
import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.paheko_books import (
    Crash,
    Refused,
    create_transaction,
    list_years,
    read_transaction,
)

_WRITE = 2
_SECRET_TABLES = frozenset(
    {
        "api_credentials",
        "config",
        "emails_queue",
        "logs",
        "plugins_signals",
        "users_sessions",
        "web_suspicious_clients",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request: ``path`` without its query, ``query`` and ``form`` decoded."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = ""
    authorization: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """What PHP would have seen; malformed JSON is the same as none."""
        if self.method != "POST":
            return dict(self.query)
        if "/json" in self.content_type:
            with contextlib.suppress(ValueError):
                value = json.loads(self.body)
                return value if isinstance(value, dict) else {}
            return {}
        if "form-urlencoded" in self.content_type:
            form = dict(parse_qsl(self.body.decode("utf-8", "replace")))
            return {**self.query, **form}
        return dict(self.query)


def as_json(value: Any, status: int = 200) -> Answer:
    """``value`` as the API's JSON."""
    body = json.dumps(value, ensure_ascii=False, indent=4).encode()
    return Answer(status, "application/json; charset=utf-8", body)


def crashed(detail: str) -> Answer:
    """A 500 in plain text, as PHP errors come out."""
    body = f"\x1b[37;41m /!\\ An internal server error occurred \x1b[0m\n{detail}\n"
    return Answer(500, "text/plain; charset=utf-8", body.encode())


@dataclass(frozen=True, slots=True)
class PahekoRoutes:
    """Answers API calls on the database ``file``.

    Attributes:
        credentials: User name to (password, level 1 read, 2 write, 9 admin).
    """

    file: Path
    credentials: Mapping[str, tuple[str, int]]

    def answer(self, call: Call) -> Answer:
        """What Paheko would say; stores what it would store."""
        try:
            level = self._level(call.authorization)
            return self._route(call, level)
        except Refused as refused:
            return as_json({"error": refused.message}, refused.status)
        except Crash as crash:
            return crashed(str(crash))
        except sqlite3.OperationalError as error:
            return crashed(f"KD2\\DB\\DB_Exception: {error}")

    def _level(self, authorization: str) -> int:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            raise Refused("No username or password supplied", 401)
        try:
            name, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("No username or password supplied", 401) from None
        known = self.credentials.get(name)
        if known is None or known[0] != password:
            raise Refused("Invalid username or password", 403)
        return known[1]

    def _route(self, call: Call, level: int) -> Answer:
        parts = call.path.removeprefix("/api/").strip("/").split("/")
        match parts:
            case ["sql"]:
                return self._sql(call)
            case ["accounting", "transaction"]:
                return self._create(call, level)
            case ["accounting", "transaction", number] if number.isdigit():
                return self._read(call, int(number))
            case ["accounting", "years"]:
                _only(call, "GET")
                with self._open() as database:
                    return as_json(list_years(database))
            case ["accounting", "charts"]:
                return self._table(call, "SELECT * FROM acc_charts")
            case ["accounting", "charts", number, "accounts"] if number.isdigit():
                return self._table(
                    call, "SELECT * FROM acc_accounts WHERE id_chart = ? ORDER BY code", number
                )
            case ["accounting", *_]:
                raise Refused("Unknown accounting action", 404)
        raise Refused("Unknown path", 404)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.file, timeout=0, isolation_level=None)) as it:
            it.execute("PRAGMA foreign_keys = ON")
            yield it

    def _table(self, call: Call, query: str, *values: str) -> Answer:
        _only(call, "GET")
        with self._open() as database:
            cursor = database.execute(query, values)
            columns = [column[0] for column in cursor.description]
            return as_json([dict(zip(columns, row, strict=True)) for row in cursor])

    def _create(self, call: Call, level: int) -> Answer:
        """Store an entry; a bad linked user is told only after it was committed."""
        _only(call, "POST")
        if level < _WRITE:
            raise Refused("You do not have enough rights to make this request", 403)
        source = call.parameters
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            number = create_transaction(database, source)
            database.execute("COMMIT")
            for user in source.get("linked_users") or []:
                if not database.execute("SELECT 1 FROM users WHERE id = ?", (user,)).fetchone():
                    raise Refused(f"User ID does not exist: {user}")
            return as_json(read_transaction(database, number))

    def _read(self, call: Call, number: int) -> Answer:
        _only(call, "GET")
        with self._open() as database:
            return as_json(read_transaction(database, number))

    def _sql(self, call: Call) -> Answer:
        if call.method not in ("GET", "POST"):
            raise Refused("Wrong request method")
        statement = call.parameters.get("sql")
        if statement is None and call.method == "POST":
            statement = call.body.decode("utf-8", "replace")
        statement = str(statement or "").strip().rstrip(";")
        if not statement:
            raise Refused("Missing SQL statement")
        with self._open() as database:
            database.set_authorizer(_authorize)
            try:
                cursor = database.execute(statement)
                columns = [column[0] for column in cursor.description or ()]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor]
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise
                raise Refused(f"Erreur dans la requête : {error}") from error
            except sqlite3.Error as error:
                raise Refused(f"Erreur dans la requête : {error}") from error
        return as_json({"count": len(rows), "results": rows})


def _only(call: Call, method: str) -> None:
    if call.method != method:
        raise Refused("Wrong request method")


def _authorize(
    action: int, one: str | None, _two: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Reading only, and none of Paheko's secret tables."""
    if action == sqlite3.SQLITE_READ:
        return sqlite3.SQLITE_DENY if one in _SECRET_TABLES else sqlite3.SQLITE_OK
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY
