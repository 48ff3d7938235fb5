"""One Paheko, seen from outside: what everything else is made of."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
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
    PahekoHeldError,
    PahekoRefusedError,
    PahekoUpgradeDueError,
    WebServerReloadError,
    WrongUserError,
)
from recyclic.paheko.extension_code import read_code
from recyclic.paheko.location import PahekoLocation, our_name
from recyclic.paheko.process import LeashedProcess, Outcome, SystemUser
from recyclic.paheko.public_pages import PublicAnswer, look_from_outside
from recyclic.paheko.server import LoopbackServer, loopback_server
from recyclic.paheko.state import PahekoState


class PahekoInstallation:
    """One Paheko: where its parts are, what it has recorded, its database, its command line."""

    def __init__(self, location: PahekoLocation, patience: Patience | None = None) -> None:
        self.location = location
        self.patience = patience or Patience()
        self._command = PahekoCommand(location, self.patience)

    def run(self, *arguments: str) -> Outcome:
        """See :meth:`PahekoCommand.run`."""
        return self._command.run(*arguments)

    @cached_property
    def environment(self) -> PahekoEnvironment:
        """Folders and limits, asked of Paheko once.

        Raises:
            PahekoError: When Paheko cannot even say that.
        """
        environment = parse_environment(self._command.run("env").output)
        self._act_as_owner(environment.database)
        return environment

    def _act_as_owner(self, file: Path) -> None:
        """Run further commands as the database's owner, when nobody was named and we are root.

        As root they would leave files behind that the web server cannot write.
        """
        if os.geteuid() == 0 and self.location.user is None and file.exists():
            self.location = replace(self.location, user=SystemUser.owning(file))
            self._command = replace(self._command, location=self.location)

    def on_draft(self, environment: PahekoEnvironment, config: Path) -> "PahekoInstallation":
        """The same Paheko working in another environment.

        Args:
            config: A configuration that leads to it.
        """
        other = PahekoInstallation(replace(self.location, config=config), self.patience)
        other.environment = environment
        other._command = replace(other._command, held=self._command.held)
        return other

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
        try:
            _lock(descriptor, seconds, self.location.config)
            self._command = replace(self._command, held=(descriptor,))
            yield
        finally:
            self._command = replace(self._command, held=())
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
                owner = SystemUser.owning(path).name
                raise WrongUserError(path=str(path), owner=owner, user=our_name())
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

    def version_in_place(self, name: str) -> str | None:
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

    def reload_web_server(self) -> None:
        """Run the command that the profile names for it, if it names one; as ourselves.

        Raises:
            WebServerReloadError: It failed, or did not end.
        """
        command = self.location.reload
        if not command:
            return
        program = shutil.which(command[0])
        if program is None:
            raise WebServerReloadError(command=" ".join(command), said="no such command")
        process = LeashedProcess(
            [str(Path(program).absolute()), *command[1:]],
            user=None,
            environment={},
            folder=self.location.root,
        )
        outcome = process.finish(self.patience.command)
        if outcome.status != 0:
            raise WebServerReloadError(command=" ".join(command), said=outcome.said)

    def look_from_outside(self) -> PublicAnswer | None:
        """How its public pages are; None where nobody said where they are."""
        if self.location.url is None:
            return None
        return look_from_outside(self.location.url, self.patience.public)

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
