"""Copies of what modules keep: whole, and put back without touching what is not theirs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recyclic.site.disk import Disk
from recyclic.site.snapshot import copy_data, count_rows, restore_data, shape_of

DISK = Disk()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A database with a write-ahead log, a file, and a folder with another."""
    made = tmp_path / "data"
    (made / "inner").mkdir(parents=True)
    (made / "note.txt").write_text("one")
    (made / "inner" / "photo.jpg").write_bytes(b"\xff\xd8")
    with closing(sqlite3.connect(made / "till.sqlite")) as database, database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE sale (what TEXT)")
        database.execute("INSERT INTO sale VALUES ('lamp')")
    return made


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def rows(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as opened:
        return [row[0] for row in opened.execute("SELECT what FROM sale")]


def test_a_copy_holds_rows_that_are_only_in_the_log(data: Path, tmp_path: Path) -> None:
    """As of one moment, while somebody has the database open; its companions are not copied."""
    with closing(sqlite3.connect(data / "till.sqlite")) as served:
        served.execute("PRAGMA wal_autocheckpoint = 0")
        served.execute("INSERT INTO sale VALUES ('chair')")
        served.commit()
        copy_data(DISK, data, tmp_path / "copy")
    assert names(tmp_path / "copy") == ["inner", "inner/photo.jpg", "note.txt", "till.sqlite"]
    assert rows(tmp_path / "copy" / "till.sqlite") == ["lamp", "chair"]


def test_counting_in_a_copy_leaves_no_trace(data: Path, tmp_path: Path) -> None:
    """A query that fits no table counts for nothing."""
    copy_data(DISK, data, tmp_path / "copy")
    before = names(tmp_path / "copy")
    counts = {"sales": "SELECT count(*) FROM sale", "wrong": "SELECT count(*) FROM nothing"}
    assert count_rows(tmp_path / "copy", counts, is_copy=True) == {"sales": 1}
    assert names(tmp_path / "copy") == before


def test_putting_back_removes_what_came_since_and_can_be_done_again(
    data: Path, tmp_path: Path
) -> None:
    """Files and folders as in the copy, rows as in the copy; a second time changes nothing."""
    copy = tmp_path / "copy"
    copy_data(DISK, data, copy)
    (data / "note.txt").write_text("two")
    (data / "since").mkdir()
    (data / "since" / "x").touch()
    (data / "inner" / "photo.jpg").unlink()
    with closing(sqlite3.connect(data / "till.sqlite")) as database, database:
        database.execute("INSERT INTO sale VALUES ('chair')")
    for _ in range(2):
        restore_data(DISK, copy, data)
        assert names(data) == names(copy)
        assert (data / "note.txt").read_text() == "one"
        assert rows(data / "till.sqlite") == ["lamp"]


def test_the_log_of_a_database_that_is_gone_is_not_played_into_the_restored_one(
    data: Path, tmp_path: Path
) -> None:
    """Somebody deleted the file and left what lay beside it."""
    copy_data(DISK, data, tmp_path / "copy")
    with closing(sqlite3.connect(data / "till.sqlite")) as served:
        served.execute("PRAGMA wal_autocheckpoint = 0")
        served.execute("DELETE FROM sale")
        served.commit()
        (data / "till.sqlite").unlink()
        restore_data(DISK, tmp_path / "copy", data)
    assert rows(data / "till.sqlite") == ["lamp"]


def test_rows_do_not_change_the_shape_and_tables_do(data: Path) -> None:
    """By which an apply knows whether new code has migrated anything."""
    before = shape_of(data)
    with closing(sqlite3.connect(data / "till.sqlite")) as database, database:
        database.execute("INSERT INTO sale VALUES ('chair')")
    assert shape_of(data) == before
    with closing(sqlite3.connect(data / "till.sqlite")) as database, database:
        database.execute("ALTER TABLE sale ADD COLUMN weight INTEGER")
    assert shape_of(data) != before
