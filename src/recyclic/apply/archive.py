"""Taking archives apart. Every archive is hostile until each of its entries was looked at.

Nothing is written before the whole list of entries was accepted, and never more bytes than allowed.
"""

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from recyclic.apply.errors import ArchiveUnreadableError, HostileArchiveError

LARGEST_BYTES = 1 << 30
MOST_ENTRIES = 50_000
_LARGEST_RATIO = 200
_SMALL_BYTES = 10 << 20
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Entry:
    path: PurePosixPath
    is_folder: bool
    is_executable: bool
    size: int
    source: Any


class _Reader:
    """One open archive of either kind."""

    def __init__(self, name: str, entries: list[_Entry], opener: Any) -> None:
        self.name = name
        self.entries = entries
        self._opener = opener

    def open(self, entry: _Entry) -> IO[bytes]:
        opened: IO[bytes] = self._opener(entry.source)
        return opened


def extract(archive: Path, folder: Path) -> None:
    """Extract a ``.zip`` or ``.tar`` (compressed or not) into the new ``folder``.

    Raises:
        HostileArchiveError: ``problem`` is one of ``absolute``, ``outside``, ``link``, ``device``,
            ``duplicate``, ``name``, ``bomb``, ``entries``; nothing was written (of a bomb that
            lies about its sizes: at most what it announced).
        ArchiveUnreadableError: it is no archive, or is cut short.
    """
    try:
        with _open(archive) as reader:
            check_entries(reader, archive.stat().st_size)
            folder.mkdir(parents=True)
            for entry in reader.entries:
                _extract(reader, entry, folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise ArchiveUnreadableError(archive=str(archive), detail=str(error)) from error
    except (NotImplementedError, RuntimeError) as error:  # a method or an encryption we lack
        raise ArchiveUnreadableError(archive=str(archive), detail=str(error)) from error


@contextmanager
def _open(archive: Path) -> Iterator[_Reader]:
    name = str(archive)
    if zipfile.is_zipfile(archive) and not tarfile.is_tarfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield _Reader(name, [_zip_entry(name, i) for i in zipped.infolist()], zipped.open)
    else:
        with tarfile.open(archive, "r:*") as tarred:
            yield _Reader(name, list(_tar_entries(name, tarred)), tarred.extractfile)


def _zip_entry(archive: str, info: zipfile.ZipInfo) -> _Entry:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise HostileArchiveError(archive=archive, entry=info.filename, problem="link")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise HostileArchiveError(archive=archive, entry=info.filename, problem="device")
    path = _path(archive, info.filename)
    return _Entry(path, info.is_dir(), bool(mode & 0o100), info.file_size, info)


def _tar_entries(archive: str, tarred: tarfile.TarFile) -> Iterator[_Entry]:
    for number, member in enumerate(tarred):
        if number >= MOST_ENTRIES:
            raise HostileArchiveError(archive=archive, entry=member.name, problem="entries")
        if member.issym() or member.islnk():
            raise HostileArchiveError(archive=archive, entry=member.name, problem="link")
        if not member.isreg() and not member.isdir():
            raise HostileArchiveError(archive=archive, entry=member.name, problem="device")
        path = _path(archive, member.name)
        yield _Entry(path, member.isdir(), bool(member.mode & 0o100), member.size, member)


def _path(archive: str, name: str) -> PurePosixPath:
    """``name`` as a path below the folder.

    Raises:
        HostileArchiveError: it is not below it, or is no name for a file.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or "\\" in name or ":" in name.partition("/")[0]:
        raise HostileArchiveError(archive=archive, entry=name, problem="absolute")
    if ".." in path.parts:
        raise HostileArchiveError(archive=archive, entry=name, problem="outside")
    if not name.isprintable() or len(name) > 1000:
        raise HostileArchiveError(archive=archive, entry=ascii(name)[:200], problem="name")
    return path


def check_entries(reader: _Reader, archive_bytes: int) -> None:
    """Return when the list as a whole can be accepted.

    Raises:
        HostileArchiveError: a name stands twice, a file is also a folder, or there is too much.
    """
    files: set[PurePosixPath] = set()
    for entry in reader.entries:
        if entry.path in files or (not entry.is_folder and entry.path == PurePosixPath(".")):
            raise HostileArchiveError(
                archive=reader.name, entry=str(entry.path), problem="duplicate"
            )
        if not entry.is_folder:
            files.add(entry.path)
    for entry in reader.entries:
        if any(parent in files for parent in entry.path.parents):
            raise HostileArchiveError(
                archive=reader.name, entry=str(entry.path), problem="duplicate"
            )
    total = sum(entry.size for entry in reader.entries)
    swells = total > max(_SMALL_BYTES, archive_bytes * _LARGEST_RATIO)
    if total > LARGEST_BYTES or len(reader.entries) > MOST_ENTRIES or swells:
        raise HostileArchiveError(archive=reader.name, entry=f"{total} bytes", problem="bomb")


def _extract(reader: _Reader, entry: _Entry, folder: Path) -> None:
    target = folder / entry.path
    if entry.is_folder:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.size
    with reader.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(min(_CHUNK_BYTES, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise HostileArchiveError(
                    archive=reader.name, entry=str(entry.path), problem="bomb"
                )
            file.write(chunk)
    target.chmod(0o755 if entry.is_executable else 0o644)
