"""One SQLite file of a module behind SQLAlchemy, ready for the bus's outbox and inbox."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from recyclic.kit.sqlite_file import BUSY_TIMEOUT_S, Step, prepare


class Database:
    """Transactions on one file. What a transaction has committed survives a power cut.

    Args:
        path: The file; it and its folder are created where they are missing.
        steps: Step n leads from version n - 1 of the schema to n. A released step never changes;
            a new one is added behind it.

    Attributes:
        engine: For ``bus.use_outbox``, which keeps the events of a transaction in the same file.

    Raises:
        NewerDataError: the file is of a later version of the module.
    """

    def __init__(self, path: Path, steps: Sequence[Step]) -> None:
        prepare(path, steps)
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
            rows.execute(text("SELECT count(*) FROM sqlite_schema"))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


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
