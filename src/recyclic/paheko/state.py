"""What a Paheko has recorded about its extensions: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass

from recyclic.model.package import ExtensionKind


@dataclass(frozen=True, slots=True)
class RecordedExtension:
    """One row of Paheko's tables ``plugins`` or ``modules``.

    Attributes:
        version: The recorded version of a plugin; a Brindille module has none.
        is_system: A module that came with Paheko itself.
    """

    name: str
    kind: ExtensionKind
    enabled: bool
    version: str | None = None
    is_system: bool = False


@dataclass(frozen=True, slots=True)
class PahekoState:
    """Everything recorded, read at one moment.

    Attributes:
        version: Of the database; equal to the code's, or an upgrade is due.
        plugins, modules: By name, sorted. A plugin hides a module of the same name.
        tables: The names of all tables: what an extension leaves behind shows here.
    """

    version: str
    plugins: Mapping[str, RecordedExtension]
    modules: Mapping[str, RecordedExtension]
    tables: frozenset[str] = frozenset()

    def find(self, name: str) -> RecordedExtension | None:
        """What Paheko means by that name, or None."""
        return self.plugins.get(name) or self.modules.get(name)
