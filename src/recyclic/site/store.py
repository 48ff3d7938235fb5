"""Copies of code, each under the hash of its content; written once, never changed."""

from collections.abc import Callable
from pathlib import Path

from recyclic.site.disk import Disk
from recyclic.site.errors import SourceMovedError, StoreDamagedError
from recyclic.site.layout import Site
from recyclic.site.tree import Entry, EntryKind, list_tree, tree_hash


def stored(site: Site, content_hash: str) -> Path:
    """Where the tree of that hash is, or would be."""
    return site.store / content_hash.replace(":", "-", 1)


def is_stored(site: Site, content_hash: str) -> bool:
    """True when the store has it, complete: the name is given last."""
    return stored(site, content_hash).is_dir()


def add_tree(site: Site, source: Path, content_hash: str) -> None:
    """Copy ``source`` into the store, on disk when this returns.

    One that is there is checked, and replaced when somebody changed it: an editor that writes in
    place writes into the store through the second name that a generation has for the file.

    Raises:
        SourceMovedError: ``source`` is no longer what ``content_hash`` was taken of.
        StoreDamagedError: the store's copy was changed, and ``source`` is that copy.
    """
    final = stored(site, content_hash)
    if final.is_dir() and (source == final or tree_hash(final) == content_hash):
        check_stored(site, content_hash)
        return
    new = _new(site, content_hash)
    site.disk.remove_tree(new)
    copy_tree(site.disk, source, new)
    found = tree_hash(new)
    if found != content_hash:
        site.disk.remove_tree(new)
        raise SourceMovedError(folder=str(source), expected=content_hash, found=found)
    if final.is_dir():
        site.disk.remove_tree(_damaged(site, content_hash))
        site.disk.rename(final, _damaged(site, content_hash))
    site.disk.rename(new, final)
    site.disk.flush_folder(site.store)
    site.disk.remove_tree(_damaged(site, content_hash))


def _new(site: Site, content_hash: str) -> Path:
    return site.store / f".{stored(site, content_hash).name}.new"


def _damaged(site: Site, content_hash: str) -> Path:
    return site.store / f".{stored(site, content_hash).name}.damaged"


def check_stored(site: Site, content_hash: str) -> None:
    """Return when the stored tree is what its name says.

    Raises:
        StoreDamagedError: it is not, or is missing.
    """
    folder = stored(site, content_hash)
    found = tree_hash(folder) if folder.is_dir() else "missing"
    if found != content_hash:
        raise StoreDamagedError(folder=str(folder), expected=content_hash, found=found)


def remove_tree(site: Site, content_hash: str) -> None:
    """Take a tree, and what is left of an unfinished copy of it, out of the store."""
    site.disk.remove_tree(_new(site, content_hash))
    site.disk.remove_tree(stored(site, content_hash))
    site.disk.flush_folder(site.store)


def keep_tree(site: Site, content_hash: str) -> None:
    """Have the store hold the tree it held before ``add_tree`` was cut short."""
    final, damaged = stored(site, content_hash), _damaged(site, content_hash)
    if not final.is_dir() and damaged.is_dir():
        site.disk.rename(damaged, final)
        site.disk.flush_folder(site.store)
    for leftover in (_new(site, content_hash), damaged):
        site.disk.remove_tree(leftover)


def copy_tree(disk: Disk, source: Path, target: Path) -> None:
    """Copy a tree into a new folder, every file flushed; read-only, so that nobody edits it."""

    def copy(entry: Entry, path: Path) -> None:
        content = (source / entry.path).read_bytes()
        disk.write(path, content, 0o555 if entry.is_executable else 0o444)
        disk.flush(path)

    _lay_out(disk, source, target, copy)


def link_tree(disk: Disk, source: Path, target: Path) -> None:
    """Make ``target`` a tree of second names for the files of ``source``: no space is used."""
    _lay_out(disk, source, target, lambda entry, path: disk.link(source / entry.path, path))


def _lay_out(
    disk: Disk, source: Path, target: Path, put_file: Callable[[Entry, Path], None]
) -> None:
    """Make the folders and links of ``source`` in a new folder, and let each file be put there."""
    entries = list_tree(source)
    disk.make_folder(target)
    for entry in entries:
        path = target / entry.path
        if entry.kind is EntryKind.FOLDER:
            disk.make_folder(path)
        elif entry.kind is EntryKind.LINK:
            disk.symlink(entry.target, path)
        else:
            put_file(entry, path)
    _flush_folders(disk, target, [e.path for e in entries if e.kind is EntryKind.FOLDER])


def _flush_folders(disk: Disk, root: Path, folders: list[str]) -> None:
    for folder in reversed(folders):
        disk.flush_folder(root / folder)
    disk.flush_folder(root)
