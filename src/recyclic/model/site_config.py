"""What config.toml says: the one contract between the installer and the runtime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})

CONFIG_FORMAT = 1
"""The only value of ``format`` this version reads and writes."""

Stood = Mapping[str, tuple[str | None, ...]]
"""Packages to the versions they stood at, None where one was not in."""


@dataclass(frozen=True, slots=True)
class StepBack:
    """What an earlier config.toml said otherwise than the one after it.

    Attributes:
        versions: Of the packages that differ; None for one that was not in.
        displaced: All that was out of place then.
    """

    versions: Mapping[str, str | None]
    displaced: Stood = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """One applied state of a site, enough to boot it and to install it again exactly.

    Attributes:
        modules: Enabled modules in boot order; what a module needs stands before it.
        module_versions, paheko_versions, bundle_versions: Chosen versions, as text.
        module_hashes, paheko_hashes: ``sha256:HEX`` of each one's file tree.
        requirements_hash: ``sha256:HEX`` of the Python lock beside it, or None without one.
        settings: By module, secrets as references.
        hosts: ``{"paheko": {"root": ...}}`` when the site has that host.
        events: ``[events]`` as written: ``url`` (text or secret reference) and options.
        displaced: Package to the version it had before something displaced it, and goes back to
            once nothing does, then those before it was displaced again; None where it was not in.
        before: The way back to earlier ones, oldest first, while there may be one to go.
        overrides: Package to version for every ``[override]`` in force.
    """

    site: str
    bundle: str
    bundle_version: str
    modules: tuple[str, ...] = ()
    module_versions: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    paheko_versions: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    bundle_versions: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    module_hashes: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    paheko_hashes: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    requirements_hash: str | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    events: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    overrides: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    displaced: Stood = field(default_factory=lambda: _EMPTY)
    before: tuple[StepBack, ...] = ()
    format: int = CONFIG_FORMAT
