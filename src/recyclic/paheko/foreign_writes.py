"""What people wrote: since a copy, counted; while a change was live, carried over when it goes.

Carrying over takes three databases: ``after``, as our change left it; ``now``, what people made of
that; and ``into``, a copy of what was before our change. The rows in which ``now`` differs from
``after`` are people's own; they go into ``into``, table by table, or not at all.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.database import reading
from recyclic.paheko.errors import ForeignWritesError, SnapshotError

_NOTES = frozenset(
    {"logs", "users_sessions", "emails_queue", "plugins", "plugins_signals", "modules"}
)
_TABLES = """
    SELECT name, sql FROM {schema}.sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
      AND sql NOT LIKE 'CREATE VIRTUAL %'
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table, the same in all three databases.

    Attributes:
        key: What tells its rows apart: ``rowid``, or the columns of its primary key.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def quoted(self) -> str:
        return _quote(self.name)

    @property
    def all_columns(self) -> str:
        """Its key and its columns, each once, for SELECT and INSERT."""
        return ", ".join(_quote(name) for name in dict.fromkeys((*self.key, *self.columns)))

    @property
    def key_columns(self) -> str:
        return ", ".join(_quote(name) for name in self.key)


def carry_over(after: Path, now: Path, into: Path) -> int:
    """Bring into ``into`` what differs between ``after`` and ``now``; the number of rows.

    Raises:
        ForeignWritesError: people wrote to tables that our change had made or altered, or what
            they wrote does not stand without it; ``into`` is of no use then.
        SnapshotError: one of the files cannot be read.
    """
    try:
        with _opened(after, now, into) as database:
            broken_before = _broken_references(database)
            changed = _changed_tables(database)
            with _without_triggers(database):
                rows = sum(_carry(database, table) for table in changed)
            broken = _broken_references(database) - broken_before
            if broken:
                raise ForeignWritesError(tables=tuple(sorted({table for table, *_ in broken})))
            database.execute("COMMIT")
            return rows
    except sqlite3.IntegrityError as error:
        raise ForeignWritesError(tables=(str(error),)) from error
    except sqlite3.Error as error:
        raise SnapshotError(path=str(into), detail=str(error)) from error


@contextlib.contextmanager
def _opened(after: Path, now: Path, into: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(into, isolation_level=None)) as database:
        for name, file in (("after", after), ("now", now)):
            database.execute(f"ATTACH ? AS {name}", (str(file),))
        # Their views and triggers may use functions that only Paheko has.
        database.execute("PRAGMA foreign_keys = 0")
        database.execute("BEGIN")
        yield database


def _changed_tables(database: sqlite3.Connection) -> list[_Table]:
    """The tables that people wrote to, all of a form in which their rows can be carried over."""
    ours, theirs, old = (_definitions(database, each) for each in ("after", "now", "main"))
    unclear = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    changed = []
    for name in sorted(ours.keys() & theirs.keys() - unclear):
        table = _table(database, name)
        if not _differ(database, table, "after", "now"):
            continue
        if old.get(name) != ours[name] or _meets_ours(database, table):
            unclear.add(name)
        changed.append(table)
    if unclear:
        raise ForeignWritesError(tables=tuple(sorted(unclear)))
    return changed


def _meets_ours(database: sqlite3.Connection, table: _Table) -> bool:
    """True when our change wrote to that table too, in a way that theirs may rest upon.

    In a table of an extension any old row that a migration rewrote may have another meaning
    since; in Paheko's own tables, only a row that both wrote is in doubt.
    """
    if not _differ(database, table, "main", "after"):
        return False
    if _is_shadow(database, table.name):
        return True
    if table.name.startswith(("plugin_", "module_")):
        return _has_any(database, _rows_only_in(table, "main", "after"))
    ours, theirs = (
        f"SELECT {table.key_columns} FROM ({_rows_only_in(table, left, right)})"
        for left, right in (("after", "main"), ("now", "after"))
    )
    return _has_any(database, f"SELECT * FROM ({ours}) INTERSECT SELECT * FROM ({theirs})")


def _definitions(database: sqlite3.Connection, schema: str) -> dict[str, str]:
    return dict(database.execute(_TABLES.format(schema=schema)).fetchall())


def _is_shadow(database: sqlite3.Connection, name: str) -> bool:
    """True for a table that is part of a full-text index: its rows mean nothing by themselves."""
    virtual = database.execute(
        "SELECT name FROM after.sqlite_master WHERE sql LIKE 'CREATE VIRTUAL %'"
    ).fetchall()
    return any(name.startswith(f"{index}_") for (index,) in virtual)


