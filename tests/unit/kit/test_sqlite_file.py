"""A module's own SQLite file: its schema's versions, and its transactions."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recyclic.kit.sqlite_file import NewerDataError, SqliteFile

_FIRST = ("CREATE TABLE sale (id TEXT NOT NULL PRIMARY KEY)", "CREATE INDEX by_id ON sale (id)")
_SECOND = ("ALTER TABLE sale ADD COLUMN note TEXT NOT NULL DEFAULT ''",)


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as rows:
        return int(rows.execute("PRAGMA user_version").fetchone()[0])


def test_steps_that_a_file_has_had_are_not_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "till.sqlite"
    with SqliteFile(path, [_FIRST]).writing() as rows:
        rows.execute("INSERT INTO sale VALUES ('a')")

    with SqliteFile(path, [_FIRST, _SECOND]).reading() as rows:
        assert rows.execute("SELECT id, note FROM sale").fetchall() == [("a", "")]
    assert _version(path) == 2


def test_a_step_that_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "till.sqlite"
    SqliteFile(path, [_FIRST])

    with pytest.raises(sqlite3.OperationalError):
        SqliteFile(path, [_FIRST, (*_SECOND, "ALTER TABLE nothing ADD COLUMN x")])
    assert _version(path) == 1
    with SqliteFile(path, [_FIRST]).reading() as rows:
        assert [row[1] for row in rows.execute("PRAGMA table_info(sale)")] == ["id"]


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "till.sqlite"
    SqliteFile(path, [_FIRST, _SECOND])

    with pytest.raises(NewerDataError, match="schema 2; this version knows 1"):
        SqliteFile(path, [_FIRST])
    assert _version(path) == 2


def test_an_exception_undoes_the_whole_transaction(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "till.sqlite", [_FIRST])

    with pytest.raises(ZeroDivisionError), file.writing() as rows:
        rows.execute("INSERT INTO sale VALUES ('a')")
        raise ZeroDivisionError
    with file.reading() as rows:
        assert rows.execute("SELECT count(*) FROM sale").fetchone() == (0,)


def test_a_reader_waits_for_no_writer(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "till.sqlite", [_FIRST])

    with file.writing() as writer, file.reading() as reader:
        writer.execute("INSERT INTO sale VALUES ('a')")
        assert reader.execute("SELECT count(*) FROM sale").fetchone() == (0,)
