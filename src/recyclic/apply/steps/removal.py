"""A site is taken away: what nobody uses any more goes once that is decided for good."""

import tarfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts, PlainStep
from recyclic.site import atomic
from recyclic.site.layout import Site


class DataFate(StrEnum):
    """What happens to what modules kept."""

    KEEP = "keep"
    ARCHIVE = "archive"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class RemoveSite(PlainStep):
    """Remove code, generations and copies, and settle the data, after the commit.

    Until then nothing of it happens, so that there is nothing to undo; from then on an
    interruption is finished by the next run.

    Attributes:
        fate: A :class:`DataFate`, as text.
        stamp: In the name of the data's archive: the same on every try.
    """

    kind: ClassVar[str] = "remove-site"
    leads_to: ClassVar[State] = State.VERIFIED
    fate: str
    stamp: str

    @property
    def subject(self) -> str:
        """What becomes of the data."""
        return f"data:{self.fate}"

    def do(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing yet."""

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing: it was not done."""

    def finish(self, bench: Bench, _facts: Facts) -> None:
        """Do it now; a second time does what is left."""
        clear_site(bench.site, DataFate(self.fate), self.stamp)


def data_archive(site: Site, stamp: str) -> Path:
    """Where data is kept that was archived at ``stamp``."""
    return site.root / f"data-{stamp}.tar.gz"


def clear_site(site: Site, fate: DataFate, stamp: str) -> None:
    """Leave the journal, and of the data what ``fate`` says. Can be done again.

    Raises:
        OSError: a file could not be written or removed.
    """
    if fate is DataFate.ARCHIVE:
        _archive_data(site, data_archive(site, stamp))
    if fate is not DataFate.KEEP:
        site.disk.remove_tree(site.data)
    site.disk.remove(site.current)
    site.disk.flush_folder(site.root)
    for folder in (site.generations, site.store, site.snapshots, site.run):
        site.disk.remove_tree(folder)
    site.disk.flush_folder(site.root)


def _archive_data(site: Site, archive: Path) -> None:
    if archive.exists() or not (site.data.is_dir() and any(site.data.iterdir())):
        return
    partial = atomic.beside(archive)
    site.disk.remove(partial)
    site.disk.run(partial, lambda: _pack(site.data, partial))
    site.disk.flush(partial)
    site.disk.rename(partial, archive)
    site.disk.flush_folder(site.root)


def _pack(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder, "data")
