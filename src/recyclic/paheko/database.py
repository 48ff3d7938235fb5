"""Paheko's SQLite file: looked at without a trace, copied and put back page by page."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from recyclic.model.package import ExtensionKind
from recyclic.paheko.errors import PahekoDatabaseError, SnapshotError
from recyclic.paheko.state import PahekoState, RecordedExtension

_WAIT_SECONDS = 30.0
_WAL_MARK = b"\x02"


def read_state(file: Path) -> PahekoState:
    """What Paheko recorded; nothing is written, not even beside the file.

    Paheko's own ``ext list`` cannot be used for looking: it disables extensions on its way.

    Raises:
        PahekoDatabaseError: When the file cannot be read, or is not Paheko's.
    """
    with reading(file) as database:
        plugins = database.execute("SELECT name, enabled, version FROM plugins ORDER BY name")
        modules = database.execute("SELECT name, enabled, system FROM modules ORDER BY name")
        plugin, module = ExtensionKind.PLUGIN, ExtensionKind.BRINDILLE
        return PahekoState(
            version=_version(database.execute("PRAGMA user_version").fetchone()[0]),
            plugins={
                name: RecordedExtension(name, plugin, bool(enabled), str(version))
                for name, enabled, version in plugins
            },
            modules={
                name: RecordedExtension(name, module, bool(enabled), is_system=bool(system))
                for name, enabled, system in modules
            },
            tables=_tables(database),
        )


def list_tables(file: Path) -> frozenset[str]:
    """The names of all tables.

    Raises:
        PahekoDatabaseError: When the file cannot be read.
    """
    with reading(file) as database:
        return _tables(database)


def _tables(database: sqlite3.Connection) -> frozenset[str]:
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return frozenset(str(name) for (name,) in rows)


def list_local_modules(file: Path) -> frozenset[str]:
    """Brindille modules whose code lies in Paheko's own file storage instead of a folder.

    Raises:
        PahekoDatabaseError: When the file cannot be read.
    """
    with reading(file) as database:
        rows = database.execute("SELECT name FROM files WHERE parent = 'modules'")
        return frozenset(str(name) for (name,) in rows)


def list_documents(file: Path) -> dict[str, int]:
    """Every stored document by its path, with its size in bytes.

    Raises:
        PahekoDatabaseError: When the file cannot be read.
    """
    with reading(file) as database:
        rows = database.execute("SELECT path, size FROM files WHERE type = 1 AND size IS NOT NULL")
        return {str(path): int(size) for path, size in rows}


def content_digest(file: Path) -> str:
    """``sha256:HEX`` of all that the database says, however its pages lie.

    Raises:
        PahekoDatabaseError: When the file cannot be read.
    """
    digest = hashlib.sha256()
    for name, content in content_digests(file).items():
        digest.update(f"{name}\x00{content}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def content_digests(file: Path) -> dict[str, str]:
    """A digest of each table, index, view and trigger by name: its definition and its rows.

    Raises:
        PahekoDatabaseError: When the file cannot be read.
    """
    with reading(file) as database:
        database.text_factory = bytes
        entries = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        ).fetchall()
        return {name.decode(): _digest_of(database, name.decode(), sql) for name, sql in entries}


def _digest_of(database: sqlite3.Connection, name: str, sql: bytes) -> str:
    digest = hashlib.sha256(sql)
    if sql.upper().startswith(b"CREATE TABLE"):
        quoted = name.replace('"', '""')
        rows = database.execute(f'SELECT * FROM "{quoted}"').fetchall()
        for row in sorted(repr(row) for row in rows):
            digest.update(row.encode() + b"\n")
    return digest.hexdigest()


def _version(number: int) -> str:
    """Paheko's version from ``user_version``: 1032276 is 1.3.22.1.

    Source: ``DB::parseVersion``; the last two digits tell alphas (from 1), betas (26),
    release candidates (51) and corrections (76) apart.
    """
    rest, kind = divmod(number, 100)
    release = f"{rest // 10000}.{rest // 100 % 100}.{rest % 100}"
    for start, mark in ((76, "."), (51, "-rc"), (26, "-beta"), (1, "-alpha")):
        if kind >= start:
            return f"{release}{mark}{kind - start + 1}"
    return release


@contextlib.contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads and leaves no file behind.

    Three cases. Usually ``mode=ro`` is enough. A database in write-ahead mode that nobody has open
    is read as immutable: otherwise SQLite would leave ``-wal`` and ``-shm`` files, owned by us,
    that the web server could not write. And after a crash in the middle of a write, when
    only a writer may roll back, a copy is rolled back and read.

    Raises:
        PahekoDatabaseError: With SQLite's words.
    """
    try:
        if not file.is_file():
            raise PahekoDatabaseError(file=str(file), detail="no such file")
        with contextlib.ExitStack() as stack:
            yield _open_for_reading(file, stack)
    except (sqlite3.Error, OSError) as error:
        raise PahekoDatabaseError(file=str(file), detail=str(error)) from error


