"""What a disk holds after a power cut: a model of files, names, and what was flushed of both.

It watches the operations of one run. Of every moment it can tell what a disk may hold: the content
of a file is certain only once the file was flushed, a name only once its folder was. Everything
else may or may not be there, each for itself.
"""

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from recyclic.site.disk import Act, Operation


class Loss(Enum):
    """What is lost of all that was not flushed."""

    EVERYTHING = "everything"
    CONTENT = "content"
    """Names are there, files are empty: what ext4 does when it is asked to."""
    SOME = "some"
    """Each name and each content is lost or not, by a throw of dice."""


@dataclass(eq=False)
class Node:
    """A file, a link or a folder, now and as the disk is sure to have it."""

    is_folder: bool = False
    target: str | None = None
    mode: int = 0o644
    content: bytes = b""
    flushed: bytes = b""
    names: dict[str, "Node"] = field(default_factory=dict)
    flushed_names: dict[str, "Node"] = field(default_factory=dict)


class DiskModel:
    """A witness that keeps the model of one folder up to date."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.top = scan(root)
        flush_below(self.top)

    def before(self, operation: Operation) -> None:
        """Nothing has happened yet."""

    def after(self, operation: Operation) -> None:
        """Follow the operation."""
        act, path, other = operation.act, operation.path, operation.other
        if act in (Act.MAKE_FOLDER, Act.WRITE, Act.SYMLINK, Act.RUN):
            self._put(path, scan(path))
        elif act in (Act.APPEND, Act.TRUNCATE):
            node = self._find(path) or self._put(path, Node())
            node.content = node.flushed = path.read_bytes()
        elif act is Act.LINK:
            assert other is not None
            existing = self._find(other)
            assert existing is not None
            self._put(path, existing)
        elif act is Act.RENAME:
            assert other is not None
            self._put(other, self._folder(path).names.pop(path.name))
        elif act in (Act.REMOVE, Act.REMOVE_FOLDER):
            self._folder(path).names.pop(path.name, None)
        else:
            self._flush(act, path)

    def _flush(self, act: Act, path: Path) -> None:
        if act is Act.FLUSH_ALL:
            flush_below(self.top)
            return
        node = self._find(path)
        assert node is not None
        if act is Act.FLUSH_FOLDER:
            node.flushed_names = dict(node.names)
        else:
            node.flushed = node.content

    def _folder(self, path: Path) -> Node:
        folder = self._find(path.parent)
        assert folder is not None, path
        return folder

    def _find(self, path: Path) -> Node | None:
        node = self.top
        for part in path.relative_to(self.root).parts:
            if part not in node.names:
                return None
            node = node.names[part]
        return node

    def _put(self, path: Path, node: Node) -> Node:
        self._folder(path).names[path.name] = node
        return node

    def write_disk(self, folder: Path, loss: Loss, seed: int = 0) -> None:
        """Make ``folder`` what the disk may hold if the power went now."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        dice = random.Random(seed)
        made: dict[Node, Path] = {}
        _write_folder(self.top, folder, loss, dice, made)


def scan(path: Path) -> Node:
    """What is at ``path`` now, nothing of it flushed."""
    if path.is_symlink():
        return Node(target=str(path.readlink()))
    if not path.is_dir():
        return Node(mode=path.stat().st_mode & 0o777, content=path.read_bytes())
    return Node(is_folder=True, names={child.name: scan(child) for child in path.iterdir()})


def flush_below(node: Node) -> None:
    """Everything below is on disk."""
    node.flushed = node.content
    node.flushed_names = dict(node.names)
    for child in node.names.values():
        flush_below(child)


def _write_folder(
    node: Node, folder: Path, loss: Loss, dice: random.Random, made: dict[Node, Path]
) -> None:
    for name, child in sorted(_names(node, loss, dice)):
        path = folder / name
        if child.is_folder:
            path.mkdir()
            _write_folder(child, path, loss, dice, made)
        elif child.target is not None:
            path.symlink_to(child.target)
        elif child in made:
            os.link(made[child], path)
        else:
            keeps = loss is Loss.SOME and dice.random() < 0.5
            path.write_bytes(child.content if keeps else child.flushed)
            path.chmod(child.mode)
            made[child] = path


def _names(node: Node, loss: Loss, dice: random.Random) -> Iterator[tuple[str, Node]]:
    if loss is Loss.EVERYTHING:
        yield from node.flushed_names.items()
    elif loss is Loss.CONTENT:
        yield from node.names.items()
    else:
        for name in node.names.keys() | node.flushed_names.keys():
            chosen = node.names if dice.random() < 0.5 else node.flushed_names
            if name in chosen:
                yield name, chosen[name]
