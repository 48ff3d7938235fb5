"""The staged code of some plugins, going live together with the change it belongs to."""

from dataclasses import dataclass

from recyclic.model.package import ExtensionKind
from recyclic.paheko.installation import PahekoInstallation


@dataclass(frozen=True, slots=True)
class PluginCode:
    """Plugins by name; their code is staged."""

    installation: PahekoInstallation
    names: tuple[str, ...]

    def place(self) -> None:
        """Make staged code live; the former code is kept beside. Does nothing when done."""
        root = self.installation.code_root(ExtensionKind.PLUGIN)
        for name in self.names:
            root.put_in_place(name)

    def take_back(self) -> None:
        """The exact reverse, from wherever it stopped. May be done again."""
        root = self.installation.code_root(ExtensionKind.PLUGIN)
        for name in self.names:
            root.undo(name)
        self.installation.purge_compiled()
