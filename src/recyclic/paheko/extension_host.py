"""What a transaction needs of Paheko: steps that can be done again, and undone again.

Every step is named by plain values, so that a journal can hold it; whether it was done is read from
Paheko and from the disk, never remembered.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType

from recyclic.model.observed import ObservedExtension, ObservedPaheko
from recyclic.model.package import ExtensionKind
from recyclic.paheko.database import drop_tables_of
from recyclic.paheko.database_change import Action, DatabaseChange, ExpectedExtension
from recyclic.paheko.errors import OldCodeMissingError, PublicPagesError, UnexpectedStateError
from recyclic.paheko.exchange import Run, change_database, take_back
from recyclic.paheko.extension_code import ExtensionCode, read_code, version_in
from recyclic.paheko.extension_commands import ExtensionCommands
from recyclic.paheko.extension_pages import ExtensionPages
from recyclic.paheko.foreign_writes import rows_since
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.plugin_code import PluginCode
from recyclic.paheko.public_pages import PublicAnswer
from recyclic.paheko.snapshot import BEFORE, restore_all_documents, take_snapshot
from recyclic.paheko.state import PahekoState, RecordedExtension


def _at_once(action: Action) -> None:
    action()


class PahekoExtensionHost:
    """The extensions of one Paheko, changed in steps.

    The order that is safe, each step being done for all extensions before the next begins:
    ``stage``, ``snapshot``, ``put_in_place``, ``change``, ``verify``, ``discard``. Back:
    ``take_back``, ``undo_move`` for all, ``discard``.

    Args:
        hash_tree: The hash of a folder, the same that plans and the store use.
    """

    def __init__(self, installation: PahekoInstallation, hash_tree: Callable[[Path], str]) -> None:
        self.installation = installation
        self._commands = ExtensionCommands(installation)
        self._pages = ExtensionPages(installation)
        self._hash_tree = hash_tree

    def hold(self, seconds: float = 0.0) -> AbstractContextManager[None]:
        """See :meth:`PahekoInstallation.hold`: for a whole transaction, or its whole undoing."""
        return self.installation.hold(seconds)

    def observe(self) -> ObservedPaheko:
        """What is there now, records and code; leaves no trace.

        Raises:
            PahekoError: When Paheko cannot be read.
        """
        state = self.state()
        names = set(state.plugins) | set(state.modules)
        for kind in ExtensionKind:
            names |= set(self.installation.code_root(kind).names())
        found = {name: self._look_at(name, state) for name in sorted(names)}
        size = self.installation.environment.database.stat().st_size
        return ObservedPaheko(state.version, MappingProxyType(found), size)

    def _look_at(self, name: str, state: PahekoState) -> ObservedExtension:
        row = state.find(name)
        folder = self._code_of(name, row)
        version = row.version if row else None
        if version is None and folder is not None:
            version = version_in(folder)
        return ObservedExtension(
            version=version or "",
            enabled=row is not None and row.enabled,
            code_hash=self._hash_tree(folder) if folder else "",
            is_recorded=row is not None,
        )

    def _code_of(self, name: str, row: RecordedExtension | None) -> Path | None:
        """The folder of its code: a plugin's, unless Paheko knows it as a module; or None."""
        kinds = [ExtensionKind.PLUGIN, ExtensionKind.BRINDILLE] if row is None else [row.kind]
        for kind in kinds:
            folder = self.installation.code_root(kind).live(name)
            if folder.is_dir():
                return folder
        return None

    def state(self) -> PahekoState:
        """What is recorded now; leaves no trace.

        Raises:
            PahekoError: When Paheko cannot be read.
        """
        return self.installation.state()

    def check_ready(self) -> None:
        """Return when a transaction may begin here.

        Raises:
            PahekoError: With the reason; nothing was changed.
        """
        self.installation.check_ready()

    def snapshot(self, folder: Path) -> None:
        """See :func:`recyclic.paheko.snapshot.take_snapshot`.

        The code needs no copy, because what is replaced is kept beside until ``discard``.
        """
        take_snapshot(self.installation, folder)

    def rows_since(self, folder: Path) -> dict[str, int]:
        """What people added or changed since the snapshot in ``folder``, in rows by table; see
        :func:`recyclic.paheko.foreign_writes.rows_since`. Leaves no trace."""
        return rows_since(folder / BEFORE, self.installation.environment.database)

    def stage(self, name: str, tree: Path) -> ExtensionCode:
        """Copy an extension's code beside its place; nothing live changes. May be done again.

        Raises:
            ExtensionCodeError, ExtensionForbiddenError: Paheko would choke on it, or refuse it.
        """
        code = read_code(name, tree)
        if code.kind is ExtensionKind.PLUGIN:
            self.installation.check_allowed(name)
        self.installation.code_root(code.kind).stage(name, tree)
        return code

    def put_in_place(self, name: str, kind: ExtensionKind) -> None:
        """Make staged code live; the former code is kept beside. Does nothing when done.

        A disabled plugin that is about to get another version is first enabled with its old code:
        Paheko upgrades only what is enabled, and would otherwise forget that it must.

        Raises:
            OldCodeMissingError: When that old code is gone.
            PahekoError: When enabling the old code fails; nothing was moved.
        """
        root = self.installation.code_root(kind)
        if kind is ExtensionKind.PLUGIN and root.staged(name).exists():
            self._wake_up(name)
        root.put_in_place(name)

    def _wake_up(self, name: str) -> None:
        root = self.installation.code_root(ExtensionKind.PLUGIN)
        row = self.state().plugins.get(name)
        wanted = read_code(name, root.staged(name)).version
        if row is None or row.enabled or row.version == wanted:
            return
        live = root.live(name)
        if not live.is_dir() or read_code(name, live).version != row.version:
            raise OldCodeMissingError(name=name, recorded=row.version, wanted=wanted)
        self._commands.enable(name)

    def undo_move(self, name: str, kind: ExtensionKind) -> None:
        """Undo ``put_in_place``, from wherever it stopped. May be done again."""
        self.installation.code_root(kind).undo(name)
        self.installation.purge_compiled()

    def discard(self, name: str, kind: ExtensionKind) -> None:
        """Forget staged and former code: the last step of a commit, or of an undo."""
        self.installation.code_root(kind).discard(name)

    def enable(self, name: str) -> None:
        """See :meth:`ExtensionCommands.enable`. Does nothing when it is enabled at its version."""
        row = self.state().find(name)
        if row is None or not row.enabled:
            self._commands.enable(name)

    def disable(self, name: str) -> None:
        """See :meth:`ExtensionCommands.disable`."""
        self._commands.disable(name)

    def delete_data(self, name: str) -> None:
        """Delete an extension with all its data: one-way. Disables it first; the code stays.

        Many plugins have no ``uninstall.php``: the tables that bear its name go nevertheless.

        Raises:
            PahekoError: With Paheko's words; a failing ``uninstall.php`` may have deleted a part.
        """
        self._commands.disable(name)
        with_code = self.installation.code_root(ExtensionKind.PLUGIN).names()
        others = {*self.state().plugins, *with_code} - {name}
        self._commands.delete(name)
        drop_tables_of(self.installation.environment.database, name, others)

    def change(self, folder: Path, change: DatabaseChange, run: Run = _at_once) -> None:
        """Change what Paheko has recorded, and the code that goes with it, on a draft: all of it or
        nothing. See :func:`recyclic.paheko.exchange.change_database`.

        Each part is one call of ``run``. Before the exchange the draft was checked: versions,
        soundness, pages. Does nothing that is done already.

        Raises:
            PahekoError: With what went wrong; what is live was not touched.
        """
        installation, source = self.installation, change.source

        def work(draft: PahekoInstallation) -> None:
            host = PahekoExtensionHost(draft, self._hash_tree)
            if source is not None:
                shutil.copyfile(source / BEFORE, draft.environment.database)
            for part in change.parts(host):
                run(part)
            host.verify(change.expected())

        code = PluginCode(installation, change.placed)
        try:
            change_database(installation, folder, work, code, run)
        finally:
            installation.purge_compiled()  # of what is live no more, or never was
        if source is not None:
            run(lambda: restore_all_documents(installation, source))

    def take_back(self, folder: Path, *, at_any_cost: bool = False) -> None:
        """Undo ``change``, from wherever it stopped: see
        :func:`recyclic.paheko.exchange.take_back`."""
        take_back(self.installation, folder, at_any_cost=at_any_cost)

    def upgrade(self, names: Sequence[str]) -> None:
        """See :meth:`ExtensionPages.upgrade`. Does nothing when no version differs."""
        if self.waiting_upgrades(names):
            self._pages.upgrade(names)

    def waiting_upgrades(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the plugins whose code in place has another version than recorded."""
        rows = self.state().plugins
        there = {name: self.installation.version_in_place(name) for name in names if name in rows}
        return tuple(
            name for name, version in there.items() if version not in (None, rows[name].version)
        )

    def register_modules(self, names: Sequence[str]) -> None:
        """See :meth:`ExtensionPages.register_modules`. Does nothing when all are known."""
        self._pages.register_modules(names)

    def reload_web_server(self) -> None:
        """See :meth:`PahekoInstallation.reload_web_server`."""
        self.installation.reload_web_server()

    def look_from_outside(self) -> PublicAnswer | None:
        """See :meth:`PahekoInstallation.look_from_outside`. Only told, unless it is required.

        Raises:
            PublicPagesError: They have to open, and do not.
        """
        answer = self.installation.look_from_outside()
        required = self.installation.location.url_is_required
        if answer is not None and required and not answer.is_open:
            raise PublicPagesError(url=answer.url, detail=answer.detail)
        return answer

    def verify(self, expected: Mapping[str, ExpectedExtension]) -> None:
        """Return when all is as expected, the database sound, and the pages open.

        Raises:
            UnexpectedStateError: With what differs.
            SnapshotError, PahekoPageError, PahekoRefusedError: When something does not work.
        """
        state = self.state()
        wrong = tuple(
            line for name in sorted(expected) for line in _wrong(name, expected[name], state)
        )
        if wrong:
            raise UnexpectedStateError(differences=wrong)
        self.installation.purge_compiled()
        self.installation.check_database()
        self._pages.smoke_test(sorted(expected))


def _wrong(name: str, expected: ExpectedExtension, state: PahekoState) -> tuple[str, ...]:
    row = state.find(name)
    if row is None:
        return (f"{name}: absent",) if expected.enabled else ()
    if row.enabled != expected.enabled:
        return (f"{name}: {'enabled' if row.enabled else 'disabled'}",)
    if expected.enabled and expected.version is not None and row.version != expected.version:
        return (f"{name}: {row.version}, wanted {expected.version}",)
    return ()
