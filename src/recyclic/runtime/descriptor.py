"""What a module's module.toml says to the runtime: the part of it that matters at boot.

The installer has checked the whole file long before; here only what boots is read, and a file
that cannot be read sets its module aside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.runtime import plain_toml
from recyclic.runtime.errors import DescriptorError

STARTUP_TIMEOUT_S = 30.0
"""How long a module may take to start when its module.toml does not say."""

MANIFEST = "module.toml"


_NEED = re.compile(r"\s*([A-Za-z0-9_][A-Za-z0-9._-]*)\s*((?:[<>=!~].*)?)")

# A thousand modules use a handful of version ranges between them.
_specifiers = lru_cache(maxsize=1024)(SpecifierSet)


@dataclass(frozen=True, slots=True)
class Need:
    """A module or capability by name, at a version inside ``specifier``."""

    name: str
    specifier: SpecifierSet

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``caisse>=0.1,<1`` or a bare name.

        Raises:
            ValueError: it is not one.
        """
        found = _NEED.fullmatch(text)
        if found is None:
            raise ValueError(f"not a requirement: {text!r}")
        return cls(found[1], _specifiers(found[2]))

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}"


@dataclass(frozen=True, slots=True)
class DeclaredEvent:
    """One event of a manifest: ``schema`` is a file beside it, empty where nothing is promised."""

    name: str
    version: int = 1
    schema: str = ""


@dataclass(frozen=True, slots=True)
class ModuleDescriptor:
    """What the runtime knows of a module before it imports it.

    Attributes:
        version: As the code on disk declares it; None when it declares none.
        provides: Capability to its version, None for a capability without one.
        permissions: ``section`` and ``level`` in Paheko's words, for a front end.
    """

    name: str
    version: str | None = None
    label: str = ""
    description: str = ""
    requires: tuple[Need, ...] = ()
    optional: tuple[Need, ...] = ()
    conflicts: tuple[Need, ...] = ()
    provides: tuple[tuple[str, str | None], ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()
    routes: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    startup_timeout_s: float = STARTUP_TIMEOUT_S
    emits: tuple[DeclaredEvent, ...] = ()
    consumes: tuple[DeclaredEvent, ...] = ()


def read_descriptor(name: str, folder: Path) -> ModuleDescriptor:
    """The descriptor of the module in ``folder``; a bare one when it has no module.toml.

    Raises:
        DescriptorError: the file is there and cannot be used.
    """
    file = folder / MANIFEST
    try:
        document = plain_toml.loads(file.read_bytes().decode("utf-8"))
        return describe(name, document)
    except FileNotFoundError:
        return ModuleDescriptor(name)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise DescriptorError(module=name, file=str(file), detail=str(error)) from error


def describe(name: str, document: Mapping[str, Any]) -> ModuleDescriptor:
    """The descriptor in a decoded module.toml.

    Raises:
        ValueError, TypeError, AttributeError: it is not shaped like one.
    """
    dependencies = document.get("dependencies", {})
    interface = document.get("ui", {})
    return ModuleDescriptor(
        name=name,
        version=_version(document.get("version")),
        label=str(document.get("name", name)),
        description=str(document.get("description", "")),
        requires=_needs(dependencies.get("modules", ())),
        optional=_needs(dependencies.get("optional", ())),
        conflicts=_needs(dependencies.get("conflicts", ())),
        provides=tuple(_capability(text) for text in dependencies.get("provides", ())),
        permissions=tuple(
            (str(key), str(value)) for key, value in document.get("permissions", {}).items()
        ),
        routes=tuple(map(str, interface.get("routes", ()))),
        slots=tuple(map(str, interface.get("slots", ()))),
        startup_timeout_s=float(
            document.get("runtime", {}).get("startup_timeout_s", STARTUP_TIMEOUT_S)
        ),
        emits=_events(document.get("events", {}).get("emits", ())),
        consumes=_events(document.get("events", {}).get("consumes", ())),
    )


def _events(entries: Any) -> tuple[DeclaredEvent, ...]:
    """``["sale_closed"]``, or tables with a name, a version and a schema file."""
    return tuple(
        DeclaredEvent(entry)
        if isinstance(entry, str)
        else DeclaredEvent(
            str(entry["name"]), int(entry.get("version", 1)), str(entry.get("schema", ""))
        )
        for entry in entries
    )


def _version(text: object) -> str | None:
    return None if text is None else _normal_version(str(text))


@lru_cache(maxsize=1024)
def _normal_version(text: str) -> str:
    """Raises InvalidVersion, a ValueError."""
    return str(Version(text))


def _needs(texts: Any) -> tuple[Need, ...]:
    return tuple(Need.parse(text) for text in texts)


def _capability(text: str) -> tuple[str, str | None]:
    need = Need.parse(text)
    pinned = next((item.version for item in need.specifier), None)
    return need.name, pinned
