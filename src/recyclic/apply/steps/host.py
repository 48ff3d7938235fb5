"""What changes inside Paheko: code beside, a snapshot, code in place, migrations, enabling."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.errors import NoHostError
from recyclic.apply.host import ExtensionHost
from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.model.package import ExtensionKind
from recyclic.paheko.errors import PahekoError
from recyclic.site import store
from recyclic.site.layout import Site

_RESTORE_MARK = "restore-needed"


def _host(bench: Bench) -> ExtensionHost:
    if bench.host is None:
        raise NoHostError(root=str(bench.site.root))
    return bench.host


def snapshot_folder(site: Site, number: int) -> Path:
    """Where the database is kept as it was before generation ``number``."""
    return site.snapshots / f"{number:06d}" / "paheko"


def _ask_for_restore(bench: Bench, number: int) -> None:
    """Note that only the snapshot takes back what happened; its own undo comes later."""
    mark = bench.site.snapshots / f"{number:06d}" / _RESTORE_MARK
    if mark.parent.is_dir() and not mark.exists():
        bench.site.disk.write(mark, b"")


class _HostStep:
    """What most of these steps have in common: nothing to prepare, nothing to tidy up."""

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing."""
        return {}

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class CheckHost(_HostStep):
    """Refuse to begin on a Paheko that would not survive it."""

    kind: ClassVar[str] = "check-host"
    leads_to: ClassVar[State] = State.STAGED

    @property
    def subject(self) -> str:
        """The host."""
        return "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Look."""
        _host(bench).check_ready()


@dataclass(frozen=True, slots=True)
class CheckHostAgain(_HostStep):
    """The last look before live things change: staging may have taken minutes."""

    kind: ClassVar[str] = "check-host-again"
    leads_to: ClassVar[State] = State.FROZEN

    @property
    def subject(self) -> str:
        """The host."""
        return "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Look."""
        _host(bench).check_ready()


@dataclass(frozen=True, slots=True)
class StageExtension(_HostStep):
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
        host = _host(bench)
        bench.site.disk.run(tree, lambda: host.stage(self.name, tree))

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Remove it, and the former code's copy, which is back in place by now."""
        _host(bench).discard(self.name, ExtensionKind(self.extension_kind))

    def finish(self, bench: Bench, _facts: Facts) -> None:
        """Forget the former code."""
        _host(bench).discard(self.name, ExtensionKind(self.extension_kind))


@dataclass(frozen=True, slots=True)
class SnapshotHost(_HostStep):
    """Copy Paheko's database, so that what an upgrade does to it can be taken back."""

    kind: ClassVar[str] = "snapshot-host"
    leads_to: ClassVar[State] = State.SNAPSHOTTED
    number: int

    @property
    def subject(self) -> str:
        """The host."""
        return "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Copy it; complete and checked when this returns."""
        folder = snapshot_folder(bench.site, self.number)
        host = _host(bench)
        bench.site.disk.make_folder(folder.parent, mode=0o700)
        bench.site.disk.run(folder, lambda: host.snapshot(folder))
        bench.site.disk.flush_folder(bench.site.snapshots)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Put it back, if a later step said that nothing else would do; then forget it."""
        folder = snapshot_folder(bench.site, self.number)
        mark = folder.parent / _RESTORE_MARK
        if mark.exists():
            host = _host(bench)
            bench.site.disk.run(folder, lambda: host.restore(folder))
            bench.site.disk.remove(mark)
        bench.site.disk.remove_tree(folder.parent)
        bench.site.disk.flush_folder(bench.site.snapshots)


@dataclass(frozen=True, slots=True)
class PlaceExtension(_HostStep):
    """Make staged code live, by rename."""

    kind: ClassVar[str] = "place-extension"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    name: str
    extension_kind: str

    @property
    def subject(self) -> str:
        """Whose code."""
        return f"paheko:{self.name}"

    def prepare(self, bench: Bench) -> Facts:
        """Whether it was there disabled: it is woken up before its code changes."""
        row = _host(bench).state().find(self.name)
        return {"slept": row is not None and not row.enabled}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Move it."""
        host, kind = _host(bench), ExtensionKind(self.extension_kind)
        bench.site.disk.run(bench.site.root, lambda: host.put_in_place(self.name, kind))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Move the former code back; one that slept sleeps again."""
        host, kind = _host(bench), ExtensionKind(self.extension_kind)
        host.undo_move(self.name, kind)
        row = host.state().find(self.name)
        if facts["slept"] and row is not None and row.enabled:
            _or_restore(bench, self.number, lambda: host.disable(self.name))


def _or_restore(bench: Bench, number: int, action: object) -> None:
    """Undo the gentle way, which keeps what people wrote meanwhile; else from the snapshot."""
    assert callable(action)
    try:
        action()
    except PahekoError:
        _ask_for_restore(bench, number)


@dataclass(frozen=True, slots=True)
class UpgradeExtensions(_HostStep):
    """Let plugins migrate their tables to the code that is in place now."""

    kind: ClassVar[str] = "upgrade-extensions"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    names: tuple[str, ...]

    @property
    def subject(self) -> str:
        """All of them."""
        return ", ".join(f"paheko:{name}" for name in self.names)

    def prepare(self, bench: Bench) -> Facts:
        """Those that will migrate."""
        return {"waiting": list(_host(bench).waiting_upgrades(self.names))}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Run the migrations, once, and see that they ran."""
        host = _host(bench)
        bench.site.disk.run(bench.site.root, lambda: host.upgrade(self.names))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """A migration may have run: only the snapshot takes that back."""
        if facts["waiting"]:
            _ask_for_restore(bench, self.number)


