"""From paths to values: what the workflow calls."""

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.config_file import load_config
from recyclic.manifest.module_file import load_module
from recyclic.manifest.profile import load_profile
from recyclic.manifest.sources import (
    CatalogSource,
    SourceKind,
    catalog_source,
    default_sources,
    load_catalog,
)

__all__ = [
    "CatalogSource",
    "SourceKind",
    "catalog_source",
    "default_sources",
    "load_bundle",
    "load_catalog",
    "load_config",
    "load_module",
    "load_profile",
]
