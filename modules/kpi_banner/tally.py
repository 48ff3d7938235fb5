"""The figures in one SQLite file, shared by every worker; each thing that happened counts once."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path

from .figures import DayTotals, Figure

SCHEMA_VERSION = 1

_SCHEMA = """CREATE TABLE figure (
    key TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL,
    sales INTEGER NOT NULL,
    refunds INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    weight_out_g INTEGER NOT NULL,
    deposits INTEGER NOT NULL,
    weight_in_g INTEGER NOT NULL) WITHOUT ROWID"""

_TOTALS = """SELECT coalesce(sum(sales), 0), coalesce(sum(refunds), 0),
    coalesce(sum(total_cents), 0), coalesce(sum(weight_out_g), 0),
    coalesce(sum(deposits), 0), coalesce(sum(weight_in_g), 0) FROM figure WHERE day = ?"""


class NewerDataError(RuntimeError):
    """The file was written by a newer version of this module."""


class Tally:
    """Calls are short but touch the disk: make them in a thread.

    Raises:
        NewerDataError: the file is of a later version of this module.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # A change to WAL waits for nobody: one process at a time.
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._open() as rows:
                rows.execute("PRAGMA journal_mode = WAL")
            with self._writing() as rows:
                _migrate(rows)

    def add(self, figure: Figure) -> bool:
        """Count ``figure``; returns False when it had been counted before."""
        with self._writing() as rows:
            done = rows.execute(
                "INSERT OR IGNORE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(figure)
            )
            return done.rowcount == 1

    def totals(self, day: str) -> DayTotals:
        """The figures of one day; zeros when nothing happened."""
        with self._open() as rows:
            return DayTotals(day, *rows.execute(_TOTALS, (day,)).fetchone())

    def forget_before(self, day: str) -> int:
        """Drop what happened before ``day``; returns how much that was."""
        with self._writing() as rows:
            return rows.execute("DELETE FROM figure WHERE day < ?", (day,)).rowcount

    def watch(self) -> "Changes":
        """Tells cheaply whether anyone changed the file."""
        return Changes(self._path)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=20, isolation_level=None)) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise


class Changes:
    """One open connection, which SQLite tells of other connections' commits. Close it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def version(self) -> int:
        """Another number after any commit, of any process; a few microseconds.

        Source: SQLite's ``PRAGMA data_version``.
        """
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _migrate(rows: sqlite3.Connection) -> None:
    version = int(rows.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise NewerDataError(f"the data has schema {version}, not {SCHEMA_VERSION}")
    if version == 0:
        rows.execute(_SCHEMA)
        rows.execute("CREATE INDEX figure_by_day ON figure (day)")
        rows.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