def _open_for_reading(file: Path, stack: contextlib.ExitStack) -> sqlite3.Connection:
    mode = "immutable=1" if _is_idle_wal(file) else "mode=ro"
    database = _connect(file, mode, stack)
    try:
        database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recyclic-db-")))
        for part in (file, _journal(file)):
            shutil.copyfile(part, folder / part.name)
        database = _connect(folder / file.name, "mode=rw", stack)
    return database


def _connect(file: Path, mode: str, stack: contextlib.ExitStack) -> sqlite3.Connection:
    name = f"{file.absolute().as_uri()}?{mode}"
    opened = sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    return stack.enter_context(contextlib.closing(opened))


def _is_idle_wal(file: Path) -> bool:
    """True for a database in write-ahead mode that nobody has open.

    Closing a file drops every POSIX lock its process has on it, SQLite's too; so nothing here
    is called while this process has the live database in a transaction.
    """
    with file.open("rb") as opened:
        header = opened.read(20)
    beside = file.with_name(file.name + "-wal")
    return header[18:19] == _WAL_MARK and not beside.exists()


def _journal(file: Path) -> Path:
    return file.with_name(file.name + "-journal")


def drop_tables_of(file: Path, name: str, others: Iterable[str]) -> tuple[str, ...]:
    """Drop the tables that bear the name of a plugin; returns what they were called.

    A table is that of the plugin with the longest name that fits: ``plugin_stock_velos_bike``
    belongs to ``stock_velos``, not to ``stock``.

    Args:
        others: The names of all other plugins.

    Raises:
        PahekoDatabaseError: When it cannot be done.
    """
    longer = [_prefix(other) for other in others if other.startswith(f"{name}_")]
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=_WAIT_SECONDS)) as database, database:
            doomed = [
                table
                for table in sorted(_tables(database))
                if f"{table}_".startswith(_prefix(name))
                and not any(f"{table}_".startswith(each) for each in longer)
            ]
            for table in doomed:
                database.execute('DROP TABLE IF EXISTS "{}"'.format(table.replace('"', '""')))
    except sqlite3.Error as error:
        raise PahekoDatabaseError(file=str(file), detail=str(error)) from error
    return tuple(doomed)


def _prefix(plugin: str) -> str:
    return f"plugin_{plugin}_"


def back_up(file: Path, copy: Path) -> int:
    """Copy the database page by page to the new file ``copy``; returns its size in bytes.

    Waits for writers, is readable by its owner only, is on disk when this returns, and was
    checked by SQLite.

    Raises:
        PahekoDatabaseError: When the original cannot be read.
        SnapshotError: When the copy cannot be made, or is not sound.
    """
    try:
        descriptor = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.close(descriptor)
        with reading(file) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        check_integrity(copy)
        flush(copy)
        flush(copy.parent)
        return copy.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise SnapshotError(path=str(copy), detail=str(error)) from error


def check_integrity(file: Path) -> None:
    """Return when SQLite finds the file sound.

    Raises:
        SnapshotError: With the first complaint.
    """
    if not file.is_file() or file.stat().st_size == 0:
        raise SnapshotError(path=str(file), detail="missing or empty")
    with reading(file) as database:
        (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise SnapshotError(path=str(file), detail=str(said))


def flush(path: Path) -> None:
    """Return once ``path``, a file or a folder, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
