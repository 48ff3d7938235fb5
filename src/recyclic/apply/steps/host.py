"""What changes inside Paheko: code beside, a snapshot, code in place, migrations, enabling."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.errors import NoHostError
from recyclic.apply.health import CheckResult
from recyclic.apply.host import ExtensionHost
from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts, PlainStep
from recyclic.model.package import ExtensionKind
from recyclic.site import store
from recyclic.site.layout import Site


def host_of(bench: Bench) -> ExtensionHost:
    """The host that a step is about.

    Raises:
        NoHostError: it is not there.
    """
    if bench.host is None:
        raise NoHostError(root=str(bench.site.root))
    return bench.host


def snapshot_folder(site: Site, number: int) -> Path:
    """Where the database is kept as it was before generation ``number``."""
    return site.snapshots / f"{number:06d}" / "paheko"


def keep_given_up(site: Site, number: int, folder: Path) -> None:
    """Move what was given up when a change was taken back from its copies to the run's logs."""
    from recyclic.paheko.snapshot import GIVEN_UP

    given_up, kept = folder / GIVEN_UP, site.failed / f"{number:06d}"
    if given_up.is_file():
        for made in (site.failed, kept):
            site.disk.make_folder(made, mode=0o700)
        site.disk.rename(given_up, kept / f"{folder.name}-{GIVEN_UP}")
        site.disk.flush_folder(kept)


class HostStep(PlainStep):
    """A step that is about the Paheko as a whole, unless it says otherwise."""

    @property
    def subject(self) -> str:
        """The host itself."""
        return "paheko"


@dataclass(frozen=True, slots=True)
class CheckHost(HostStep):
    """Refuse to begin on a Paheko that would not survive it."""

    kind: ClassVar[str] = "check-host"
    leads_to: ClassVar[State] = State.STAGED

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Look."""
        host_of(bench).check_ready()


class CheckHostAgain(CheckHost):
    """The last look before live things change: staging may have taken minutes."""

    __slots__ = ()
    kind: ClassVar[str] = "check-host-again"
    leads_to: ClassVar[State] = State.FROZEN


@dataclass(frozen=True, slots=True)
class StageExtension(HostStep):
    """Copy an extension's code beside its place, where Paheko does not see it."""

    kind: ClassVar[str] = "stage-extension"
    leads_to: ClassVar[State] = State.STAGED
    name: str
    extension_kind: str
    content_hash: str

    @property
    def subject(self) -> str:
        """Whose code."""
        return f"paheko:{self.name}"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Copy it."""
        tree = store.stored(bench.site, self.content_hash)
        host = host_of(bench)
        bench.site.disk.run(tree, lambda: host.stage(self.name, tree))

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Remove it, and the former code's copy, which is back in place by now."""
        host_of(bench).discard(self.name, ExtensionKind(self.extension_kind))

    def finish(self, bench: Bench, _facts: Facts) -> None:
        """Forget the former code."""
        host_of(bench).discard(self.name, ExtensionKind(self.extension_kind))


@dataclass(frozen=True, slots=True)
class SnapshotHost(HostStep):
    """Copy Paheko's database, so that what an upgrade does to it can be taken back."""

    kind: ClassVar[str] = "snapshot-host"
    leads_to: ClassVar[State] = State.SNAPSHOTTED
    number: int

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Copy it; complete and checked when this returns."""
        folder = snapshot_folder(bench.site, self.number)
        host = host_of(bench)
        bench.site.disk.make_folder(folder.parent, mode=0o700)
        bench.site.disk.run(folder, lambda: host.snapshot(folder))
        bench.site.disk.flush_folder(bench.site.snapshots)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Forget it; what was given up at somebody's word is kept with the logs of the run."""
        site, folder = bench.site, snapshot_folder(bench.site, self.number)
        keep_given_up(site, self.number, folder)
        site.disk.remove_tree(folder.parent)
        site.disk.flush_folder(site.snapshots)


@dataclass(frozen=True, slots=True)
class PlaceModule(HostStep):
    """Make the staged code of a Brindille module live, by rename.

    It has no tables to migrate, and Paheko looks for modules in one folder only: unlike plugins, it
    cannot be tried beside.
    """

    kind: ClassVar[str] = "place-module"
    leads_to: ClassVar[State] = State.SWITCHED
    name: str

    @property
    def subject(self) -> str:
        """Whose code."""
        return f"paheko:{self.name}"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Move it."""
        host, kind = host_of(bench), ExtensionKind.BRINDILLE
        bench.site.disk.run(bench.site.root, lambda: host.put_in_place(self.name, kind))

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Move the former code back."""
        host_of(bench).undo_move(self.name, ExtensionKind.BRINDILLE)


@dataclass(frozen=True, slots=True)
class ReloadBack(HostStep):
    """Nothing now; once all code is back where it was, let the web server see that too."""

    kind: ClassVar[str] = "reload-host-back"
    leads_to: ClassVar[State] = State.SWITCHED

    def do(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Reload its web server."""
        host_of(bench).reload_web_server()


@dataclass(frozen=True, slots=True)
class ReloadHost(HostStep):
    """Make the web server forget the code that was replaced.

    Source: with ``opcache.validate_timestamps=0`` it would never look again.
    """

    kind: ClassVar[str] = "reload-host"
    leads_to: ClassVar[State] = State.SWITCHED

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Reload it."""
        host = host_of(bench)
        bench.site.disk.run(bench.site.root, host.reload_web_server)


@dataclass(frozen=True, slots=True)
class VerifyHost(HostStep):
    """See that Paheko's extensions are as planned, its database sound, its pages open.

    Attributes:
        versions: Every extension of the site to the version recorded for it; empty for a
            Brindille module.
    """

    kind: ClassVar[str] = "verify-host"
    leads_to: ClassVar[State] = State.VERIFIED
    versions: Mapping[str, str]

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Look."""
        from recyclic.paheko.database_change import ExpectedExtension

        expected = {
            name: ExpectedExtension(True, version or None)
            for name, version in self.versions.items()
        }
        host = host_of(bench)
        host.verify(expected)
        answer = host.look_from_outside()
        if answer is not None:
            result = CheckResult(f"paheko {answer.url}", False, answer.is_open, answer.detail)
            bench.listener.checked(result)
