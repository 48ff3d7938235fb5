"""Everything wrong with one file, or with all manifests of a folder. Runs no code of theirs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.config_file import load_config
from recyclic.manifest.document import parse_toml
from recyclic.manifest.extension_file import check_extension
from recyclic.manifest.index_file import check_index
from recyclic.manifest.kind import ManifestKind, kind_by_content, kind_by_path
from recyclic.manifest.module_file import read_module
from recyclic.manifest.profile import check_profile
from recyclic.manifest.source import read_source
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place
from recyclic.model.package import ExtensionKind, Origin, OriginKind
from recyclic.model.settings_schema import schema_findings

_SKIPPED_FOLDERS = ("node_modules", "__pycache__", "dist", "build")


def check_path(path: Path) -> list[Diagnostic]:
    """Every finding in one file, or in all manifests below a folder; sorted by place."""
    findings: list[Diagnostic] = []
    for file in _manifests(path) if path.is_dir() else [path]:
        findings += check_file(file)
    # A file that two others name is read twice, and its mistakes found twice.
    unique = {found.sort_key(): found for found in findings}
    return sorted(unique.values(), key=Diagnostic.sort_key)


def _manifests(folder: Path) -> Iterator[Path]:
    """The files below ``folder`` that are surely manifests; hidden folders are left out."""
    for current, names, files in os.walk(folder):
        names[:] = sorted(
            name for name in names if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        )
        for name in sorted(files):
            path = Path(current, name)
            kind = kind_by_path(path)
            if kind is not None and (kind is not ManifestKind.INDEX or name == "index.json"):
                yield path


def check_file(path: Path) -> list[Diagnostic]:
    """Every finding in one file, sorted by place."""
    try:
        kind = kind_by_path(path) or kind_by_content(parse_toml(read_source(path)).values)
        if kind is None:
            return [Diagnostic("RCY-M051", place=Place(str(path)), facts={"path": str(path)})]
        return sorted(_CHECKS[kind](path), key=Diagnostic.sort_key)
    except DiagnosticsError as error:
        return list(error.diagnostics)


def _check_module(path: Path) -> list[Diagnostic]:
    document = parse_toml(read_source(path))
    folder = path.absolute().parent
    origin = Origin(OriginKind.FOLDER, str(folder))
    return list(schema_findings(read_module(folder.name, folder, document, origin)))


def _check_bundle(path: Path) -> list[Diagnostic]:
    """A bundle; a profile that somebody keeps in the same folder is known by its keys."""
    if kind_by_content(parse_toml(read_source(path)).values) is ManifestKind.PROFILE:
        return check_profile(path)
    load_bundle(path)
    return []


def _check_config(path: Path) -> list[Diagnostic]:
    load_config(path)
    return []


_CHECKS: dict[ManifestKind, Callable[[Path], list[Diagnostic]]] = {
    ManifestKind.MODULE: _check_module,
    ManifestKind.BUNDLE: _check_bundle,
    ManifestKind.PROFILE: check_profile,
    ManifestKind.CONFIG: _check_config,
    ManifestKind.INDEX: check_index,
    ManifestKind.PLUGIN_INI: lambda path: check_extension(path.parent, ExtensionKind.PLUGIN),
    ManifestKind.MODULE_INI: lambda path: check_extension(path.parent, ExtensionKind.BRINDILLE),
}
