"""Our own record of every session: what is still to be posted, what was, and as which number."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recyclic.kit.sqlite_file import SqliteFile

STEPS = (
    (
        """CREATE TABLE entry (
            session_id TEXT NOT NULL PRIMARY KEY,
            reference TEXT NOT NULL,
            day TEXT NOT NULL,
            payload TEXT NOT NULL,
            state TEXT NOT NULL,
            transaction_id INTEGER,
            detail TEXT NOT NULL DEFAULT '',
            posting_since REAL)""",
        "CREATE INDEX entry_by_state ON entry (state, session_id)",
    ),
)
"""Step n leads from version n - 1 to n. A released step never changes; a new one is added."""

_COLUMNS = "session_id, reference, day, payload, state, transaction_id, detail, posting_since"


class State(StrEnum):
    """Where a session stands."""

    WAITING = "waiting"
    """To be posted: by the bus's next attempt, or once there is a Paheko."""
    POSTING = "posting"
    """A post was begun and its outcome is not known yet."""
    POSTED = "posted"
    EMPTY = "empty"
    """No money moved: nothing to post."""
    REFUSED = "refused"
    """Paheko said no; ``detail`` has its words."""


@dataclass(frozen=True, slots=True)
class Record:
    """One session.

    Attributes:
        payload: The event's payload, as JSON.
        posting_since: When the last post was begun, in seconds since 1970; None before.
    """

    session_id: str
    reference: str
    day: str
    payload: str
    state: State
    transaction_id: int | None
    detail: str
    posting_since: float | None


class Ledger:
    """The record in one SQLite file, shared by every worker. Every change is on disk at return.

    Calls are short but touch the disk: make them in a thread.

    Raises:
        NewerDataError: the file is of a later version of this module.
    """

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, STEPS)

    def remember(self, session_id: str, reference: str, day: str, payload: str) -> Record:
        """Note a session as waiting, unless it is known; return what is known."""
        with self._file.writing() as rows:
            rows.execute(
                "INSERT OR IGNORE INTO entry (session_id, reference, day, payload, state)"
                " VALUES (?, ?, ?, ?, ?)",
                (session_id, reference, day, payload, State.WAITING),
            )
            return _one(rows, session_id)

    def find(self, session_id: str) -> Record | None:
        """What is known of one session, or None."""
        with self._file.reading() as rows:
            found = rows.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE session_id = ?", (session_id,)
            ).fetchone()
            return _record(found) if found else None

    def begin_post(self, session_id: str, now: float) -> None:
        """Note that a post is about to be made: from here on it may have happened."""
        self._update("state = ?, posting_since = ?", (State.POSTING, now), session_id)

    def settle(
        self, session_id: str, state: State, detail: str = "", transaction_id: int | None = None
    ) -> Record:
        """Note how things stand now; a known transaction is never forgotten."""
        change = "state = ?, detail = ?, transaction_id = coalesce(?, transaction_id)"
        return self._update(change, (state, detail, transaction_id), session_id)

    def explain(self, session_id: str, detail: str) -> None:
        """Note why it is not posted yet, leaving the state as it is."""
        self._update("detail = ?", (detail,), session_id)

    def unsettled(self) -> list[Record]:
        """What is still to be posted, the earliest first."""
        with self._file.reading() as rows:
            query = f"SELECT {_COLUMNS} FROM entry WHERE state IN (?, ?) ORDER BY session_id"
            return [_record(row) for row in rows.execute(query, (State.WAITING, State.POSTING))]

    def page(self, state: State | None, before: str | None, limit: int) -> list[Record]:
        """Sessions from the latest to the earliest."""
        with self._file.reading() as rows:
            query = (
                f"SELECT {_COLUMNS} FROM entry WHERE (?1 IS NULL OR state = ?1)"
                " AND (?2 IS NULL OR session_id < ?2) ORDER BY session_id DESC LIMIT ?3"
            )
            return [_record(row) for row in rows.execute(query, (state, before, limit))]

    def counts(self) -> dict[State, int]:
        """How many sessions stand where."""
        with self._file.reading() as rows:
            found = dict(rows.execute("SELECT state, count(*) FROM entry GROUP BY state"))
            return {state: found.get(state, 0) for state in State}

    def _update(self, change: str, values: tuple[object, ...], session_id: str) -> Record:
        with self._file.writing() as rows:
            rows.execute(f"UPDATE entry SET {change} WHERE session_id = ?", (*values, session_id))
            return _one(rows, session_id)


def _one(rows: sqlite3.Connection, session_id: str) -> Record:
    query = f"SELECT {_COLUMNS} FROM entry WHERE session_id = ?"
    return _record(rows.execute(query, (session_id,)).fetchone())


def _record(row: tuple[str, str, str, str, str, int | None, str, float | None]) -> Record:
    session_id, reference, day, payload, state, transaction_id, detail, since = row
    return Record(session_id, reference, day, payload, State(state), transaction_id, detail, since)
