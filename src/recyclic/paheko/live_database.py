"""The live database, exchanged for another content only if nobody wrote to it meanwhile.

Paheko has no maintenance mode, and people go on writing while recyclic works on a copy. The
exchange looks, with SQLite's own exclusive lock held, whether a commit has happened since the copy
was taken: what somebody wrote is never overwritten unseen.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.errors import PahekoBusyError, SnapshotError

_WAIT_SECONDS = 30.0
_WRITE_AHEAD = b"\x02"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What differs between two moments if somebody committed in between.

    Source: https://www.sqlite.org/fileformat.html, "File change counter" (offset 24), which counts
    in rollback modes; in write-ahead mode, ``PRAGMA data_version`` as one connection sees it.
    """

    mode: bytes
    counter: bytes
    version: int


class _SomebodyWroteError(Exception):
    """Ends a backup that has begun: SQLite takes back the little it did."""


class LiveDatabase:
    """One database file that others write to; see :func:`watch`."""

    def __init__(self, header: int, watcher: sqlite3.Connection, writer: sqlite3.Connection):
        self._header = header
        self._watcher = watcher
        self._writer = writer
        self._seen: _Stamp | None = None

    def hold_writers(self) -> None:
        """Let nobody else write until :meth:`replace_with` or the end; reading goes on.

        Raises:
            PahekoBusyError: somebody's transaction did not end.
        """
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise PahekoBusyError(command="BEGIN", seconds=round(_WAIT_SECONDS)) from error

    def copy_to(self, copy: Path) -> None:
        """Copy it, as of one moment, to the new file ``copy``, readable by its owner only.

        Raises:
            SnapshotError: it cannot be copied.
        """
        try:
            copy.unlink(missing_ok=True)
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            # While we read, nobody can commit: the stamp is the copy's own.
            self._watcher.execute("BEGIN")
            self._watcher.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            self._seen = self._stamp()
            with contextlib.closing(sqlite3.connect(copy)) as target:
                self._watcher.backup(target)
            self._watcher.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise SnapshotError(path=str(copy), detail=str(error)) from error

    def replace_with(self, draft: Path) -> bool:
        """Make its content that of ``draft``, in one transaction of SQLite's, on disk on return.

        Returns:
            False when somebody committed since ``copy_to``; nothing was changed then.

        Raises:
            PahekoBusyError: it stayed locked. SnapshotError: ``draft`` cannot be read.
        """
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        try:
            with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as source:
                # Page by page, so that we are asked once the lock is held and before the end.
                source.backup(self._writer, pages=1, progress=_Look(self))
        except _SomebodyWroteError:
            return False
        except (sqlite3.Error, OSError) as error:
            raise SnapshotError(path=str(draft), detail=str(error)) from error
        return True

    def is_as_copied(self) -> bool:
        """False when somebody committed since ``copy_to``."""
        return self._seen == self._stamp()

    def _stamp(self) -> _Stamp:
        mode = os.pread(self._header, 1, 18)
        if mode == _WRITE_AHEAD:  # where a reader is never locked out
            (version,) = self._watcher.execute("PRAGMA data_version").fetchone()
            return _Stamp(mode, b"", version)
        return _Stamp(mode, os.pread(self._header, 4, 24), 0)


class _Look:
    """Called by SQLite between pages; the first time that it holds the lock, it looks."""

    def __init__(self, live: LiveDatabase) -> None:
        self._live = live
        self._has_looked = False

    def __call__(self, status: int, _remaining: int, _total: int) -> None:
        if status in _BUSY:
            raise PahekoBusyError(command="exchange", seconds=round(_WAIT_SECONDS))
        if not self._has_looked:
            self._has_looked = True
            if not self._live.is_as_copied():
                raise _SomebodyWroteError


@contextlib.contextmanager
def watch(file: Path) -> Iterator[LiveDatabase]:
    """Keep an eye on a database. Nothing else in this process may open the file meanwhile: closing
    any descriptor of it would drop SQLite's locks.

    Raises:
        SnapshotError: it cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        try:
            header = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, header)  # the last to be closed
            writer = _connect(file, "rw", stack)
            # A writer first: only one may roll back what a crash left half written.
            writer.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            writer.execute("PRAGMA synchronous = FULL")
            watcher = _connect(file, "ro", stack)
        except (sqlite3.Error, OSError) as error:
            raise SnapshotError(path=str(file), detail=str(error)) from error
        yield LiveDatabase(header, watcher, writer)


def _connect(file: Path, mode: str, stack: contextlib.ExitStack) -> sqlite3.Connection:
    name = f"{file.absolute().as_uri()}?mode={mode}"
    opened = sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    return stack.enter_context(contextlib.closing(opened))
