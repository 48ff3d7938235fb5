"""What one site has now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from packaging.version import Version

from recyclic.model.package import Package
from recyclic.model.resolution import Displaced, Former
from recyclic.model.site_config import SiteConfig

_EMPTY: Mapping[Package, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Installed:
    """The current generation as the planner sees it.

    Attributes:
        generation: Its number; 0 when nothing was ever applied.
        config: Its config.toml, or None for generation 0.
        versions: Modules, extensions and bundles it has: the resolver prefers these.
        displaced: What it had to move, to where that stood before.
        before: What it may go back to, oldest first.
    """

    generation: int = 0
    config: SiteConfig | None = None
    versions: Mapping[Package, Version] = field(default_factory=lambda: _EMPTY)
    displaced: Displaced = field(default_factory=lambda: _EMPTY)
    before: tuple[Former, ...] = ()
