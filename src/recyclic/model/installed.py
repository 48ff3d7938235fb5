"""What one site has now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from packaging.version import InvalidVersion, Version

from recyclic.model.package import Package, package_from
from recyclic.model.site_config import SiteConfig

_EMPTY: Mapping[Package, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Installed:
    """The current generation as the planner sees it.

    Attributes:
        generation: Its number; 0 when nothing was ever applied.
        config: Its config.toml, or None for generation 0.
        versions: Modules, extensions and bundles it has: the resolver prefers these.
        displaced: What it had to move, to what stood before; None for what was not in.
    """

    generation: int = 0
    config: SiteConfig | None = None
    versions: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    displaced: Mapping[Package, Version | None] = field(default_factory=lambda: _EMPTY)


def displaced_of(config: SiteConfig) -> dict[Package, Version | None]:
    """``config.displaced`` as packages and versions; what is neither is left out."""
    found: dict[Package, Version | None] = {}
    for name, text in config.displaced.items():
        try:
            found[package_from(name)] = None if text is None else Version(text)
        except (ValueError, InvalidVersion):
            continue
    return found
