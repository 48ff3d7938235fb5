"""The figures in one SQLite file, shared by every worker; each thing that happened counts once."""

import sqlite3
from dataclasses import astuple
from pathlib import Path

from recyclic.kit.sqlite_file import SqliteFile

from .figures import DayTotals, Figure

STEPS = (
    (
        """CREATE TABLE figure (
            key TEXT NOT NULL PRIMARY KEY,
            day TEXT NOT NULL,
            sales INTEGER NOT NULL,
            refunds INTEGER NOT NULL,
            total_cents INTEGER NOT NULL,
            weight_out_g INTEGER NOT NULL,
            deposits INTEGER NOT NULL,
            weight_in_g INTEGER NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX figure_by_day ON figure (day)",
    ),
)
"""Step n leads from version n - 1 to n. A released step never changes; a new one is added."""

_TOTALS = """SELECT coalesce(sum(sales), 0), coalesce(sum(refunds), 0),
    coalesce(sum(total_cents), 0), coalesce(sum(weight_out_g), 0),
    coalesce(sum(deposits), 0), coalesce(sum(weight_in_g), 0) FROM figure WHERE day = ?"""


class Tally:
    """Calls are short but touch the disk: make them in a thread.

    Raises:
        NewerDataError: the file is of a later version of this module.
    """

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, STEPS)

    def add(self, figure: Figure) -> bool:
        """Count ``figure``; returns False when it had been counted before."""
        with self._file.writing() as rows:
            done = rows.execute(
                "INSERT OR IGNORE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(figure)
            )
            return done.rowcount == 1

    def totals(self, day: str) -> DayTotals:
        """The figures of one day; zeros when nothing happened."""
        with self._file.reading() as rows:
            return DayTotals(day, *rows.execute(_TOTALS, (day,)).fetchone())

    def forget_before(self, day: str) -> int:
        """Drop what happened before ``day``; returns how much that was."""
        with self._file.writing() as rows:
            return rows.execute("DELETE FROM figure WHERE day < ?", (day,)).rowcount

    def watch(self) -> "Changes":
        """Tells cheaply whether anyone changed the file."""
        return Changes(self._file.path)


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
