"""The till's file: its schema, its versions, and several processes at once."""

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from modules.caisse.schema import STEPS
from modules.caisse.tables import Base, TillSession
from sqlalchemy import create_engine, inspect

from recyclic.kit.database import Database
from recyclic.kit.sqlite_file import NewerDataError


def columns_of(path: Path) -> dict[str, dict[str, bool]]:
    """Table to column to whether it may be null."""
    engine = create_engine(f"sqlite:///{path}")
    seen = inspect(engine)
    found = {
        table: {column["name"]: bool(column["nullable"]) for column in seen.get_columns(table)}
        for table in seen.get_table_names()
    }
    engine.dispose()
    return found


def test_the_steps_lead_to_the_tables(tmp_path: Path) -> None:
    """schema.py and tables.py say the same, so neither can move alone."""
    Database(tmp_path / "migrated.sqlite", STEPS).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'mapped.sqlite'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert columns_of(tmp_path / "migrated.sqlite") == columns_of(tmp_path / "mapped.sqlite")


def test_data_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """An older till refuses to start on newer data instead of misreading it."""
    path = tmp_path / "caisse.sqlite"
    with closing(sqlite3.connect(path)) as rows:
        rows.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(NewerDataError):
        Database(path, STEPS)


def _open_tills(path: str, worker: int, count: int) -> None:
    database = Database(Path(path), STEPS)
    for number in range(count):
        with database.writing() as rows:
            # Reads first, writes later: what fails half way without a lock from the start.
            rows.get(TillSession, "nothing")
            name = f"{worker}-{number}"
            rows.add(
                TillSession(
                    id=name, till=name, day="2026-11-20", opened_at="", opened_by="",
                    opening_cash_cents=0,
                )
            )  # fmt: skip
    database.close()


def test_several_processes_write_one_file(tmp_path: Path) -> None:
    """Three processes create and fill one file at once: nothing is lost, nobody is turned away."""
    path = tmp_path / "caisse.sqlite"
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_open_tills, args=(str(path), n, 10)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 3
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("SELECT count(*) FROM till_session").fetchone() == (30,)
