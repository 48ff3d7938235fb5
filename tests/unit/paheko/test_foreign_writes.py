"""What people wrote goes over to what was before our change, or is refused as a whole."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from recyclic.paheko.errors import ForeignWritesError
from recyclic.paheko.foreign_writes import carry_over


@dataclass(frozen=True)
class Sides:
    """The three databases, and what each was made by."""

    folder: Path

    def write(self, name: str, *statements: str) -> None:
        """Statements in one of them."""
        with closing(sqlite3.connect(self.folder / name, isolation_level=None)) as database:
            for statement in statements:
                database.execute(statement)

    def change(self, *statements: str) -> None:
        """Our change: ``after`` is ``before`` with it."""
        shutil.copy(self.folder / "before", self.folder / "after")
        self.write("after", *statements)

    def people(self, *statements: str) -> None:
        """Theirs: ``now`` is ``after`` with it."""
        shutil.copy(self.folder / "after", self.folder / "now")
        self.write("now", *statements)

    def carry(self) -> int:
        """Carry over into a copy of ``before``."""
        shutil.copy(self.folder / "before", self.folder / "into")
        return carry_over(*(self.folder / name for name in ("after", "now", "into")))

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """What came of it."""
        with closing(sqlite3.connect(self.folder / "into")) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    """Members, payments that refer to them, notes by key, and a counter that a trigger keeps."""
    made = Sides(tmp_path)
    made.write(
        "before",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name)",
        "CREATE TABLE payments (id INTEGER PRIMARY KEY, user REFERENCES users (id))",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, text) WITHOUT ROWID",
        "CREATE TABLE counter (count)",
        "INSERT INTO counter VALUES (0)",
        "CREATE TRIGGER counting AFTER INSERT ON users BEGIN"
        " UPDATE counter SET count = count + 1; END",
        "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob')",
        "INSERT INTO notes VALUES ('a', '1')",
    )
    return made


def test_rows_that_came_changed_and_went(sides: Sides) -> None:
    """In tables with and without row numbers; what triggers did is not done twice."""
    sides.change("CREATE TABLE plugin_till (a)")
    sides.people(
        "INSERT INTO users VALUES (3, 'Cid')",
        "UPDATE users SET name = 'Anna' WHERE id = 1",
        "DELETE FROM users WHERE id = 2",
        "INSERT INTO notes VALUES ('b', '2')",
        "UPDATE notes SET text = '3' WHERE name = 'a'",
    )
    assert sides.carry() > 0
    assert sides.ask("SELECT * FROM users") == [(1, "Anna"), (3, "Cid")]
    assert sides.ask("SELECT * FROM notes") == [("a", "3"), ("b", "2")]
    assert sides.ask("SELECT count FROM counter") == [(3,)]
    assert sides.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'") == [("counting",)]
    assert sides.ask("SELECT 1 FROM sqlite_master WHERE name = 'plugin_till'") == []


def test_nothing_written_is_nothing_carried(sides: Sides) -> None:
    """Whatever our change had done."""
    sides.change("CREATE TABLE plugin_till (a)", "INSERT INTO users VALUES (9, 'ours')")
    sides.people()
    assert sides.carry() == 0
    assert sides.ask("SELECT count(*) FROM users") == [(2,)]


@pytest.mark.parametrize(
    ("ours", "theirs", "table"),
    [
        ("CREATE TABLE plugin_till (a)", "INSERT INTO plugin_till VALUES (1)", "plugin_till"),
        ("ALTER TABLE users ADD COLUMN mail", "INSERT INTO users VALUES (3, 'Cid', '')", "users"),
        (
            "UPDATE users SET name = 'ours' WHERE id = 1",
            "UPDATE users SET name = 'theirs' WHERE id = 1",
            "users",
        ),
        ("INSERT INTO users VALUES (9, 'ours')", "INSERT INTO payments VALUES (1, 9)", "payments"),
        ("CREATE TABLE plugin_till (a)", "CREATE TABLE plugin_theirs (a)", "plugin_theirs"),
    ],
    ids=["our table", "our column", "our row", "refers to our row", "a table of theirs"],
)
def test_what_rests_upon_our_change_is_refused(
    sides: Sides, ours: str, theirs: str, table: str
) -> None:
    """The table is named."""
    sides.change(ours)
    sides.people(theirs)
    with pytest.raises(ForeignWritesError) as refused:
        sides.carry()
    assert table in refused.value.facts["tables"]


def test_an_extensions_rows_are_not_carried_over_a_migration_of_rows(sides: Sides) -> None:
    """Cents instead of euros, say: a new row has a meaning that old code does not know."""
    sides.write("before", "CREATE TABLE plugin_till (price)", "INSERT INTO plugin_till VALUES (12)")
    sides.change("UPDATE plugin_till SET price = price * 100")
    sides.people("INSERT INTO plugin_till VALUES (999)")
    with pytest.raises(ForeignWritesError):
        sides.carry()


def test_a_full_text_index_goes_with_its_table(sides: Sides) -> None:
    """Its hidden tables are carried over as they are, unless both sides wrote to it."""
    sides.write("before", "CREATE VIRTUAL TABLE search USING fts4")
    sides.change("CREATE TABLE plugin_till (a)")
    sides.people("INSERT INTO search VALUES ('a lamp')")
    sides.carry()
    assert sides.ask("SELECT content FROM search WHERE search MATCH 'lamp'") == [("a lamp",)]
    sides.change("INSERT INTO search VALUES ('ours')")
    sides.people("INSERT INTO search VALUES ('theirs')")
    with pytest.raises(ForeignWritesError):
        sides.carry()
