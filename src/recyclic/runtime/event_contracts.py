"""What modules promise each other about events, read where their code lies."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recyclic.events.flows import Declared
from recyclic.model.diagnostic import Place
from recyclic.model.package import EventContract
from recyclic.runtime.descriptor import MANIFEST, DeclaredEvent
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.loader import LoadedModule

if TYPE_CHECKING:
    from recyclic.events.contracts import Contracts


def contracts_of(modules: Iterable[LoadedModule]) -> "Contracts | None":
    """The contracts of modules whose manifests name a schema or a version; None without any.

    A schema that cannot be read is left out: the installer refused such a file long before, and
    a module must not go down with a promise that only others are held to.
    """
    found = [(module, module.source) for module in modules if _promises(module)]
    if not found:
        return None
    from recyclic.events.contracts import Contracts

    contracts = Contracts()
    for module, folder in found:
        assert isinstance(folder, Path)
        emits = [_contract(event, folder) for event in module.descriptor.emits]
        consumes = [_contract(event, folder) for event in module.descriptor.consumes]
        contracts.add(module.name, emits, consumes)
    return contracts


def declared_by(modules: Iterable[HostedModule]) -> list[Declared]:
    """What each module of a site says that it emits and consumes, in order of their names."""
    return [
        Declared(
            one.name,
            [_contract(event, one.folder) for event in one.descriptor.emits],
            [_contract(event, one.folder) for event in one.descriptor.consumes],
        )
        for one in sorted(modules, key=lambda one: one.name)
    ]


def _promises(module: LoadedModule) -> bool:
    events = (*module.descriptor.emits, *module.descriptor.consumes)
    return isinstance(module.source, Path) and any(
        event.schema or event.version != 1 for event in events
    )


def _contract(event: DeclaredEvent, folder: Path | None) -> EventContract:
    place = Place(str(folder / MANIFEST) if folder is not None else MANIFEST)
    return EventContract(event.name, place, event.version, _schema(folder, event.schema))


def _schema(folder: Path | None, name: str) -> dict[str, Any] | None:
    if not name or folder is None:
        return None
    try:
        document = json.loads((folder / name).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
