"""A draft: Paheko's own commands and pages at work on private copies of its database and plugins.

Whatever an extension's scripts do to their tables, they do to the draft, with new code that no
visitor can reach yet. Only a draft that came out well takes the place of what is live, so that a
migration that fails has never touched it.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
        """The copy of the database."""
        return self.folder / "association.sqlite"

    @property
    def plugins(self) -> Path:
        """The copy of the plugins' folder, with what is staged there."""
        return self.folder / "plugins"

    def settle(self) -> PahekoInstallation:
        """The same Paheko, working on the copies instead of what is live."""
        user = self.installation.location.user
        hand_over(self.database, user)
        link_tree(self.installation.environment.plugins_root, self.plugins)
        config = self.folder / "config.php"
        constants = {"DB_FILE": str(self.database), "PLUGINS_ROOT": str(self.plugins)}
        config.write_text(overlay(constants, self.installation.location.config), "utf-8")
        hand_over(config, user)
        environment = replace(
            self.installation.environment, database=self.database, plugins_root=self.plugins
        )
        return self.installation.on_draft(environment, config)


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


def link_tree(source: Path, target: Path) -> None:
    """Make ``target`` what ``source`` is, owners too, by hard links where that is possible."""
    shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy)
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            owner = (source / path.relative_to(target)).lstat()
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or files that are not ours to link to
        shutil.copy2(source, target)


def forget_draft(installation: PahekoInstallation) -> None:
    """Remove what a killed run left of its draft."""
    shutil.rmtree(draft_folder(installation), ignore_errors=True)
