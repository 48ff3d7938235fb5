"""Exchanging a database's content only when nobody wrote meanwhile."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recyclic.paheko import live_database
from recyclic.paheko.errors import SnapshotError
from recyclic.paheko.live_database import watch


def execute(file: Path, *statements: str) -> None:
    """Statements, each committed."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def rows(file: Path) -> list[int]:
    """What the table holds."""
    with closing(sqlite3.connect(file)) as database:
        return [value for (value,) in database.execute("SELECT a FROM t ORDER BY a")]


@pytest.fixture(params=["delete", "truncate", "wal"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database in one of SQLite's modes, with more pages than one."""
    file = tmp_path / "live.sqlite"
    execute(file, f"PRAGMA journal_mode = {request.param}", "CREATE TABLE t (a)")
    execute(file, "CREATE TABLE more (b)", "INSERT INTO t VALUES (1)")
    return file


def test_a_draft_takes_the_place_of_what_is_live(live: Path, tmp_path: Path) -> None:
    """The same file, the content of the other; a copy is nobody else's to read."""
    draft, inode = tmp_path / "draft.sqlite", live.stat().st_ino
    with watch(live) as watched:
        watched.copy_to(draft)
        assert draft.stat().st_mode & 0o777 == 0o600
        execute(draft, "INSERT INTO t VALUES (2)")
        assert watched.replace_with(draft)
    assert rows(live) == [1, 2]
    assert live.stat().st_ino == inode


def test_nothing_is_exchanged_when_somebody_wrote(live: Path, tmp_path: Path) -> None:
    """Their commit stays, and so does everything else."""
    draft = tmp_path / "draft.sqlite"
    with watch(live) as watched:
        watched.copy_to(draft)
        execute(draft, "INSERT INTO t VALUES (2)")
        execute(live, "INSERT INTO t VALUES (3)")
        assert not watched.replace_with(draft)
        assert rows(live) == [1, 3]
        watched.copy_to(draft)
        execute(draft, "INSERT INTO t VALUES (4)")
        assert watched.replace_with(draft)
    assert rows(live) == [1, 3, 4]


def test_writers_wait_while_they_are_held_and_readers_do_not(live: Path, tmp_path: Path) -> None:
    """Until the exchange, or the end."""
    draft = tmp_path / "draft.sqlite"
    with closing(sqlite3.connect(live, timeout=0, isolation_level=None)) as somebody:
        with watch(live) as watched:
            watched.hold_writers()
            watched.copy_to(draft)
            assert somebody.execute("SELECT a FROM t").fetchall() == [(1,)]
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                somebody.execute("INSERT INTO t VALUES (3)")
            execute(draft, "INSERT INTO t VALUES (2)")
            assert watched.replace_with(draft)
        somebody.execute("INSERT INTO t VALUES (3)")
    assert rows(live) == [1, 2, 3]


def test_a_draft_that_is_no_database_changes_nothing(live: Path, tmp_path: Path) -> None:
    """What is live stays as it is, and can be written to."""
    draft = tmp_path / "draft.sqlite"
    with watch(live) as watched:
        watched.copy_to(draft)
        draft.write_bytes(b"x" * 5000)
        with pytest.raises(SnapshotError):
            watched.replace_with(draft)
    execute(live, "INSERT INTO t VALUES (2)")
    assert rows(live) == [1, 2]


def test_killed_half_way_the_old_content_is_there(live: Path, tmp_path: Path) -> None:
    """SQLite's own journal takes back the pages that were written."""
    draft = tmp_path / "draft.sqlite"
    execute(live, "INSERT INTO more SELECT hex(randomblob(3000)) FROM (VALUES (1), (2), (3))")
    child = os.fork()
    if child == 0:
        with watch(live) as watched:
            watched.copy_to(draft)
            execute(draft, "INSERT INTO t VALUES (2)")
            live_database._Look = _KillAtPage  # type: ignore[misc,assignment]
            watched.replace_with(draft)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert rows(live) == [1]
    execute(live, "INSERT INTO t VALUES (3)")
    assert rows(live) == [1, 3]


class _KillAtPage:
    """Ends its own process once three pages were written."""

    def __init__(self, _live: live_database.LiveDatabase) -> None:
        self._pages = 0

    def __call__(self, _status: int, _remaining: int, _total: int) -> None:
        self._pages += 1
        if self._pages == 3:
            os.kill(os.getpid(), signal.SIGKILL)
