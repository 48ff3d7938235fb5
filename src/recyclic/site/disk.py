"""Every change to a site's folder goes through here, one operation at a time.

The point is the witness: a test, or a rehearsal, is told right before and right after each
operation, and may kill the process there, refuse the operation or take notes. In everyday use
there is none.
"""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Act(StrEnum):
    """What is done to the file system."""

    MAKE_FOLDER = "make-folder"
    WRITE = "write"
    APPEND = "append"
    TRUNCATE = "truncate"
    FLUSH = "flush"
    FLUSH_FOLDER = "flush-folder"
    FLUSH_ALL = "flush-all"
    LINK = "link"
    SYMLINK = "symlink"
    RENAME = "rename"
    REMOVE = "remove"
    REMOVE_FOLDER = "remove-folder"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: ``path`` is what changes; ``other`` is a link's or a rename's other side."""

    act: Act
    path: Path
    other: Path | None = None


class Witness(Protocol):
    """Told of every operation; what it raises takes the operation's place."""

    def before(self, operation: Operation) -> None:
        """Nothing of ``operation`` has happened yet."""

    def after(self, operation: Operation) -> None:
        """All of ``operation`` has happened; durable only where a flush says so."""


class _Nobody:
    def before(self, operation: Operation) -> None: ...

    def after(self, operation: Operation) -> None: ...


class Disk:
    """The operations. Each is atomic or harmless when cut short, and none follows a link.

    Raises:
        OSError: from every method, with the path in it.
    """

    def __init__(self, witness: Witness | None = None) -> None:
        self.witness: Witness = witness or _Nobody()

    def _do(self, operation: Operation, action: Callable[[], object]) -> None:
        self.witness.before(operation)
        action()
        self.witness.after(operation)

    def make_folder(self, path: Path, mode: int = 0o755) -> None:
        """Make one folder; one that is there stays."""
        if not path.is_dir():
            self._do(Operation(Act.MAKE_FOLDER, path), lambda: path.mkdir(mode=mode))

    def write(self, path: Path, content: bytes, mode: int = 0o644) -> None:
        """Make a file that is not there yet; whoever needs it on disk flushes it."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW

        def action() -> None:
            with os.fdopen(os.open(path, flags, mode), "wb") as file:
                file.write(content)

        self._do(Operation(Act.WRITE, path), action)

    def append(self, path: Path, content: bytes) -> None:
        """Add to the end of a file, made when missing, and flush it."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW

        def action() -> None:
            with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

        self._do(Operation(Act.APPEND, path), action)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file to its first ``size`` bytes, and flush it."""

        def action() -> None:
            with path.open("rb+") as file:
                file.truncate(size)
                os.fsync(file.fileno())

        self._do(Operation(Act.TRUNCATE, path), action)

    def flush(self, path: Path) -> None:
        """Return once the file's content is on disk."""
        self._do(Operation(Act.FLUSH, path), lambda: _fsync(path))

    def flush_folder(self, path: Path) -> None:
        """Return once the folder's entries (not their contents) are on disk."""
        self._do(Operation(Act.FLUSH_FOLDER, path), lambda: _fsync(path))

    def flush_all(self, path: Path) -> None:
        """Return once everything on the file system that holds ``path`` is on disk.

        For trees of thousands of files that another program wrote.
        """
        self._do(Operation(Act.FLUSH_ALL, path), lambda: _syncfs(path))

    def link(self, existing: Path, path: Path) -> None:
        """A second name for a file, as ``ln``."""
        self._do(
            Operation(Act.LINK, path, existing),
            lambda: os.link(existing, path, follow_symlinks=False),
        )

    def symlink(self, target: str, path: Path) -> None:
        """A symbolic link at ``path`` that says ``target``."""
        self._do(Operation(Act.SYMLINK, path, Path(target)), lambda: path.symlink_to(target))

    def rename(self, path: Path, to: Path) -> None:
        """Move within the file system, replacing what ``to`` names."""
        self._do(Operation(Act.RENAME, path, to), lambda: path.rename(to))

    def remove(self, path: Path) -> None:
        """Remove a file or a link; a missing one is no error."""
        if path.is_symlink() or path.exists():
            self._do(Operation(Act.REMOVE, path), lambda: path.unlink(missing_ok=True))

    def remove_tree(self, path: Path) -> None:
        """Remove a folder with all in it; a missing one is no error. Links are not followed."""
        if path.is_symlink() or not path.is_dir():
            self.remove(path)
            return
        for child in sorted(path.iterdir()):
            self.remove_tree(child)
        self._do(Operation(Act.REMOVE_FOLDER, path), path.rmdir)

    def run(self, path: Path, action: Callable[[], object]) -> None:
        """Let another program write below ``path``: one operation, whatever it does."""
        self._do(Operation(Act.RUN, path), action)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _syncfs(path: Path) -> None:
    """Source: syncfs(2); where the C library has none, sync(2) does the same and more."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)
