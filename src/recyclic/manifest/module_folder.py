"""A folder of modules, one version each, read when asked for."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from recyclic.manifest.module_file import load_module
from recyclic.manifest.source import MANIFEST_LIMIT_BYTES, read_source_bytes
from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import Package, PackageKind, Release


class ModuleFolder:
    """A catalog of the folders that hold a ``module.toml``.

    A module is read when it is asked for, so one with mistakes troubles only those who need it.
    When it does, the mistakes of all modules of the folder are told together.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Release | DiagnosticsError] = {}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(sorted(path.parent.name for path in self.folder.glob("*/module.toml")))

    def _load(self, name: str) -> Release | DiagnosticsError:
        found = self._loaded.get(name)
        if found is None:
            try:
                found = load_module(self.folder / name)
            except DiagnosticsError as error:
                found = error
            self._loaded[name] = found
        return found

    def _get(self, name: str) -> Release:
        found = self._load(name)
        if isinstance(found, DiagnosticsError):
            raise self._all_mistakes()
        return found

    def _all_mistakes(self) -> DiagnosticsError:
        loaded = [self._load(name) for name in self._names]
        return DiagnosticsError(
            finding
            for found in loaded
            if isinstance(found, DiagnosticsError)
            for finding in found.diagnostics
        )

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        if package.kind is not PackageKind.MODULE or package.name not in self._names:
            return ()
        return (self._get(package.name).version,)

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        if version not in self.versions(package):
            raise KeyError((package, version))
        return self._get(package.name)

    @cached_property
    def _providing(self) -> MemoryCatalog:
        """The modules that may provide something: a byte search spares reading the others."""
        return MemoryCatalog(
            release
            for name in self._names
            if b"provides" in self._content(name)
            and isinstance(release := self._load(name), Release)
        )

    def _content(self, name: str) -> bytes:
        try:
            return read_source_bytes(self.folder / name / "module.toml", MANIFEST_LIMIT_BYTES)
        except DiagnosticsError:
            return b""

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._providing.providers(capability)

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._names if kind is PackageKind.MODULE else ()
