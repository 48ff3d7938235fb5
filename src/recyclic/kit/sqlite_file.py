"""One SQLite file of a module, shared by every worker of the site; SQL by hand."""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_TIMEOUT_S = 20.0
"""How long a writer waits for another one; a write takes milliseconds."""

Step = Sequence[str]
"""The statements that lead from one version of a schema to the next."""


class NewerDataError(RuntimeError):
    """The file was written by a newer version of the module, whose rows this one can't know."""


class SqliteFile:
    """Transactions on one file. What a transaction has committed survives a power cut.

    Calls touch the disk: make them in a thread.

    Args:
        path: The file; it and its folder are created where they are missing.
        steps: Step n leads from version n - 1 of the schema to n. A released step never changes;
            a new one is added behind it.

    Raises:
        NewerDataError: the file is of a later version of the module.
    """

    def __init__(self, path: Path, steps: Sequence[Step]) -> None:
        prepare(path, steps)
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The only writer until it ends: what it reads cannot change under it.

        Commits at the end; an exception undoes all of it.
        """
        with self.reading() as connection, transaction(connection):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode; waits for no writer."""
        with closing(connect(self.path)) as connection:
            yield connection


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, whose commits are on the disk when they return."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and alone among writers from its first statement on."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def prepare(path: Path, steps: Sequence[Step]) -> None:
    """Create or migrate the file; one process at a time, as a change to WAL waits for nobody.

    Raises:
        NewerDataError: nothing was changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, steps)


def migrate(connection: sqlite3.Connection, steps: Sequence[Step]) -> int:
    """Bring the file to the version that ``steps`` lead to, all or nothing; returns that version.

    Raises:
        NewerDataError: nothing was changed.
    """
    with transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(steps):
            raise NewerDataError(f"the data has schema {version}; this version knows {len(steps)}")
        for step in steps[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
    return len(steps)