def _table(database: sqlite3.Connection, name: str) -> _Table:
    found = database.execute(
        "SELECT name, pk FROM pragma_table_xinfo(?, 'after') WHERE hidden = 0", (name,)
    ).fetchall()
    columns = tuple(str(column) for column, _ in found)
    try:
        database.execute(f"SELECT rowid FROM after.{_quote(name)} LIMIT 0")
        return _Table(name, ("rowid",), columns)
    except sqlite3.OperationalError:  # a table without rowid has a primary key
        return _Table(name, tuple(str(column) for column, key in found if key), columns)


def _differ(database: sqlite3.Connection, table: _Table, left: str, right: str) -> bool:
    return any(
        _has_any(database, _rows_only_in(table, a, b)) for a, b in ((left, right), (right, left))
    )


def _rows_only_in(table: _Table, left: str, right: str) -> str:
    columns, name = table.all_columns, table.quoted
    return f"SELECT {columns} FROM {left}.{name} EXCEPT SELECT {columns} FROM {right}.{name}"


def _has_any(database: sqlite3.Connection, query: str) -> bool:
    return database.execute(f"SELECT 1 FROM ({query}) LIMIT 1").fetchone() is not None


def _carry(database: sqlite3.Connection, table: _Table) -> int:
    """Delete what people deleted, replace what they changed, add what they added."""
    name, key = table.quoted, table.key_columns
    gone = f"SELECT {key} FROM after.{name} EXCEPT SELECT {key} FROM now.{name}"
    theirs = _rows_only_in(table, "now", "after")
    keys_of_theirs = f"SELECT {key} FROM ({theirs})"
    for doomed in (gone, keys_of_theirs):
        database.execute(f"DELETE FROM main.{name} WHERE ({key}) IN ({doomed})")
    insert = f"INSERT INTO main.{name} ({table.all_columns}) {theirs}"
    written = database.execute(insert).rowcount
    (deleted,) = database.execute(f"SELECT count(*) FROM ({gone})").fetchone()
    return int(written) + int(deleted)


@contextlib.contextmanager
def _without_triggers(database: sqlite3.Connection) -> Iterator[None]:
    """What triggers did was done when people wrote, and is carried over as rows."""
    query = "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid"
    triggers = database.execute(query).fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER main.{_quote(name)}")
    yield
    for _, sql in triggers:
        database.execute(sql)


def _broken_references(database: sqlite3.Connection) -> frozenset[tuple[str, int | None, str]]:
    """Table, row and parent of every reference that leads nowhere."""
    query = 'SELECT "table", rowid, parent FROM main.pragma_foreign_key_check'
    return frozenset(database.execute(query).fetchall())


def rows_since(before: Path, file: Path) -> dict[str, int]:
    """How many rows of each table ``file`` has that ``before`` has not: added, or written anew.

    Paheko's own notes (logs, sessions, mails that wait) are left out, and tables with none.

    Raises:
        PahekoDatabaseError: When one of the two cannot be read.
    """
    with reading(file) as database:
        database.execute("ATTACH ? AS old", (f"{before.absolute().as_uri()}?mode=ro",))
        known = _tables_of_people(database, "old")
        counts = {
            name: _rows_only_now(database, name, known.get(name) == sql)
            for name, sql in sorted(_tables_of_people(database, "main").items())
        }
        return {name: count for name, count in counts.items() if count}


def _tables_of_people(database: sqlite3.Connection, schema: str) -> dict[str, str]:
    """Tables that people fill, by name, with their definitions."""
    query = f"SELECT name, sql FROM {schema}.sqlite_master WHERE type = 'table'"
    tables = dict(database.execute(query).fetchall())
    virtual = {name for name, sql in tables.items() if "CREATE VIRTUAL" in (sql or "").upper()}
    shadows = ("sqlite_", *(f"{name}_" for name in virtual))
    return {
        name: sql
        for name, sql in tables.items()
        if name not in virtual | _NOTES and not name.startswith(shadows)
    }


def _rows_only_now(database: sqlite3.Connection, table: str, is_as_before: bool) -> int:
    """All rows of a table that is new, or of another form."""
    quoted = _quote(table)
    rows = f"SELECT * FROM main.{quoted}"
    if is_as_before:
        rows = f"{rows} EXCEPT SELECT * FROM old.{quoted}"
    (count,) = database.execute(f"SELECT count(*) FROM ({rows})").fetchone()
    return int(count)


def _quote(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
