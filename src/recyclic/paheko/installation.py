"""One Paheko, driven from outside: the small operations everything else is made of."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from recyclic.model.package import ExtensionKind
from recyclic.paheko import database
from recyclic.paheko.code_tree import CodeRoot
from recyclic.paheko.command import PahekoCommand, Patience
from recyclic.paheko.environment import PahekoEnvironment, parse_environment
from recyclic.paheko.errors import (
    BrokenExtensionsError,
    ExtensionCodeError,
    ExtensionForbiddenError,
    ExtensionNotEnabledError,
    ExtensionNotUpgradedError,
    OrphanModulesError,
    PahekoHeldError,
    PahekoRefusedError,
    PahekoUpgradeDueError,
    WrongUserError,
)
from recyclic.paheko.extension_code import read_code
from recyclic.paheko.location import PahekoLocation
from recyclic.paheko.pages import check_page, complaint
from recyclic.paheko.server import LoopbackServer, loopback_server
from recyclic.paheko.state import PahekoState

_EXTENSIONS_PAGE = "/admin/config/ext/"


class PahekoInstallation:
    """One Paheko that we may change.

    Every operation reads back what it did; a success that cannot be seen in Paheko's
    own records is told as a failure. Nothing here takes back what it did: see
    :class:`recyclic.paheko.extension_host.PahekoExtensionHost`.
    """

    def __init__(self, location: PahekoLocation, patience: Patience | None = None) -> None:
        self.location = location
        self._command = PahekoCommand(location, patience or Patience())

    @cached_property
    def environment(self) -> PahekoEnvironment:
        """Folders and limits, asked of Paheko once.

        Raises:
            PahekoError: When Paheko cannot even say that.
        """
        return parse_environment(self._command.run("env").output)

    @contextlib.contextmanager
    def hold(self, seconds: float = 0.0) -> Iterator[None]:
        """Be the only run of ours on this Paheko; waits up to ``seconds`` for another to end.

        The kernel's lock is on the configuration file itself, so nothing is left behind, and
        it is passed to the leash of every command: what a killed run of ours started is gone before
        the next one begins.

        Raises:
            PahekoHeldError: When the other run did not end.
        """
        descriptor = os.open(self.location.config, os.O_RDONLY | os.O_CLOEXEC)
        free = self._command
        try:
            _lock(descriptor, seconds, self.location.config)
            self._command = replace(free, held=(descriptor,))
            yield
        finally:
            self._command = free
            os.close(descriptor)

    def state(self) -> PahekoState:
        """What Paheko has recorded; leaves no trace.

        Raises:
            PahekoDatabaseError: When it cannot be read.
        """
        return database.read_state(self.environment.database)

    def code_root(self, kind: ExtensionKind) -> CodeRoot:
        """The folder where that kind of extension lies."""
        where = self.environment
        is_plugin = kind is ExtensionKind.PLUGIN
        return CodeRoot(where.plugins_root if is_plugin else where.modules_root)

    def check_ready(self) -> None:
        """Return when extensions can be changed here; looks only.

        Raises:
            PahekoUpgradeDueError: Database and code are of different versions.
            WrongUserError: The database or a folder is not ours to write.
            BrokenExtensionsError: An enabled plugin has no working code; Paheko itself would
                disable it as soon as anybody looks at its list of extensions.
        """
        where, state = self.environment, self.state()
        if state.version != where.version:
            raise PahekoUpgradeDueError(database=state.version, code_version=where.version)
        for path in (where.database, where.plugins_root, where.modules_root):
            if path.exists() and not os.access(path, os.W_OK):
                owner = path.stat().st_uid
                raise WrongUserError(path=str(path), owner=owner, user=os.geteuid())
        if broken := self.broken_plugins(state):
            raise BrokenExtensionsError(names=broken)

    def broken_plugins(self, state: PahekoState) -> tuple[str, ...]:
        """Enabled plugins whose code is missing, unusable or forbidden by the host; sorted."""
        return tuple(
            name for name, row in state.plugins.items() if row.enabled and self._is_broken(name)
        )

    def _is_broken(self, name: str) -> bool:
        root = self.code_root(ExtensionKind.PLUGIN)
        if root.folder.joinpath(f"{name}.tar.gz").is_file():
            return False  # An archive is code too, which Paheko reads by itself.
        try:
            read_code(name, root.live(name))
            self.check_allowed(name)
        except (ExtensionForbiddenError, ExtensionCodeError):
            return True
        return False

    def check_allowed(self, name: str) -> None:
        """Return when the host's lists allow the plugin.

        Raises:
            ExtensionForbiddenError: With the list's name.
        """
        allowed, blocked = self.environment.allowlist, self.environment.blocklist
        if allowed is not None and name not in allowed:
            raise ExtensionForbiddenError(name=name, list_name="PLUGINS_ALLOWLIST")
        if blocked is not None and name in blocked:
            raise ExtensionForbiddenError(name=name, list_name="PLUGINS_BLOCKLIST")

    def enable(self, name: str) -> None:
        """Enable an extension whose code is in place; the first time, ``install.php`` runs.

        Never to be used for new code of a plugin that is recorded at another version: Paheko
        would record the new version without running ``upgrade.php``, which then never runs.

        Raises:
            ExtensionNotUpgradedError: In that case; nothing was done.
            ExtensionNotEnabledError: Paheko reported success, and nothing was recorded.
            PahekoError: With Paheko's words; Paheko undid its own part.
        """
        row, code = self.state().plugins.get(name), self._version_in_place(name)
        if row is not None and code is not None and row.version != code:
            raise ExtensionNotUpgradedError(name=name, recorded=row.version, wanted=code, said="")
        outcome = self._command.run("ext", name, "enable")
        after = self.state().find(name)
        if after is None or not after.enabled:
            raise ExtensionNotEnabledError(name=name, said=outcome.said)

    def disable(self, name: str) -> None:
        """Disable an extension; its data stay. Does nothing when it is not enabled.

        A plugin that was never installed is left alone: Paheko would record it as installed, and
        its ``install.php`` would never run.

        Raises:
            PahekoError: With Paheko's words.
        """
        row = self.state().find(name)
        if row is None or not row.enabled:
            return
        outcome = self._command.run("ext", name, "disable")
        after = self.state().find(name)
        if after is not None and after.enabled:
            raise PahekoRefusedError(command=f"ext {name} disable", status=0, said=outcome.said)

    def delete(self, name: str) -> None:
        """Delete a disabled extension with all its data. Nothing but a snapshot brings it back.

        Raises:
            PahekoError: With Paheko's words; a failing ``uninstall.php`` may have deleted a part.
        """
        if self.state().find(name) is None:
            return
        outcome = self._command.run("ext", name, "delete")
        if self.state().find(name) is not None:
            raise PahekoRefusedError(command=f"ext {name} delete", status=0, said=outcome.said)

    def upgrade(self, names: Sequence[str]) -> None:
        """Let Paheko run ``upgrade.php`` of each enabled plugin whose code has another version.

        No command does it. The page of the extensions does, once it was sent; it answers
        200 even when an upgrade failed, so the recorded versions are the only proof.

        Raises:
            ExtensionNotUpgradedError: For the first plugin that is not at its code's version.
            BrokenExtensionsError: The page would disable these; it was not opened.
        """
        self._refuse_broken()
        with self.serve() as server:
            page = server.get(_EXTENSIONS_PAGE)
        check_page(_EXTENSIONS_PAGE, page)
        state = self.state()
        for name in names:
            row, wanted = state.plugins.get(name), self._version_in_place(name)
            recorded = row.version if row else None
            if recorded != wanted:
                raise ExtensionNotUpgradedError(
                    name=name, recorded=recorded, wanted=wanted, said=complaint(page)
                )

    def register_modules(self, names: Sequence[str]) -> None:
        """Make Paheko know new Brindille modules whose folders are in place.

        The only page that does it also erases every module whose folder is gone, with its data, and
        marks every plugin as upgraded: both are looked at first. Does nothing when all are known.

        Raises:
            OrphanModulesError: Modules whose folder is gone; the page was not opened.
            ExtensionNotUpgradedError: A plugin still waits for its upgrade; likewise.
            ExtensionNotEnabledError: Paheko did not take one; with its reason.
        """
        state = self.state()
        unknown = [name for name in names if name not in state.modules]
        if not unknown:
            return
        self._refuse_broken()
        self._refuse_orphans(state)
        self._refuse_waiting_upgrades(state)
        address = f"{_EXTENSIONS_PAGE}?install=1"
        with self.serve() as server:
            page = server.get(address)
        check_page(address, page)
        after = self.state()
        for name in unknown:
            if name not in after.modules:
                raise ExtensionNotEnabledError(name=name, said=complaint(page))

    def _refuse_broken(self) -> None:
        if broken := self.broken_plugins(self.state()):
            raise BrokenExtensionsError(names=broken)

    def _refuse_orphans(self, state: PahekoState) -> None:
        root = self.code_root(ExtensionKind.BRINDILLE)
        local = database.list_local_modules(self.environment.database)
        orphans = [
            name for name in state.modules if not root.live(name).is_dir() and name not in local
        ]
        if orphans:
            raise OrphanModulesError(names=tuple(orphans))

    def _refuse_waiting_upgrades(self, state: PahekoState) -> None:
        for name, row in state.plugins.items():
            wanted = self._version_in_place(name)
            if wanted is not None and row.version != wanted:
                raise ExtensionNotUpgradedError(
                    name=name, recorded=row.version, wanted=wanted, said=""
                )

    def _version_in_place(self, name: str) -> str | None:
        """The version of the plugin's code, or None when there is no such code in a folder."""
        folder = self.code_root(ExtensionKind.PLUGIN).live(name)
        if not (folder / "plugin.ini").is_file():
            return None
        return read_code(name, folder).version

    def back_up(self, copy: Path) -> int:
        """Copy the database to a new file; returns its size in bytes.

        Raises:
            SnapshotError, PahekoDatabaseError: When it cannot be done.
        """
        return database.back_up(self.environment.database, copy)

    def restore(self, copy: Path) -> None:
        """Put a copy's content back into the live database, and forget what was compiled since.

        Raises:
            SnapshotError: When it cannot be done.
        """
        database.restore(copy, self.environment.database)
        self.purge_compiled()

    def purge_compiled(self) -> int:
        """Delete compiled templates, which Paheko makes anew; returns how many files."""
        count = 0
        for folder in self.environment.caches:
            files = (
                [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
            )
            for file in files:
                file.unlink(missing_ok=True)
            count += len(files)
        return count

    def check_database(self) -> None:
        """Return when Paheko's own check finds the database sound, foreign keys included.

        Raises:
            PahekoRefusedError: With its words. A bad integrity line alone leaves status 0.
        """
        outcome = self._command.run("db", "check")
        if "Integrity: ok" not in outcome.output or "FAIL" in outcome.output:
            raise PahekoRefusedError(command="db check", status=0, said=outcome.said)

    @contextlib.contextmanager
    def serve(self) -> Iterator[LoopbackServer]:
        """Paheko's pages on loopback for the length of the block, logged in as an administrator.

        Raises:
            LoopbackServerError: When it does not start.
        """
        with loopback_server(self._command, self.environment) as server:
            yield server

    def smoke_test(self, names: Sequence[str]) -> None:
        """Open the home page, and the page of each named enabled plugin that has one.

        Raises:
            PahekoPageError: For the first that does not answer as it should.
        """
        pages = ["/admin/", *(f"/admin/p/{name}/" for name in names if self._has_page(name))]
        with self.serve() as server:
            for path in pages:
                page = server.get(path)
                check_page(path, page)

    def _has_page(self, name: str) -> bool:
        row = self.state().plugins.get(name)
        if row is None or not row.enabled:
            return False
        folder = self.code_root(ExtensionKind.PLUGIN).live(name)
        return folder.is_dir() and read_code(name, folder).has_page


def _lock(descriptor: int, seconds: float, config: Path) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise PahekoHeldError(config=str(config)) from None
        time.sleep(0.05)
