"""The schema of the deposits' file, as the steps that lead to it from an empty one."""

import sqlite3

_FIRST = (
    """CREATE TABLE deposit (
        id TEXT NOT NULL PRIMARY KEY,
        day TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        recorded_by TEXT NOT NULL,
        source TEXT NOT NULL,
        note TEXT NOT NULL,
        weight_g INTEGER NOT NULL,
        corrects TEXT UNIQUE REFERENCES deposit (id),
        request_key TEXT UNIQUE,
        request_digest TEXT)""",
    "CREATE INDEX deposit_by_day ON deposit (day, id)",
    """CREATE TABLE deposit_line (
        deposit_id TEXT NOT NULL REFERENCES deposit (id),
        position INTEGER NOT NULL,
        category TEXT NOT NULL,
        weight_g INTEGER NOT NULL CHECK (weight_g <> 0),
        PRIMARY KEY (deposit_id, position))""",
)

STEPS = (_FIRST,)
"""Step n leads from version n - 1 to n. A released step never changes; a new one is added."""


class NewerDataError(RuntimeError):
    """The file was written by a newer version of this module, whose rows this one can't know."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the file to this version's schema, all or nothing, and return that version.

    Safe when several processes start at once: the first does it, the others find it done.

    Args:
        connection: In autocommit mode (``isolation_level=None``).

    Raises:
        NewerDataError: nothing was changed.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(STEPS):
            raise NewerDataError(f"the data has schema {version}; this version knows {len(STEPS)}")
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return len(STEPS)
