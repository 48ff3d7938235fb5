"""What modules keep for themselves: copied before it can change, put back when it did."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.site import atomic
from recyclic.site.layout import Site
from recyclic.site.snapshot import copy_data, restore_data, shape_of

_MARGIN_BYTES = 64 << 10
"""For SQLite's own journal of a small database, and for folders."""


def data_snapshot(site: Site, number: int, module: str) -> Path:
    """Where the data of ``module`` is kept as it was before generation ``number``."""
    return site.snapshots / f"{number:06d}" / "data" / module


@dataclass(frozen=True, slots=True)
class SnapshotData:
    """Copy the data of one module whose code changes: its new code may migrate it."""

    kind: ClassVar[str] = "snapshot-data"
    leads_to: ClassVar[State] = State.SNAPSHOTTED
    number: int
    module: str

    @property
    def subject(self) -> str:
        """Whose data."""
        return f"module:{self.module}"

    def prepare(self, bench: Bench) -> Facts:
        """Whether there is any, and the shape of its tables."""
        live = bench.site.data / self.module
        return {"has_data": live.is_dir(), "shape": shape_of(live)}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Copy it."""
        if not facts["has_data"]:
            return
        site = bench.site
        target = data_snapshot(site, self.number, self.module)
        for folder in (target.parent.parent, target.parent):
            site.disk.make_folder(folder, mode=0o700)
        copy_data(site.disk, site.data / self.module, target)
        for folder in (target.parent, target.parent.parent, site.snapshots):
            site.disk.flush_folder(folder)

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Put it back when its tables were migrated meanwhile; rows that people wrote in unchanged
        tables stay. Then forget the copy."""
        site = bench.site
        copy, live = data_snapshot(site, self.number, self.module), site.data / self.module
        if facts["has_data"] and copy.is_dir() and shape_of(live) != facts["shape"]:
            restore_data(site.disk, copy, live)
        site.disk.remove_tree(copy)
        for folder in (copy.parent, copy.parent.parent):
            if folder.is_dir() and not any(folder.iterdir()):
                site.disk.remove_tree(folder)
        site.disk.flush_folder(site.snapshots)

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing: the copy is kept for a way back."""


@dataclass(frozen=True, slots=True)
class RestoreData:
    """Put back the data of one module as it was before generation ``source``."""

    kind: ClassVar[str] = "restore-data"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    module: str
    source: int

    @property
    def subject(self) -> str:
        """Whose data."""
        return f"module:{self.module}"

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing: what is there now was copied by an earlier step."""
        return {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Put it back, once there is room for the way back from that as well."""
        site = bench.site
        keep_room(site, self._room(site), data_snapshot(site, self.number, self.module))
        copy = data_snapshot(site, self.source, self.module)
        restore_data(site.disk, copy, site.data / self.module)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Put back what was there a moment ago. A disk that is full by now must not prevent it:
        the room that was kept is given up for that."""
        site, room = bench.site, self._room(bench.site)
        site.disk.remove(atomic.beside(room))
        if not room.exists():
            return  # nothing was put back yet, or all of it was undone
        site.disk.truncate(room, 0)
        copy, live = data_snapshot(site, self.number, self.module), site.data / self.module
        if copy.is_dir():
            restore_data(site.disk, copy, live)
        else:
            site.disk.remove_tree(live)  # there was none
        site.disk.remove(room)

    def finish(self, bench: Bench, _facts: Facts) -> None:
        """The room is not needed any more."""
        bench.site.disk.remove(self._room(bench.site))

    def _room(self, site: Site) -> Path:
        return site.snapshots / f"{self.number:06d}" / f"room-{self.module}"


def keep_room(site: Site, room: Path, copy: Path) -> None:
    """Take as much of the disk as restoring ``copy`` may need, under the name ``room``.

    Raises:
        OSError: there is not so much.
    """
    size = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
    new = atomic.beside(room)
    site.disk.make_folder(room.parent, mode=0o700)
    site.disk.remove(new)
    site.disk.run(new, lambda: _allocate(new, 2 * size + _MARGIN_BYTES))
    site.disk.rename(new, room)
    site.disk.flush_folder(room.parent)


def _allocate(path: Path, size: int) -> None:
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
