"""Copies of code, each under the hash of its content; written once, never changed."""

from pathlib import Path

from recyclic.site.disk import Disk
from recyclic.site.errors import SourceMovedError, StoreDamagedError
from recyclic.site.layout import Site
from recyclic.site.tree import EntryKind, list_tree, tree_hash


def stored(site: Site, content_hash: str) -> Path:
    """Where the tree of that hash is, or would be."""
    return site.store / content_hash.replace(":", "-", 1)


def is_stored(site: Site, content_hash: str) -> bool:
    """True when the store has it, complete: the name is given last."""
    return stored(site, content_hash).is_dir()


def add_tree(site: Site, source: Path, content_hash: str) -> None:
    """Copy ``source`` into the store, on disk when this returns; one that is there is checked.

    Raises:
        SourceMovedError: ``source`` is no longer what ``content_hash`` was taken of.
        StoreDamagedError: the store's copy was changed by someone.
    """
    final = stored(site, content_hash)
    if final.is_dir():
        check_stored(site, content_hash)
        return
    new = site.store / f".{final.name}.new"
    site.disk.remove_tree(new)
    copy_tree(site.disk, source, new)
    found = tree_hash(new)
    if found != content_hash:
        site.disk.remove_tree(new)
        raise SourceMovedError(folder=str(source), expected=content_hash, found=found)
    site.disk.rename(new, final)
    site.disk.flush_folder(site.store)


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
    final = stored(site, content_hash)
    site.disk.remove_tree(site.store / f".{final.name}.new")
    site.disk.remove_tree(final)
    site.disk.flush_folder(site.store)


def copy_tree(disk: Disk, source: Path, target: Path) -> None:
    """Copy a tree into a new folder, every file flushed; read-only, so that nobody edits it."""
    entries = list_tree(source)
    disk.make_folder(target)
    for entry in entries:
        path = target / entry.path
        if entry.kind is EntryKind.FOLDER:
            disk.make_folder(path)
        elif entry.kind is EntryKind.LINK:
            disk.symlink(entry.target, path)
        else:
            content = (source / entry.path).read_bytes()
            disk.write(path, content, 0o555 if entry.is_executable else 0o444)
            disk.flush(path)
    _flush_folders(disk, target, [e.path for e in entries if e.kind is EntryKind.FOLDER])


def link_tree(disk: Disk, source: Path, target: Path) -> None:
    """Make ``target`` a tree of second names for the files of ``source``: no space is used."""
    entries = list_tree(source)
    disk.make_folder(target)
    for entry in entries:
        path = target / entry.path
        if entry.kind is EntryKind.FOLDER:
            disk.make_folder(path)
        elif entry.kind is EntryKind.LINK:
            disk.symlink(entry.target, path)
        else:
            disk.link(source / entry.path, path)
    _flush_folders(disk, target, [e.path for e in entries if e.kind is EntryKind.FOLDER])


def _flush_folders(disk: Disk, root: Path, folders: list[str]) -> None:
    for folder in reversed(folders):
        disk.flush_folder(root / folder)
    disk.flush_folder(root)
