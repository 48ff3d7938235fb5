"""A folder of modules as a catalog."""

from functools import partial
from pathlib import Path

from recyclic.manifest.folder_catalog import FolderCatalog
from recyclic.manifest.module_file import load_module
from recyclic.manifest.source import MANIFEST_LIMIT_BYTES, read_source_bytes
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import PackageKind


def module_folder(folder: Path) -> FolderCatalog:
    """The folders below ``folder`` that hold a ``module.toml``."""
    readers = {
        path.parent.name: partial(load_module, path.parent)
        for path in folder.glob("*/module.toml")
        if not path.parent.name.startswith(".")
    }
    return FolderCatalog(PackageKind.MODULE, readers, partial(_says_provides, folder))


def _says_provides(folder: Path, name: str) -> bool:
    """A byte search spares parsing the modules that provide nothing."""
    try:
        content = read_source_bytes(folder / name / "module.toml", MANIFEST_LIMIT_BYTES)
    except DiagnosticsError:
        return False
    return b"provides" in content
