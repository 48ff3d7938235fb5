"""Paheko's documents, where they are files beside the database instead of rows in it.

Paheko never writes into a stored document: it writes another file beside and renames. So a hard
link is as good as a copy, and a snapshot of many gigabytes costs next to nothing.
Source: ``Files\\Storage\\FileSystem`` of Paheko 1.3 (``storePath``, ``storeContent``).
"""

import filecmp
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from recyclic.paheko.errors import SnapshotError


def copy_documents(folder: Path, copy: Path) -> int:
    """Link or copy every document into the new folder ``copy``; returns their size in bytes.

    Raises:
        SnapshotError: When it cannot be done.
    """
    size = 0
    try:
        copy.mkdir(parents=True, mode=0o700)
        for path in _walk(folder):
            target = copy / path.relative_to(folder)
            if path.is_dir():
                target.mkdir()
            else:
                _link_or_copy(path, target)
                size += path.stat().st_size
    except OSError as error:
        raise SnapshotError(path=str(copy), detail=str(error)) from error
    return size


def restore_documents(copy: Path, folder: Path) -> None:
    """Make ``folder`` hold what ``copy`` holds and nothing else. May be done again.

    Raises:
        SnapshotError: When it cannot be done.
    """
    try:
        if not copy.is_dir():
            raise SnapshotError(path=str(copy), detail="missing")
        folder.mkdir(exist_ok=True)
        for path in _walk(copy):
            _restore_one(path, folder / path.relative_to(copy), folder)
        for path in sorted(_walk(folder), reverse=True):
            if not (copy / path.relative_to(folder)).exists():
                path.rmdir() if path.is_dir() else path.unlink()
    except OSError as error:
        raise SnapshotError(path=str(copy), detail=str(error)) from error


def restore_missing(copy: Path, folder: Path, wanted: Mapping[str, int]) -> None:
    """Put back those of the documents ``wanted`` (path to size in bytes) that are not there at
    that size and are in ``copy``. Nothing else is touched. May be done again.

    Raises:
        SnapshotError: When it cannot be done.
    """
    try:
        for name, size in sorted(wanted.items()):
            saved, live = copy / name, folder / name
            is_there = live.is_file() and live.stat().st_size == size
            if not is_there and saved.is_file() and saved.stat().st_size == size:
                _make_parents(live, folder)
                _restore_one(saved, live, folder)
    except OSError as error:
        raise SnapshotError(path=str(copy), detail=str(error)) from error


def _make_parents(live: Path, folder: Path) -> None:
    for parent in reversed(live.relative_to(folder).parents[:-1]):
        if not (folder / parent).is_dir():
            (folder / parent).mkdir()
            _own_like(folder / parent, folder)


def _restore_one(saved: Path, live: Path, folder: Path) -> None:
    if saved.is_dir():
        if not live.is_dir():
            live.unlink(missing_ok=True)
            live.mkdir()
            _own_like(live, folder)
        return
    if live.is_file() and (saved.samefile(live) or filecmp.cmp(saved, live, shallow=False)):
        return
    if live.is_dir():
        shutil.rmtree(live)
    beside = live.with_name(f".{live.name}.recyclic")
    beside.unlink(missing_ok=True)
    _link_or_copy(saved, beside)
    _own_like(beside, folder)
    beside.rename(live)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # Another file system, or one without links.
        shutil.copy2(source, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())


def _own_like(path: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below ``folder``, folders before what is in them."""
    if folder.is_dir():
        yield from sorted(folder.rglob("*"))
