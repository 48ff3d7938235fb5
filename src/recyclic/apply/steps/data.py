"""What modules keep for themselves: copied before it can change, put back when it did."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.site.layout import Site
from recyclic.site.snapshot import copy_data, restore_data, shape_of


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
        """Put it back."""
        copy = data_snapshot(bench.site, self.source, self.module)
        restore_data(bench.site.disk, copy, bench.site.data / self.module)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Put back what was there a moment ago."""
        copy = data_snapshot(bench.site, self.number, self.module)
        if copy.is_dir():
            restore_data(bench.site.disk, copy, bench.site.data / self.module)

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""
