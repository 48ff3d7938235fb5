"""Copies of data that a module keeps: SQLite through SQLite, everything else file by file."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from recyclic.site.disk import Disk

_MAGIC = b"SQLite format 3\x00"
_COMPANIONS = ("-wal", "-shm", "-journal")
_BUSY_S = 30.0


def copy_data(disk: Disk, source: Path, target: Path) -> int:
    """Copy a module's data into the new folder ``target``, on disk on return; its size in bytes.

    A database that is in use is copied as of one moment, its writers waiting.

    Raises:
        OSError, sqlite3.Error: it cannot be read or written.
    """
    disk.make_folder(target, mode=0o700)
    size = 0
    for path in sorted(source.iterdir()):
        if path.is_dir() and not path.is_symlink():
            size += copy_data(disk, path, target / path.name)
        elif path.is_file() and not _is_companion(path):
            copy = target / path.name
            disk.run(copy, lambda path=path, copy=copy: _copy_file(path, copy))  # type: ignore[misc]
            disk.flush(copy)
            size += copy.stat().st_size
    disk.flush_folder(target)
    return size


def _is_companion(path: Path) -> bool:
    return path.name.endswith(_COMPANIONS) and is_database(
        path.with_name(path.name.rpartition("-")[0])
    )


def is_database(path: Path) -> bool:
    """True for an SQLite file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _copy_file(path: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    if not is_database(path):
        copy.write_bytes(path.read_bytes())
        return
    with _reading(path) as database, contextlib.closing(sqlite3.connect(copy)) as target:
        database.backup(target)


def restore_data(disk: Disk, copy: Path, live: Path) -> None:
    """Make a module's data what a copy holds. Can be done again.

    A database is written through SQLite, in place, so that whoever has it open goes on with it.

    Raises:
        OSError, sqlite3.Error: it cannot be read or written.
    """
    disk.make_folder(live)
    for path in sorted(copy.iterdir()):
        target = live / path.name
        if path.is_dir():
            restore_data(disk, path, target)
        elif not _is_companion(path):  # of a copy that somebody looked into: never over a live one
            disk.run(target, lambda path=path, target=target: _restore_file(path, target))  # type: ignore[misc]
            disk.flush(target)
    for path in sorted(live.iterdir()):
        if not (copy / path.name).exists() and not _is_companion(path):
            disk.remove_tree(path)
    disk.flush_folder(live)


def _restore_file(copy: Path, live: Path) -> None:
    if is_database(copy) and is_database(live):
        with (
            _reading(copy, is_copy=True) as source,
            contextlib.closing(_connect(live, "rw")) as target,
        ):
            source.backup(target)
    elif not live.is_file() or live.read_bytes() != copy.read_bytes():
        for end in _COMPANIONS:  # of a database that is gone: it would be played into the new one
            live.with_name(live.name + end).unlink(missing_ok=True)
        new = live.with_name(f".{live.name}.new")
        new.write_bytes(copy.read_bytes())
        new.rename(live)


def shape_of(folder: Path) -> str:
    """A digest of the tables (not the rows) of every database below: whether data was migrated."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if is_database(path):
            digest.update(str(path.relative_to(folder)).encode())
            with _reading(path) as database:
                version = database.execute("PRAGMA user_version").fetchone()
                tables = database.execute("SELECT sql FROM sqlite_master ORDER BY type, name")
                digest.update(repr((version, tables.fetchall())).encode())
    return digest.hexdigest()


def count_rows(folder: Path, counts: Mapping[str, str], *, is_copy: bool = False) -> dict[str, int]:
    """What each query of a module counts in its data; a query that fits no database is left out.

    Args:
        is_copy: Nobody writes there: no trace of looking is left either.
    """
    found: dict[str, int] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not is_database(path):
            continue
        with _reading(path, is_copy=is_copy) as database:
            for name, query in counts.items():
                with contextlib.suppress(sqlite3.Error, TypeError, ValueError):
                    (value,) = database.execute(query).fetchone()
                    found[name] = found.get(name, 0) + int(value)
    return found


@contextlib.contextmanager
def _reading(path: Path, *, is_copy: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write. On a live database with a write-ahead log SQLite makes that
    log and its index when they are not there; on a copy it must not."""
    with contextlib.closing(_connect(path, "ro&immutable=1" if is_copy else "ro")) as database:
        database.execute("PRAGMA query_only = 1")
        yield database


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    name = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(name, uri=True, timeout=_BUSY_S, isolation_level=None)
