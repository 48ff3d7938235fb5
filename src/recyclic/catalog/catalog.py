"""Every known release by package and version; immutable; answers look-ups."""

from recyclic.model.catalog import Catalog, MemoryCatalog, UnionCatalog

__all__ = ["Catalog", "MemoryCatalog", "UnionCatalog"]
