"""An extension's code in its place: built aside, swapped in by rename, and back.

Each of Paheko's two roots (plugins, modules) gets a hidden folder ``.recyclic`` that Paheko
never lists: ``new/NAME`` is staged code, ``old/NAME`` the code that was replaced, and an empty
file ``live/NAME`` says that staged code is going live, or went. All are inside the root, so that
every move is one rename on one file system, and an interrupted move can be told from what lies
where.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.errors import ExtensionCodeError


@dataclass(frozen=True, slots=True)
class CodeRoot:
    """The folder that holds one kind of extension, one subfolder each."""

    folder: Path

    def live(self, name: str) -> Path:
        """Where Paheko looks for the code."""
        return self.folder / name

    def staged(self, name: str) -> Path:
        """Where code waits to be put in place."""
        return self.folder / ".recyclic" / "new" / name

    def replaced(self, name: str) -> Path:
        """Where the former code waits to be needed again."""
        return self.folder / ".recyclic" / "old" / name

    def stage(self, name: str, tree: Path) -> None:
        """Copy ``tree`` aside, on disk when this returns. Doing it again starts over.

        Every file gets the present time: Paheko compares times to know whether a compiled
        template is stale, and files with old times would leave the former one in use.

        Raises:
            ExtensionCodeError: When the tree holds anything but folders, plain files and
                links that stay inside.
        """
        target = self.staged(name)
        _remove(target)
        _refuse_odd_files(name, tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(tree, target, symlinks=True, copy_function=shutil.copyfile)
        self._settle(target, tree)

    def put_in_place(self, name: str) -> None:
        """Make staged code live; the former code, if any, is kept. Does nothing when done."""
        staged, live, old = self.staged(name), self.live(name), self.replaced(name)
        if not staged.exists():
            return
        _write_mark(self._mark(name))
        if live.exists() or live.is_symlink():
            _remove(old)
            old.parent.mkdir(parents=True, exist_ok=True)
            live.rename(old)
            _flush(old.parent)
        staged.rename(live)
        self._flush_moves(staged, live)

    def undo(self, name: str) -> None:
        """The exact reverse of ``put_in_place``, from wherever it stopped. May be done again.

        The mark says that staged code was about to go live: with it, and nothing staged, what is
        live is the new code. Without a mark and without former code there is nothing to undo.
        """
        staged, live, old = self.staged(name), self.live(name), self.replaced(name)
        if self._mark(name).exists() and live.exists() and not staged.exists():
            staged.parent.mkdir(parents=True, exist_ok=True)
            live.rename(staged)
            _flush(staged.parent)
        if old.exists() and not live.exists():
            old.rename(live)
            touch_all(live)
        self._flush_moves(old, live)
        self._mark(name).unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Forget staged and former code: after a commit, or after an undo."""
        own = (self.staged(name), self.replaced(name), self._mark(name))
        for path in own:
            _remove(path)
        for path in own:
            _remove_if_empty(path.parent)
        _remove_if_empty(self.folder / ".recyclic")

    def _mark(self, name: str) -> Path:
        """A file that says: staged code of that name is going live, or went."""
        return self.folder / ".recyclic" / "live" / name

    def names(self) -> tuple[str, ...]:
        """Every extension with code here, sorted."""
        if not self.folder.is_dir():
            return ()
        found = (entry.name for entry in self.folder.iterdir() if entry.is_dir())
        return tuple(sorted(name for name in found if "." not in name))

    def _settle(self, target: Path, tree: Path) -> None:
        """Owner as the root's, modes as the source's, times now, and everything on disk.

        Where strangers may not look into the root, they may not look into the code either.
        """
        root = self.folder.stat()
        seen_by = 0o777 if root.st_mode & stat.S_IROTH else 0o770
        for path in _walk(target):
            source = tree / path.relative_to(target)
            executable = path.is_dir() or bool(source.stat().st_mode & stat.S_IXUSR)
            if not path.is_symlink():
                path.chmod((0o755 if executable else 0o644) & seen_by)
                os.utime(path)
                _flush(path)
        if os.geteuid() == 0:
            for path in (*_walk(target), target.parent, self.folder / ".recyclic"):
                os.chown(path, root.st_uid, root.st_gid, follow_symlinks=False)
        for folder in (target.parent, self.folder / ".recyclic", self.folder):
            _flush(folder)

    def _flush_moves(self, *moved: Path) -> None:
        for folder in {path.parent for path in moved} | {self.folder}:
            if folder.is_dir():
                _flush(folder)


def touch_all(tree: Path) -> None:
    """Give everything in ``tree`` the present time."""
    for path in _walk(tree):
        os.utime(path, follow_symlinks=False)


def _walk(tree: Path) -> Iterator[Path]:
    yield tree
    yield from sorted(tree.rglob("*"))


def _refuse_odd_files(name: str, tree: Path) -> None:
    if not tree.is_dir():
        raise ExtensionCodeError(name=name, problem="no-folder", detail=str(tree))
    for path in _walk(tree):
        mode = path.lstat().st_mode
        plain = stat.S_ISDIR(mode) or stat.S_ISREG(mode)
        if not plain and not (stat.S_ISLNK(mode) and _stays_inside(path, tree)):
            inside = str(path.relative_to(tree))
            raise ExtensionCodeError(name=name, problem="odd-file", detail=inside)


def _stays_inside(link: Path, tree: Path) -> bool:
    target = link.readlink()
    end = (link.parent / target).resolve()
    return not target.is_absolute() and end.exists() and end.is_relative_to(tree.resolve())


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_mark(mark: Path) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    _flush(mark)
    _flush(mark.parent)
