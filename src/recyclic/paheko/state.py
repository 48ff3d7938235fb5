"""What a Paheko has recorded about its extensions: frozen values, and how they go into JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

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

    def to_json(self) -> dict[str, Any]:
        """Plain values for a journal or a snapshot; ``from_json`` gives the same state back."""
        return {
            "version": self.version,
            "plugins": {
                name: {"version": row.version, "enabled": row.enabled}
                for name, row in self.plugins.items()
            },
            "modules": {
                name: {"enabled": row.enabled, "system": row.is_system}
                for name, row in self.modules.items()
            },
            "tables": sorted(self.tables),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The state that ``to_json`` wrote."""
        plugins = {
            name: RecordedExtension(name, ExtensionKind.PLUGIN, row["enabled"], row["version"])
            for name, row in sorted(document["plugins"].items())
        }
        modules = {
            name: RecordedExtension(
                name, ExtensionKind.BRINDILLE, row["enabled"], is_system=row["system"]
            )
            for name, row in sorted(document["modules"].items())
        }
        return cls(document["version"], plugins, modules, frozenset(document["tables"]))


def differences(wanted: PahekoState, found: PahekoState) -> tuple[str, ...]:
    """What differs, one text each (``plugin caisse: 0.8.12 enabled, found absent``); sorted."""
    lines = []
    if wanted.version != found.version:
        lines.append(f"paheko: {wanted.version}, found {found.version}")
    for kind, left, right in (
        ("plugin", wanted.plugins, found.plugins),
        ("module", wanted.modules, found.modules),
    ):
        for name in sorted(left.keys() | right.keys()):
            before, after = _shown(left.get(name)), _shown(right.get(name))
            if before != after:
                lines.append(f"{kind} {name}: {before}, found {after}")
    lines += [f"table {name}: missing" for name in sorted(wanted.tables - found.tables)]
    lines += [f"table {name}: left over" for name in sorted(found.tables - wanted.tables)]
    return tuple(lines)


def _shown(row: RecordedExtension | None) -> str:
    if row is None:
        return "absent"
    version = f"{row.version} " if row.version else ""
    return f"{version}{'enabled' if row.enabled else 'disabled'}"
