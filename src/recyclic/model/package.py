"""Packages, requirements and releases: the vocabulary of catalog and resolver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.diagnostic import Place

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class PackageKind(StrEnum):
    """What sort of thing has versions. The value is how it is written in JSON."""

    ROOT = "root"
    MODULE = "module"
    EXTENSION = "paheko"
    BUNDLE = "bundle"
    CORE = "core"
    PAHEKO = "paheko-core"
    PYTHON = "python"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """Anything with versions, told apart by kind and name. Hashable; sorts by kind, then name."""

    kind: PackageKind
    name: str

    def __hash__(self) -> int:
        # Looked up millions of times; few names are of two kinds, and hashing an enum is slow.
        return hash(self.name)

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.name}"


def package_from(text: str) -> Package:
    """The package that ``str`` gives that text for; a module where no kind stands before the name.

    Raises:
        ValueError: there is no such kind.
    """
    kind, colon, name = text.partition(":")
    return Package(PackageKind(kind), name) if colon else Package(PackageKind.MODULE, text)


ROOT = Package(PackageKind.ROOT, "<root>")
CORE = Package(PackageKind.CORE, "recyclic")
PAHEKO = Package(PackageKind.PAHEKO, "paheko")
PYTHON = Package(PackageKind.PYTHON, "python")


@dataclass(frozen=True, slots=True)
class Requirement:
    """``package`` must be at a version inside ``specifier``.

    A requirement on a MODULE name is met by that module or by any module that ``provides`` a
    capability of that name at a fitting version.

    Attributes:
        specifier: PEP 440; the empty set means any version (but pre-releases only when no
            release exists or the specifier names one, as PEP 440 says).
        place: The line that asks.
    """

    package: Package
    specifier: SpecifierSet
    place: Place

    def __str__(self) -> str:
        return f"{self.package.name}{self.specifier}"


@dataclass(frozen=True, slots=True)
class Capability:
    """A name a module answers to besides its own. ``version`` None fits only "any version"."""

    name: str
    version: Version | None
    place: Place


@dataclass(frozen=True, slots=True)
class PythonRequirement:
    """A PEP 508 requirement of a module's Python code, as written, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Permissions:
    """Who may use a module: a section and level of Paheko's rights."""

    section: str
    level: str
    place: Place


@dataclass(frozen=True, slots=True)
class EventContract:
    """One event a module emits or consumes.

    Attributes:
        version: Of the payload's schema, counted from 1.
        schema: JSON Schema of the payload, or None when nothing was promised.
    """

    name: str
    place: Place
    version: int = 1
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """Where a release's files are fetched from, and the sha256 (hex) they must have."""

    location: str
    sha256: str
    size_bytes: int | None = None


class OriginKind(StrEnum):
    """Which of the catalog's sources a release came from."""

    FOLDER = "folder"
    ENTRY_POINT = "entry-point"
    PAHEKO = "paheko"
    INDEX = "index"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a release's files are.

    Attributes:
        kind: Which source.
        path: The folder of the module or extension (FOLDER, PAHEKO), the index file (INDEX) or
            ``distribution:object`` (ENTRY_POINT); empty for HOST (the core, Python, Paheko).
    """

    kind: OriginKind
    path: str = ""


class ExtensionKind(StrEnum):
    """Paheko's two kinds of extension."""

    PLUGIN = "plugin"
    BRINDILLE = "module"


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one package: what its manifest declares. Unused parts stay empty.

    Attributes:
        requires: Hard needs, in the order written: modules or capabilities, extensions,
            bundles (includes), and CORE, PAHEKO or PYTHON versions.
        optional: Never pulled in; when present they must fit, and boot first.
        conflicts: May not be present at a version inside the specifier.
        features: A bundle's named extra requirements, chosen in a profile.
        ui_slots: Slots this module alone fills.
        ui_shared_slots: Slots it adds to beside others.
        settings_schema: JSON Schema of a module's settings.
        settings: A bundle's defaults: module name to key to value (raw TOML values).
        setting_places: ``("caisse", "currency")`` to the line that sets it (bundles) or declares
            it (modules).
        yanked: The reason this release was withdrawn, or None. A yanked release is chosen only
            when it is locked, installed, or asked for by an exact version.
        extension_kind: For extensions only.
        startup_timeout_s: How long the runtime waits for a module's ``startup``, or None.
        counts: Name to a query that counts rows of a module's data, shown before data is lost.
    """

    package: Package
    version: Version
    place: Place
    origin: Origin
    label: str = ""
    description: str = ""
    requires: tuple[Requirement, ...] = ()
    optional: tuple[Requirement, ...] = ()
    conflicts: tuple[Requirement, ...] = ()
    provides: tuple[Capability, ...] = ()
    python: tuple[PythonRequirement, ...] = ()
    features: Mapping[str, tuple[Requirement, ...]] = field(default_factory=lambda: _EMPTY)
    permissions: Permissions | None = None
    ui_routes: tuple[tuple[str, Place], ...] = ()
    ui_slots: tuple[tuple[str, Place], ...] = ()
    ui_shared_slots: tuple[tuple[str, Place], ...] = ()
    emits: tuple[EventContract, ...] = ()
    consumes: tuple[EventContract, ...] = ()
    settings_schema: Mapping[str, Any] | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    setting_places: Mapping[tuple[str, ...], Place] = field(default_factory=dict)
    yanked: str | None = None
    artifact: Artifact | None = None
    extension_kind: ExtensionKind | None = None
    startup_timeout_s: float | None = None
    counts: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
