"""A folder of Paheko's extensions as a catalog."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from recyclic.manifest.extension_file import extension_kind, load_extension
from recyclic.manifest.folder_catalog import FolderCatalog, Reader
from recyclic.manifest.known_extensions import with_known_relations
from recyclic.model.package import ExtensionKind, PackageKind, Release


def extension_folder(*folders: Path) -> FolderCatalog:
    """The extensions in ``folders``; of two with one name, the one in the earlier folder.

    Folders whose name holds a dot do not exist for Paheko, so they do not here.
    """
    readers: dict[str, Reader] = {}
    for folder in folders:
        for name, reader in _readers(folder):
            readers.setdefault(name, reader)
    return FolderCatalog(PackageKind.EXTENSION, readers)


def _readers(folder: Path) -> Iterable[tuple[str, Reader]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        kind = extension_kind(path) if "." not in path.name else None
        if kind is not None:
            yield path.name, partial(_read, path, kind)


def _read(path: Path, kind: ExtensionKind) -> Release:
    return with_known_relations(load_extension(path, kind))