@dataclass(frozen=True, slots=True)
class RegisterModules(_HostStep):
    """Make new Brindille modules known to Paheko."""

    kind: ClassVar[str] = "register-modules"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    names: tuple[str, ...]

    @property
    def subject(self) -> str:
        """All of them."""
        return ", ".join(f"paheko:{name}" for name in self.names)

    def prepare(self, bench: Bench) -> Facts:
        """What was known before."""
        return {"before": _host(bench).state().to_json()}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Register them."""
        host = _host(bench)
        bench.site.disk.run(bench.site.root, lambda: host.register_modules(self.names))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Take back what was not known before."""
        for name in self.names:
            _undo_enable(bench, self.number, name, facts["before"])


@dataclass(frozen=True, slots=True)
class EnableExtension(_HostStep):
    """Enable one extension; a new one makes its tables now."""

    kind: ClassVar[str] = "enable-extension"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    name: str

    @property
    def subject(self) -> str:
        """Which one."""
        return f"paheko:{self.name}"

    def prepare(self, bench: Bench) -> Facts:
        """What was known before."""
        return {"before": _host(bench).state().to_json()}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Enable it."""
        host = _host(bench)
        bench.site.disk.run(bench.site.root, lambda: host.enable(self.name))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Disable it again; what was new goes with the empty tables it made."""
        _undo_enable(bench, self.number, self.name, facts["before"])


def _undo_enable(bench: Bench, number: int, name: str, before: Mapping[str, object]) -> None:
    host = _host(bench)
    if host.state().find(name) is not None:
        _or_restore(bench, number, lambda: host.undo_enable(name, before))
    elif name not in before.get("plugins", {}):  # type: ignore[operator]
        # Killed inside its installation: it may have made tables and not yet said so.
        _ask_for_restore(bench, number)


@dataclass(frozen=True, slots=True)
class RestoreHost(_HostStep):
    """Put Paheko's database back as it was before generation ``source``."""

    kind: ClassVar[str] = "restore-host"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    source: int

    @property
    def subject(self) -> str:
        """The host."""
        return "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Put it back."""
        host, folder = _host(bench), snapshot_folder(bench.site, self.source)
        bench.site.disk.run(folder, lambda: host.restore(folder))

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """What was there a moment ago is in this run's own copy."""
        _ask_for_restore(bench, self.number)


@dataclass(frozen=True, slots=True)
class DisableExtension(_HostStep):
    """Disable one extension. Its code and its data stay."""

    kind: ClassVar[str] = "disable-extension"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    name: str

    @property
    def subject(self) -> str:
        """Which one."""
        return f"paheko:{self.name}"

    def prepare(self, bench: Bench) -> Facts:
        """Whether it was enabled."""
        row = _host(bench).state().find(self.name)
        return {"was_enabled": row is not None and row.enabled}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Disable it."""
        host = _host(bench)
        if facts["was_enabled"]:
            bench.site.disk.run(bench.site.root, lambda: host.disable(self.name))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Enable it again."""
        host = _host(bench)
        if facts["was_enabled"]:
            _or_restore(bench, self.number, lambda: host.enable(self.name))


@dataclass(frozen=True, slots=True)
class VerifyHost(_HostStep):
    """See that Paheko's extensions are as planned, its database sound, its pages open.

    Attributes:
        versions: Every extension of the site to the version recorded for it; empty for a
            Brindille module.
    """

    kind: ClassVar[str] = "verify-host"
    leads_to: ClassVar[State] = State.VERIFIED
    versions: Mapping[str, str]

    @property
    def subject(self) -> str:
        """The host."""
        return "paheko"

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Look."""
        from recyclic.paheko.extension_host import ExpectedExtension

        expected = {
            name: ExpectedExtension(True, version or None)
            for name, version in self.versions.items()
        }
        _host(bench).verify(expected)
