"""The SQLite file of the deposits, shared by every worker of the site."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from .schema import migrate

BUSY_TIMEOUT_S = 20.0
"""How long a writer waits for another one; a write takes milliseconds."""


class Database:
    """Transactions on one file. What a transaction has committed survives a power cut.

    Attributes:
        engine: For the bus, which keeps the events of a transaction in the same file.

    Raises:
        NewerDataError: the file is of a later version of this module.
    """

    def __init__(self, path: Path) -> None:
        prepare(path)
        self.engine = _open(path)
        self._reader = self.engine.execution_options(begin="DEFERRED")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The only writer until it ends: what it reads cannot change under it.

        Commits at the end; an exception undoes all of it.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One unchanging view of everything committed; waits for no writer."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def check(self) -> None:
        """Return when the file can be read.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it cannot.
        """
        with self.reading() as rows:
            rows.execute(text("SELECT 1 FROM deposit LIMIT 1"))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def prepare(path: Path) -> None:
    """Create or migrate the file; one process at a time, as a change to WAL waits for nobody."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as it:
            it.execute("PRAGMA journal_mode = WAL")
            migrate(it)


def _open(path: Path) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin on its own, later than is safe
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later could otherwise fail half way
    # with SQLITE_BUSY, which no busy timeout helps against.
    how = connection.get_execution_options().get("begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {how}")
