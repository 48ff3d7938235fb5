"""Third-party modules: Python entry points of the group ``recyclic.modules``.

The package is found but never imported: reading a manifest runs nobody's code.
"""

import sys
from functools import partial
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from recyclic.manifest.document import parse_toml
from recyclic.manifest.folder_catalog import FolderCatalog
from recyclic.manifest.module_file import read_module
from recyclic.manifest.source import read_source
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place
from recyclic.model.package import Origin, OriginKind, PackageKind, Release

GROUP = "recyclic.modules"


def entry_point_modules() -> FolderCatalog:
    """The modules of the packages that are installed beside us, by the entry points' names."""
    found = {point.name: point for point in sorted(entry_points(group=GROUP), key=_sort_key)}
    return FolderCatalog(
        PackageKind.MODULE,
        {name: partial(_load, point) for name, point in found.items()},
        may_provide=lambda _name: True,
    )


def _sort_key(point: EntryPoint) -> tuple[str, str]:
    return (point.name, point.value)


def _load(point: EntryPoint) -> Release:
    folder = package_folder(point.module)
    label = f"<entry point {point.name}>"
    if folder is None or not (folder / "module.toml").is_file():
        facts = {"name": point.name, "module": point.module}
        raise DiagnosticsError([Diagnostic("RCY-M047", place=Place(label), facts=facts)])
    document = parse_toml(read_source(folder / "module.toml"))
    distribution = point.dist.name if point.dist is not None else ""
    origin = Origin(OriginKind.ENTRY_POINT, f"{distribution}:{point.value}")
    return read_module(point.name, folder, document, origin)


def package_folder(dotted_name: str) -> Path | None:
    """The folder of a package, or of the package around a module; None when there is none."""
    search: list[str] | None = sys.path
    folder: Path | None = None
    parts = dotted_name.split(".")
    for at in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: at + 1]), search)
        if spec is None:
            return None
        search = spec.submodule_search_locations and list(spec.submodule_search_locations)
        if search:
            folder = Path(search[0])
    return folder
