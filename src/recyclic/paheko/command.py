"""Paheko's command line, called as it must be: with its config, its user, its limits."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from recyclic.paheko.errors import (
    PahekoBusyError,
    PahekoRefusedError,
    PahekoTimeoutError,
    PahekoUpgradeDueError,
    PhpMissingError,
    SiteNameNeededError,
)
from recyclic.paheko.location import PahekoLocation
from recyclic.paheko.process import LeashedProcess, Outcome

COULD_NOT_START = 126
_RETRY_SECONDS = 0.2
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait, in seconds.

    Attributes:
        command: For one command to end; then it is killed.
        busy: For the database's lock, over all tries.
        page: For a page to answer; an upgrade of a big database happens within one.
        public: For the public pages to open, over all tries.
    """

    command: float = 120.0
    busy: float = 30.0
    page: float = 300.0
    public: float = 15.0


@dataclass(frozen=True, slots=True)
class PahekoCommand:
    """Runs ``php bin/paheko`` on one Paheko.

    Attributes:
        held: File descriptors of locks that must stay held while a command runs.
    """

    location: PahekoLocation
    patience: Patience = Patience()
    held: tuple[int, ...] = ()

    def arguments(self, *arguments: str, config: Path | None = None) -> list[str]:
        """The whole command line. The config file is always named, never left to be guessed."""
        where = self.location
        program = [str(where.php), str(where.root / "bin" / "paheko")]
        return [*program, "-c", str(config or where.config), *arguments]

    def environment(self) -> dict[str, str]:
        """Which site of a multi-site Paheko is meant."""
        site = self.location.site
        return {} if site is None else {"PAHEKO_FACTORY_USER": site}

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str] = _NO_VARIABLES
    ) -> LeashedProcess:
        """Start a whole command line on a leash; the caller finishes or closes it.

        Raises:
            PhpMissingError: When this machine cannot start it.
        """
        try:
            return LeashedProcess(
                arguments,
                user=self.location.user,
                environment={**self.environment(), **variables},
                folder=self.location.root,
                held=self.held,
            )
        except OSError as error:
            raise PhpMissingError(php=str(self.location.php)) from error

    def run(self, *arguments: str) -> Outcome:
        """Run ``paheko ARGUMENTS``, again while the database is locked, until it succeeds.

        SQLite's lock is refused at once where a write follows a read, so waiting is up to us.

        Raises:
            PahekoBusyError: Locked for as long as our patience lasts.
            PahekoTimeoutError: It did not end; nothing of it still runs.
            PahekoRefusedError: It ended with another status than 0.
            PahekoUpgradeDueError: Paheko does nothing before its own upgrade.
            PhpMissingError, SiteNameNeededError: It never came to Paheko.
        """
        told = " ".join(arguments)
        deadline = time.monotonic() + self.patience.busy
        while True:
            outcome = self._once(arguments)
            if not outcome.is_locked:
                break
            if time.monotonic() > deadline:
                raise PahekoBusyError(command=told, seconds=round(self.patience.busy))
            time.sleep(_RETRY_SECONDS)
        self._check(told, outcome)
        return outcome

    def _once(self, arguments: Sequence[str]) -> Outcome:
        outcome = self.start(self.arguments(*arguments)).finish(self.patience.command)
        if outcome.status is None:
            raise PahekoTimeoutError(
                command=" ".join(arguments),
                seconds=round(self.patience.command),
                said=outcome.said,
            )
        return outcome

    def _check(self, told: str, outcome: Outcome) -> None:
        if outcome.status == COULD_NOT_START:
            raise PhpMissingError(php=str(self.location.php))
        if "Unknown factory user" in outcome.output:
            raise SiteNameNeededError(root=str(self.location.root), said=outcome.said)
        if outcome.status != 0 and "requires an upgrade" in outcome.output:
            raise PahekoUpgradeDueError(database="older", code_version=self._code_version())
        if outcome.status != 0:
            raise PahekoRefusedError(command=told, status=outcome.status, said=outcome.said)

    def _code_version(self) -> str:
        try:
            return (self.location.root / "VERSION").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return "?"
