"""What changes in Paheko's database: extensions disabled, migrated, registered, enabled, erased.

All of it is done to a draft and becomes live in one moment, with the code of plugins that belongs
to it; see ``recyclic.paheko.exchange``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.apply.steps.host import HostStep, host_of, keep_given_up, snapshot_folder
from recyclic.model.package import ExtensionKind
from recyclic.site.layout import Site

if TYPE_CHECKING:
    from recyclic.paheko.database_change import DatabaseChange

_ACCEPTED = "loss-accepted"


def erased_folder(site: Site, number: int) -> Path:
    """Where the database is kept as it was before generation ``number`` deleted data."""
    return snapshot_folder(site, number).with_name("paheko-erased")


def accept_loss(site: Site, number: int) -> None:
    """Note that a change of Paheko may be taken back though people's writes rest upon it."""
    folder = site.snapshots / f"{number:06d}"
    if folder.is_dir() and not (folder / _ACCEPTED).exists():
        site.disk.write(folder / _ACCEPTED, b"")
        site.disk.flush_folder(folder)


def _take_back(bench: Bench, number: int, folder: Path) -> None:
    accepted = (bench.site.snapshots / f"{number:06d}" / _ACCEPTED).exists()
    host = host_of(bench)
    bench.site.disk.run(folder, lambda: host.take_back(folder, at_any_cost=accepted))


def _witnessed(bench: Bench) -> Callable[[Callable[[], None]], None]:
    return lambda action: bench.site.disk.run(bench.site.root, action)


@dataclass(frozen=True, slots=True)
class ChangeHost(HostStep):
    """Change what Paheko has recorded, and let plugins migrate their tables.

    Attributes:
        placed: Plugins whose staged code goes live in the same moment.
        versions: As for ``VerifyHost``.
        source: The generation before which the copy was taken that everything starts from; None
            to start from what is live.
    """

    kind: ClassVar[str] = "change-host"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    placed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    upgraded: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    source: int | None = None

    @property
    def subject(self) -> str:
        """All extensions that change."""
        changes = (self.disabled, self.placed, self.upgraded, self.registered, self.enabled)
        names = dict.fromkeys(name for each in changes for name in each)
        return ", ".join(f"paheko:{name}" for name in names) or "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Change a draft, look whether it is well, make it live."""
        folder = snapshot_folder(bench.site, self.number)
        host_of(bench).change(folder, self._change(bench.site), _witnessed(bench))

    def _change(self, site: Site) -> "DatabaseChange":
        from recyclic.paheko.database_change import DatabaseChange

        return DatabaseChange(
            placed=tuple(self.placed),
            disabled=tuple(self.disabled),
            upgraded=tuple(self.upgraded),
            registered=tuple(self.registered),
            enabled=tuple(self.enabled),
            versions=self.versions,
            source=None if self.source is None else snapshot_folder(site, self.source),
        )

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Make it as it was, with what people wrote meanwhile."""
        _take_back(bench, self.number, snapshot_folder(bench.site, self.number))
        host = host_of(bench)
        for name in self.placed:
            host.undo_move(name, ExtensionKind.PLUGIN)


@dataclass(frozen=True, slots=True)
class EraseExtensions(HostStep):
    """Delete the data of extensions: the last thing before the commit, when all else is well.

    Attributes:
        versions: As for ``VerifyHost``: what stays has to be well without them.
    """

    kind: ClassVar[str] = "erase-extensions"
    leads_to: ClassVar[State] = State.VERIFIED
    number: int
    names: tuple[str, ...]
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """All of them."""
        return ", ".join(f"paheko:{name}" for name in self.names)

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Copy everything, then delete."""
        from recyclic.paheko.database_change import DatabaseChange

        host, folder = host_of(bench), erased_folder(bench.site, self.number)
        bench.site.disk.run(folder, lambda: host.snapshot(folder))
        change = DatabaseChange(erased=tuple(self.names), versions=self.versions)
        host.change(folder, change, _witnessed(bench))

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Nothing was committed: it comes back, with what people wrote meanwhile."""
        folder = erased_folder(bench.site, self.number)
        _take_back(bench, self.number, folder)
        keep_given_up(bench.site, self.number, folder)
        bench.site.disk.remove_tree(folder)
