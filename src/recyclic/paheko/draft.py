"""A draft: Paheko's own commands and pages at work on a private copy of its database.

Whatever an extension's scripts do to their tables, they do to the draft. Only a draft that came out
well takes the place of what is live, so that a migration that fails has never touched it.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.overlay import hand_over, overlay


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder beside the live database, which Paheko's user can write.

    Attributes:
        database: Where the copy goes; whoever makes it calls ``settle`` afterwards.
    """

    installation: PahekoInstallation
    folder: Path

    @property
    def database(self) -> Path:
        """The copy."""
        return self.folder / "association.sqlite"

    def settle(self) -> PahekoInstallation:
        """The same Paheko, working on the copy instead of the live database."""
        hand_over(self.database, self.installation.location.user)
        config = self.folder / "config.php"
        constants = {"DB_FILE": str(self.database)}
        config.write_text(overlay(constants, self.installation.location.config), "utf-8")
        hand_over(config, self.installation.location.user)
        return self.installation.on_database(self.database, config)


def draft_folder(installation: PahekoInstallation) -> Path:
    """Where drafts are made: on the file system of the database, out of everybody's sight."""
    return installation.environment.database.parent / ".recyclic-draft"


@contextlib.contextmanager
def drafted(installation: PahekoInstallation) -> Iterator[Draft]:
    """An empty draft; its folder is gone afterwards. What a killed run left there goes first."""
    folder = draft_folder(installation)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    hand_over(folder, installation.location.user)
    try:
        yield Draft(installation, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_draft(installation: PahekoInstallation) -> None:
    """Remove what a killed run left of its draft."""
    shutil.rmtree(draft_folder(installation), ignore_errors=True)
