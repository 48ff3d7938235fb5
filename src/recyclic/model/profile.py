"""What one site asks for, after its ``extends`` were laid over each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from packaging.version import Version

from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, Requirement
from recyclic.model.settings import LayeredValue

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Omission:
    """``jarvos = false``: leave this package out; refused when something kept needs it."""

    package: Package
    place: Place


class DataWish(StrEnum):
    """What becomes of the data of something that is left out."""

    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Erasure:
    """``caisse = { data = "delete" }``: left out, and what it keeps is deleted. One-way."""

    package: Package
    place: Place


@dataclass(frozen=True, slots=True)
class Override:
    """``[override]`` in a profile: this version, whatever anyone else requires. Always shown."""

    package: Package
    version: Version
    place: Place


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """A feature of a bundle, turned on by the profile."""

    bundle: str
    feature: str
    place: Place


@dataclass(frozen=True, slots=True)
class PahekoHost:
    """Where Paheko is on this machine.

    Attributes:
        root: The folder of Paheko's source (it holds ``bin/paheko`` or ``src/bin/paheko``).
        config: Its ``config.local.php``, or None for the default place.
        user: The system user its web server runs as, or None for ours.
        php: The php command, or None to look in PATH.
        url: Where its web pages are: they have to open there after a change. None not to ask.
        reload: The command that makes its web server forget the code it has in memory; empty where
            that is not needed.
        site: Which site of a multi-site Paheko, or None when it has only one.
    """

    root: str
    place: Place
    config: str | None = None
    user: str | None = None
    php: str | None = None
    url: str | None = None
    site: str | None = None
    reload: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What the resolver is asked: a profile, or a bundle alone with everything else empty.

    Attributes:
        site: The site's name.
        bundle: The bundle (or bundles) asked for; the root's first requirements.
        requirements: Modules, extensions and bundles added or tightened by the profile.
        omissions: Left out on purpose.
        erasures: Left out (each is an omission too), and their data deleted.
        settings: The profile's own values, by module and key (layer ``profile``).
        events_url: ``[events] url``: a text, a secret reference, or None for the embedded one.
        events_place: The line of ``events_url``.
        catalog_sources: ``[catalog] sources``, relative to the profile.
        files: Every file read to make this request, for approvals and provenance.
        places: The line of each value that goes into config.toml as it is written:
            ``site``, ``events.url``, ``hosts.paheko.root``.
    """

    site: str
    bundle: Requirement | None
    requirements: tuple[Requirement, ...] = ()
    omissions: tuple[Omission, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    overrides: tuple[Override, ...] = ()
    features: tuple[FeatureChoice, ...] = ()
    settings: Mapping[str, Mapping[str, LayeredValue]] = field(default_factory=lambda: _EMPTY)
    paheko: PahekoHost | None = None
    events_url: Any = None
    events_place: Place | None = None
    events: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    catalog_sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=lambda: _EMPTY)
