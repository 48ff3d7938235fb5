"""Files and links that are either the old or the new one, at every instant."""

from pathlib import Path

from recyclic.site.disk import Disk


def beside(path: Path) -> Path:
    """The name under which the new ``path`` is made; a leftover of it means nothing."""
    return path.with_name(f".{path.name}.new")


def write_flushed(disk: Disk, path: Path, content: bytes, mode: int = 0o644) -> None:
    """Make a file, its content on disk; its name is on disk once its folder is flushed."""
    disk.write(path, content, mode)
    disk.flush(path)


def replace_file(disk: Disk, path: Path, content: bytes) -> None:
    """Make ``path`` hold ``content``, on disk when this returns. Nothing happens when it does."""
    if path.is_file() and path.read_bytes() == content:
        return
    new = beside(path)
    disk.remove(new)
    write_flushed(disk, new, content)
    disk.rename(new, path)
    disk.flush_folder(path.parent)


def point_link(disk: Disk, link: Path, target: str) -> None:
    """Make ``link`` point at ``target``, on disk when this returns."""
    if link.is_symlink() and str(link.readlink()) == target:
        return
    new = beside(link)
    disk.remove(new)
    disk.symlink(target, new)
    disk.rename(new, link)
    disk.flush_folder(link.parent)
