"""What one site has now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from packaging.version import Version

from recyclic.model.package import Package
from recyclic.model.site_config import SiteConfig

_EMPTY: Mapping[Package, Version] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Installed:
    """The current generation as the planner sees it.

    Attributes:
        generation: Its number; 0 when nothing was ever applied.
        config: Its config.toml, or None for generation 0.
        versions: Modules, extensions and bundles it has: the resolver prefers these.
    """

    generation: int = 0
    config: SiteConfig | None = None
    versions: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
