"""A folder of code as a list of entries, and its hash.

The hash depends on relative paths, contents, link targets and the executable bit: on nothing
that a copy, another machine or a running interpreter would change.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from recyclic.site.errors import UnsafeTreeError

_IGNORED_FOLDERS = frozenset(
    {"__pycache__", ".git", ".hg", ".svn", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
_IGNORED_SUFFIXES = (".pyc", ".pyo")
_CHUNK_BYTES = 1 << 20


class EntryKind(StrEnum):
    """What may be in a tree."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a tree.

    Attributes:
        path: Relative, with ``/``.
        is_executable: For files.
        target: What a link says.
    """

    path: str
    kind: EntryKind
    is_executable: bool = False
    target: str = ""


def list_tree(folder: Path) -> list[Entry]:
    """Everything in ``folder`` that counts, sorted by path; caches and version control do not.

    Raises:
        UnsafeTreeError: a link that leaves the folder, a device, a name that is not UTF-8.
        OSError: it cannot be read.
    """
    return sorted(_walk(folder, folder, PurePosixPath()), key=lambda entry: entry.path)


def _walk(root: Path, folder: Path, within: PurePosixPath) -> Iterator[Entry]:
    with os.scandir(folder) as children:
        for child in children:
            path = within / child.name
            if not child.name.isprintable():
                raise UnsafeTreeError(folder=str(root), entry=ascii(str(path)), problem="name")
            if child.is_symlink():
                yield _link(root, path)
            elif child.is_dir():
                if child.name not in _IGNORED_FOLDERS:
                    yield Entry(str(path), EntryKind.FOLDER)
                    yield from _walk(root, Path(child.path), path)
            elif not child.name.endswith(_IGNORED_SUFFIXES):
                yield _file(root, path, child.stat(follow_symlinks=False).st_mode)


def _file(root: Path, path: PurePosixPath, mode: int) -> Entry:
    if not stat.S_ISREG(mode):
        raise UnsafeTreeError(folder=str(root), entry=str(path), problem="special-file")
    return Entry(str(path), EntryKind.FILE, is_executable=bool(mode & 0o100))


def _link(root: Path, path: PurePosixPath) -> Entry:
    target = str((root / path).readlink())
    inside = os.path.normpath(path.parent / target)
    if target.startswith("/") or inside == ".." or inside.startswith("../"):
        raise UnsafeTreeError(folder=str(root), entry=str(path), problem="link-out")
    return Entry(str(path), EntryKind.LINK, target=target)


def tree_hash(folder: Path) -> str:
    """``sha256:HEX`` of everything that counts in ``folder``.

    Raises:
        UnsafeTreeError, OSError: as :func:`list_tree`.
    """
    digest = hashlib.sha256(b"recyclic tree 1\n")
    for entry in list_tree(folder):
        if entry.kind is EntryKind.FOLDER:
            continue
        mark = "x" if entry.is_executable else "-"
        name = entry.path.encode()
        digest.update(b"%s %s %d:%s " % (entry.kind.value.encode(), mark.encode(), len(name), name))
        if entry.kind is EntryKind.LINK:
            content = entry.target.encode()
            digest.update(b"%d:%s\n" % (len(content), content))
        else:
            digest.update(f"{file_hash(folder / entry.path)}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def file_hash(path: Path) -> str:
    """``sha256:HEX`` of one file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def text_hash(text: str) -> str:
    """``sha256:HEX`` of a text as UTF-8: the hash its file will have."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
