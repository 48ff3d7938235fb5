"""What only Paheko's pages do: upgrade plugins, register modules, and show that they open."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from recyclic.model.package import ExtensionKind
from recyclic.paheko.database import list_local_modules
from recyclic.paheko.errors import (
    BrokenExtensionsError,
    ExtensionNotEnabledError,
    ExtensionNotUpgradedError,
    OrphanModulesError,
    PahekoBusyError,
)
from recyclic.paheko.extension_code import read_code, refuse_unlistable
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.pages import check_page, complaint
from recyclic.paheko.server import LoopbackServer, Page
from recyclic.paheko.state import PahekoState

_EXTENSIONS_PAGE = "/admin/config/ext/"
_RETRY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class ExtensionPages:
    """Paheko's administration, opened on loopback for a moment."""

    installation: PahekoInstallation

    def upgrade(self, names: Sequence[str]) -> None:
        """Let Paheko run ``upgrade.php`` of each enabled plugin whose code has another version.

        No command does it. The page of the extensions does, once it was sent; it answers
        200 even when an upgrade failed, so the recorded versions are the only proof.

        Raises:
            ExtensionNotUpgradedError: For the first plugin that is not at its code's version.
            BrokenExtensionsError: The page would disable these; it was not opened.
        """
        self._refuse_broken()
        page = self._open(_EXTENSIONS_PAGE)
        state = self.installation.state()
        for name in names:
            row, wanted = state.plugins.get(name), self.installation.version_in_place(name)
            recorded = row.version if row else None
            if wanted is not None and recorded != wanted:
                raise ExtensionNotUpgradedError(
                    name=name, recorded=recorded, wanted=wanted, said=complaint(page)
                )

    def register_modules(self, names: Sequence[str]) -> None:
        """Make Paheko know new Brindille modules whose folders are in place.

        The only page that does it also erases every module whose folder is gone, with its data, and
        marks every plugin as upgraded: both are looked at first. Does nothing when all are known.

        Raises:
            OrphanModulesError: Modules whose folder is gone; the page was not opened.
            ExtensionCodeError: Code lying about that Paheko cannot even list; likewise.
            ExtensionNotUpgradedError: A plugin still waits for its upgrade; likewise.
            ExtensionNotEnabledError: Paheko did not take one; with its reason.
        """
        state = self.installation.state()
        unknown = [name for name in names if name not in state.modules]
        if not unknown:
            return
        self._refuse_broken()
        self._refuse_orphans(state)
        self._refuse_unlistable(state)
        self._refuse_waiting_upgrades(state)
        page = self._open(f"{_EXTENSIONS_PAGE}?install=1")
        after = self.installation.state()
        for name in unknown:
            if name not in after.modules:
                raise ExtensionNotEnabledError(name=name, said=complaint(page))

    def _refuse_broken(self) -> None:
        if broken := self.installation.broken_plugins(self.installation.state()):
            raise BrokenExtensionsError(names=broken)

    def _refuse_orphans(self, state: PahekoState) -> None:
        root = self.installation.code_root(ExtensionKind.BRINDILLE)
        local = list_local_modules(self.installation.environment.database)
        orphans = [
            name for name in state.modules if not root.live(name).is_dir() and name not in local
        ]
        if orphans:
            raise OrphanModulesError(names=tuple(orphans))

    def _refuse_unlistable(self, state: PahekoState) -> None:
        """The page lists what could be installed, and one bad manifest there breaks it."""
        root = self.installation.code_root(ExtensionKind.PLUGIN)
        for name in root.names():
            if name not in state.plugins and (root.live(name) / "plugin.ini").is_file():
                refuse_unlistable(name, root.live(name))

    def _refuse_waiting_upgrades(self, state: PahekoState) -> None:
        for name, row in state.plugins.items():
            wanted = self.installation.version_in_place(name)
            if wanted is not None and row.version != wanted:
                raise ExtensionNotUpgradedError(
                    name=name, recorded=row.version, wanted=wanted, said=""
                )

    def smoke_test(self, names: Sequence[str]) -> None:
        """Open the home page, and the page of each named enabled plugin that has one.

        Raises:
            PahekoPageError: For the first that does not answer as it should.
        """
        pages = ["/admin/", *(f"/admin/p/{name}/" for name in names if self._has_page(name))]
        self._open(*pages)

    def _open(self, *paths: str) -> Page:
        """Read pages one after the other; the last one."""
        with self.installation.serve() as server:
            pages = [self._open_one(server, path) for path in paths]
        return pages[-1]

    def _open_one(self, server: LoopbackServer, path: str) -> Page:
        """Read a page, again while SQLite's lock is all that stands in its way.

        An upgrade that was begun and locked out is begun again; when it does not bear that, it
        fails, and the snapshot takes all of it back.
        """
        busy_seconds = self.installation.patience.busy
        deadline = time.monotonic() + busy_seconds
        while True:
            page = server.get(path)
            if "database is locked" not in page.text:
                check_page(path, page)
                return page
            if time.monotonic() > deadline:
                raise PahekoBusyError(command=f"GET {path}", seconds=round(busy_seconds))
            time.sleep(_RETRY_SECONDS)

    def _has_page(self, name: str) -> bool:
        row = self.installation.state().plugins.get(name)
        if row is None or not row.enabled:
            return False
        folder = self.installation.code_root(ExtensionKind.PLUGIN).live(name)
        return folder.is_dir() and read_code(name, folder).has_page
