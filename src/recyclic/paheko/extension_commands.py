"""Changing one extension with Paheko's command line, and reading back what became of it."""

from dataclasses import dataclass

from recyclic.paheko.errors import (
    ExtensionNotEnabledError,
    ExtensionNotUpgradedError,
    PahekoRefusedError,
)
from recyclic.paheko.installation import PahekoInstallation


@dataclass(frozen=True, slots=True)
class ExtensionCommands:
    """``ext NAME enable``, ``disable`` and ``delete``.

    A success that cannot be seen in Paheko's own records is told as a failure. Nothing here takes
    back what it did: see :class:`recyclic.paheko.extension_host.PahekoExtensionHost`.
    """

    installation: PahekoInstallation

    def enable(self, name: str) -> None:
        """Enable an extension whose code is in place; the first time, ``install.php`` runs.

        Never to be used for new code of a plugin that is recorded at another version: Paheko
        would record the new version without running ``upgrade.php``, which then never runs.

        Raises:
            ExtensionNotUpgradedError: In that case; nothing was done.
            ExtensionNotEnabledError: Paheko reported success, and nothing was recorded.
            PahekoError: With Paheko's words; Paheko undid its own part.
        """
        row, code = (
            self.installation.state().plugins.get(name),
            self.installation.version_in_place(name),
        )
        if row is not None and code is not None and row.version != code:
            raise ExtensionNotUpgradedError(name=name, recorded=row.version, wanted=code, said="")
        outcome = self.installation.run("ext", name, "enable")
        after = self.installation.state().find(name)
        if after is None or not after.enabled:
            raise ExtensionNotEnabledError(name=name, said=outcome.said)

    def disable(self, name: str) -> None:
        """Disable an extension; its data stay. Does nothing when it is not enabled.

        A plugin that was never installed is left alone: Paheko would record it as installed, and
        its ``install.php`` would never run.

        Raises:
            PahekoError: With Paheko's words.
        """
        row = self.installation.state().find(name)
        if row is None or not row.enabled:
            return
        outcome = self.installation.run("ext", name, "disable")
        after = self.installation.state().find(name)
        if after is not None and after.enabled:
            raise PahekoRefusedError(command=f"ext {name} disable", status=0, said=outcome.said)

    def delete(self, name: str) -> None:
        """Delete a disabled extension with all its data. Nothing but a snapshot brings it back.

        Raises:
            PahekoError: With Paheko's words; a failing ``uninstall.php`` may have deleted a part.
        """
        if self.installation.state().find(name) is None:
            return
        outcome = self.installation.run("ext", name, "delete")
        if self.installation.state().find(name) is not None:
            raise PahekoRefusedError(command=f"ext {name} delete", status=0, said=outcome.said)
