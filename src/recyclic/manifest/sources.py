"""The places a catalog is read from, and all of them as one catalog."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recyclic.manifest.bundle_folder import BundleFolder
from recyclic.manifest.entry_points import entry_point_modules
from recyclic.manifest.extension_folder import extension_folder
from recyclic.manifest.findings import Findings
from recyclic.manifest.index_file import load_index
from recyclic.manifest.known_extensions import known_extensions
from recyclic.manifest.module_folder import module_folder
from recyclic.manifest.paheko_root import paheko_folders, source_folder
from recyclic.model.catalog import Catalog, MemoryCatalog, UnionCatalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import Release


class SourceKind(StrEnum):
    """What a catalog can be read from; of a BUNDLES folder nothing but bundles counts."""

    FOLDER = "folder"
    BUNDLES = "bundles"
    INDEX = "index"
    PAHEKO = "paheko"
    ENTRY_POINTS = "entry-points"


@dataclass(frozen=True, slots=True)
class CatalogSource:
    """One place to look for releases; ``path`` is unused for entry points."""

    kind: SourceKind
    path: Path = Path()


def catalog_source(path: Path) -> CatalogSource:
    """The source at ``path``: a Paheko, a folder of anything, or (a file) an index."""
    if source_folder(path) is not None:
        return CatalogSource(SourceKind.PAHEKO, path)
    if path.is_dir():
        return CatalogSource(SourceKind.FOLDER, path)
    return CatalogSource(SourceKind.INDEX, path)


def default_sources(project_root: Path) -> list[CatalogSource]:
    """What is known without being told: the project's folders, and installed packages."""
    folders = [project_root / "modules", project_root / "bundles"]
    return [
        *(CatalogSource(SourceKind.FOLDER, folder) for folder in folders if folder.is_dir()),
        CatalogSource(SourceKind.ENTRY_POINTS),
    ]


def load_catalog(sources: Sequence[CatalogSource], releases: Iterable[Release] = ()) -> Catalog:
    """Everything that ``sources`` know, earlier ones first where two know the same version.

    For a Paheko extension that none of them knows, the facts shipped with the package answer
    (origin ``HOST``): its code is then taken from the Paheko it is applied to, or deferred.

    Args:
        releases: The bundle file that was named. Of such a package nothing else is looked at,
            so that a draft beside it, or a broken copy, stands in nobody's way.

    Raises:
        DiagnosticsError: with everything that is wrong in files that had to be read at once;
            a module or an entry is read, and its mistakes are told, when it is asked for.
    """
    findings = Findings()
    catalogs: list[Catalog] = []
    for source in sources:
        try:
            catalogs += _open(source)
        except DiagnosticsError as error:
            findings.extend(error.diagnostics)
    findings.stop_on_errors()
    return UnionCatalog(catalogs, known_extensions(), authority=MemoryCatalog(releases))


def _open(source: CatalogSource) -> Iterator[Catalog]:
    if source.kind is SourceKind.ENTRY_POINTS:
        yield entry_point_modules()
    elif source.kind is SourceKind.BUNDLES:
        yield BundleFolder(source.path)
    elif source.kind is SourceKind.INDEX:
        yield load_index(source.path)
    elif source.kind is SourceKind.PAHEKO:
        yield extension_folder(*paheko_folders(source.path))
    else:
        yield from _open_folder(source.path)


def _open_folder(folder: Path) -> Iterator[Catalog]:
    """Everything of any kind that lies in one folder, or in the folders a project has."""
    yield module_folder(folder)
    yield extension_folder(folder, folder / "plugins", folder / "modules")
    yield BundleFolder(folder)
    if (folder / "index.json").is_file():
        yield load_index(folder / "index.json")
    for inner in ("modules", "bundles"):
        if (folder / inner).is_dir():
            yield module_folder(folder / inner)
            yield BundleFolder(folder / inner)
