"""Somebody who writes to a database all the time."""

import contextlib
import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

_FORK = multiprocessing.get_context("fork")


def _keep_writing(database: Path, table: str, go_on: Event, told: "Synchronized[int]") -> None:
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
        while go_on.is_set():
            connection.execute(f"INSERT INTO {table} VALUES (NULL, 'click')")
            told.value += 1
            time.sleep(0.002)


@contextlib.contextmanager
def somebody_writing(database: Path, table: str) -> Iterator["Synchronized[int]"]:
    """A process that commits a row every few milliseconds; yields its count of commits.

    Args:
        table: Name and columns, ``sales (id, what)``.
    """
    go_on, told = _FORK.Event(), _FORK.Value("i", 0)
    go_on.set()
    writer = _FORK.Process(target=_keep_writing, args=(database, table, go_on, told))
    writer.start()
    try:
        deadline = time.monotonic() + 20
        while not told.value:
            assert time.monotonic() < deadline, "the writer never wrote"
            time.sleep(0.002)
        yield told
    finally:
        go_on.clear()
        writer.join(30)
        assert writer.exitcode == 0, "the writer was refused"
