"""Looking without a trace, copying and putting back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.paheko_standin.storage import create_database, decode_version, encode_version

from recyclic.paheko import database
from recyclic.paheko.errors import PahekoDatabaseError, SnapshotError
from recyclic.paheko.foreign_writes import rows_since


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A fresh association in a folder of its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    create_database(folder / "association.sqlite", "1.3.22.1")
    return folder / "association.sqlite"


def execute(file: Path, *statements: str) -> None:
    """Change the database."""
    with closing(sqlite3.connect(file, isolation_level=None)) as opened:
        for statement in statements:
            opened.execute(statement)


def test_write_ahead_mode_is_read_without_a_trace(file: Path) -> None:
    """SQLite itself would leave two files, ours, that the web server could not write."""
    execute(file, "PRAGMA journal_mode = WAL")
    assert database.read_state(file).version == "1.3.22.1"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_write_ahead_mode_is_read_up_to_the_last_write(file: Path) -> None:
    """While the web server has it open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("INSERT INTO plugins (name, label, version) VALUES ('x', 'X', '1.0')")
        assert database.read_state(file).plugins["x"].version == "1.0"


@pytest.mark.parametrize(
    "version", ["1.3.22.1", "1.3.22", "1.3.22-rc2", "1.4.0-alpha1", "1.4.0-beta24", "2.0.10.24"]
)
def test_versions_are_read_as_paheko_writes_them(file: Path, version: str) -> None:
    """Alphas, betas, candidates and corrections share the last two digits."""
    starts = {"alpha": 0, "beta": 25, "rc": 50}
    release, _, fix = version.partition("-")
    kind = fix.rstrip("0123456789")
    number = encode_version(release) + (starts[kind] + int(fix[len(kind) :]) if fix else 0)
    execute(file, f"PRAGMA user_version = {number}")
    assert database.read_state(file).version == version
    if not fix:
        assert decode_version(number) == version


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """A missing file, other bytes, another program's database."""
    other = tmp_path / "other"
    with pytest.raises(PahekoDatabaseError):
        database.read_state(other)
    other.write_bytes(b"not a database" * 100)
    with pytest.raises(PahekoDatabaseError):
        database.read_state(other)
    other.unlink()
    execute(other, "CREATE TABLE other (a)")
    with pytest.raises(PahekoDatabaseError):
        database.read_state(other)


def test_a_copy_never_overwrites(file: Path, tmp_path: Path) -> None:
    """Not even an empty file."""
    (tmp_path / "copy").touch()
    with pytest.raises(SnapshotError):
        database.back_up(file, tmp_path / "copy")
    with pytest.raises(SnapshotError):
        database.back_up(file, file)


def test_the_digest_does_not_see_how_pages_lie(file: Path) -> None:
    """Only what the database says."""
    digest = database.content_digest(file)
    execute(file, "CREATE TABLE more (a)", "DROP TABLE more", "VACUUM")
    assert database.content_digest(file) == digest
    execute(file, "UPDATE modules SET enabled = 0")
    assert database.content_digest(file) != digest


def test_the_tables_of_a_plugin_go_by_its_name(tmp_path: Path) -> None:
    """The longest name that fits owns a table."""
    file = tmp_path / "tables"
    names = [
        "plugin_stock",
        "plugin_stock_item",
        "plugin_stock_velos_bike",
        "plugin_stocks",
        "users",
    ]
    execute(file, *(f"CREATE TABLE {name} (a)" for name in names))
    dropped = database.drop_tables_of(file, "stock", ["stock_velos", "caisse"])
    assert dropped == ("plugin_stock", "plugin_stock_item")
    assert database.list_tables(file) == {"plugin_stock_velos_bike", "plugin_stocks", "users"}


def test_what_was_written_since_a_copy_is_counted(tmp_path: Path) -> None:
    """Rows that were added and rows that were changed; Paheko's own notes and indexes are not."""
    file, copy = tmp_path / "now", tmp_path / "before"
    execute(file, "CREATE TABLE sales (id INTEGER PRIMARY KEY, what)", "CREATE TABLE logs (a)")
    execute(file, "CREATE VIRTUAL TABLE search USING fts4", "INSERT INTO sales VALUES (1, 'a')")
    database.back_up(file, copy)
    assert rows_since(copy, file) == {}
    execute(file, "INSERT INTO sales VALUES (2, 'b')", "UPDATE sales SET what = 'c' WHERE id = 1")
    execute(file, "INSERT INTO logs VALUES (1)", "INSERT INTO search VALUES ('b')")
    execute(file, "CREATE TABLE visits (a)", "INSERT INTO visits VALUES (1)")
    assert rows_since(copy, file) == {"sales": 2, "visits": 1}
