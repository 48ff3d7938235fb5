"""From paths to values: what the workflow calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.index_file import load_index
from recyclic.manifest.module_file import load_module
from recyclic.manifest.module_folder import ModuleFolder
from recyclic.manifest.profile import load_profile
from recyclic.model.catalog import Catalog, MemoryCatalog, UnionCatalog
from recyclic.model.package import Release

__all__ = [
    "CatalogSource",
    "SourceKind",
    "catalog_source",
    "default_sources",
    "load_bundle",
    "load_catalog",
    "load_module",
    "load_profile",
]


class SourceKind(StrEnum):
    """What a catalog can be read from."""

    MODULES = "modules"
    BUNDLES = "bundles"
    INDEX = "index"
    PAHEKO = "paheko"
    EXTENSIONS = "extensions"
    ENTRY_POINTS = "entry-points"


@dataclass(frozen=True, slots=True)
class CatalogSource:
    """One place to look for releases; ``path`` is unused for entry points."""

    kind: SourceKind
    path: Path = Path()


def catalog_source(path: Path) -> CatalogSource:
    """The source at ``path``, told apart by what is there."""
    if not path.is_dir():
        return CatalogSource(SourceKind.INDEX, path)
    if (path / "index.json").is_file():
        return CatalogSource(SourceKind.INDEX, path / "index.json")
    if any(path.glob("*.toml")) and not any(path.glob("*/module.toml")):
        return CatalogSource(SourceKind.BUNDLES, path)
    return CatalogSource(SourceKind.MODULES, path)


def default_sources(project_root: Path) -> list[CatalogSource]:
    """What is known without being told: the project's own folders, and entry points."""
    sources = [
        CatalogSource(SourceKind.MODULES, project_root / "modules"),
        CatalogSource(SourceKind.BUNDLES, project_root / "bundles"),
    ]
    return [source for source in sources if source.path.is_dir()]


def load_catalog(sources: Sequence[CatalogSource], releases: Iterable[Release] = ()) -> Catalog:
    """Everything that ``sources`` know, earlier ones first where two know the same version.

    Args:
        releases: Known besides, before all sources: the bundle file that was named.

    Raises:
        DiagnosticsError: with everything that is wrong in files that had to be read at once;
            a module or an entry is read, and its mistakes are told, when it is asked for.
    """
    return UnionCatalog([MemoryCatalog(releases), *(_open(source) for source in sources)])


def _open(source: CatalogSource) -> Catalog:
    if source.kind is SourceKind.INDEX:
        return load_index(source.path)
    if source.kind is SourceKind.BUNDLES:
        return MemoryCatalog(load_bundle(path) for path in sorted(source.path.glob("*.toml")))
    return ModuleFolder(source.path)
