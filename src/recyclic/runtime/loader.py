"""ModuleRegistry: the names in config.toml, or the entry points, to imported modules."""

import importlib.util
import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Self

from recyclic.model.site_config import SiteConfig
from recyclic.runtime.descriptor import ModuleDescriptor, read_descriptor
from recyclic.runtime.errors import (
    ModuleError,
    ModuleImportError,
    ModuleMissingError,
    NoModuleClassError,
    NotAModuleError,
)
from recyclic.runtime.fault import fault_facts
from recyclic.runtime.importer import Namespace, NoCodeError
from recyclic.runtime.location import Location
from recyclic.runtime.module import ModuleBase
from recyclic.runtime.order import check_order
from recyclic.runtime.watch import Watch, unwatched
from recyclic.site.config_file import read_config

ENTRY_POINT_GROUP = "recyclic.modules"
"""Where third-party distributions name their modules."""


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """One module's class and what its module.toml says.

    Attributes:
        source: The folder of its code, or its entry point.
        error: Why there is no class; the module is then known by name only.
    """

    name: str
    descriptor: ModuleDescriptor
    source: Path | EntryPoint | None = None
    module_class: type[ModuleBase] | None = None
    error: ModuleError | None = None


class ModuleRegistry(Mapping[str, LoadedModule]):
    """Modules by name, in boot order. One that cannot be loaded is there with its error.

    Close it to forget the imported code; a registry that was never closed keeps it, as an
    ordinary import does.
    """

    def __init__(self, modules: Iterable[LoadedModule], namespace: Namespace | None = None) -> None:
        self._modules = {module.name: module for module in modules}
        self._namespace = namespace

    @classmethod
    def load_from_config(cls, path: str | Path) -> Self:
        """Everything that a config.toml enables, from the ``modules/`` beside it or, failing
        that, from an entry point of that name.

        Raises:
            RecyclicError: the file itself cannot be read; never for one module's sake.
        """
        return cls.load(read_config(Path(path)), Location.of_config(Path(path)))

    @classmethod
    def load(
        cls,
        config: SiteConfig,
        location: Location,
        refused: Mapping[str, ModuleError] = MappingProxyType({}),
        watch: Watch = unwatched,
    ) -> Self:
        """Everything that ``config`` enables, from the folders of ``location``.

        What is in ``refused`` is not touched, and has that error.
        """
        points = _EntryPoints()
        found = [
            LoadedModule(name, ModuleDescriptor(name), error=refused[name])
            if name in refused
            else _find(name, location.modules / name, points)
            for name in config.modules
        ]
        wrong = check_order([module.descriptor for module in found], config.module_versions)
        namespace = Namespace()
        return cls(
            [_imported(module, wrong.get(module.name), namespace, watch) for module in found],
            namespace,
        )

    @classmethod
    def load_from_entry_points(cls) -> Self:
        """Every third-party module that is installed, sorted by name."""
        points = _EntryPoints()
        found = (_installed(name, points[name]) for name in sorted(points))
        return cls(_imported(module, None, Namespace(), unwatched) for module in found)

    def __getitem__(self, name: str) -> LoadedModule:
        return self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def close(self) -> None:
        """Forget the code that was imported for this registry."""
        if self._namespace is not None:
            self._namespace.close()


class _EntryPoints(Mapping[str, EntryPoint]):
    """The group's entry points by name, read from the installed distributions when first asked."""

    def __init__(self) -> None:
        self._points: dict[str, EntryPoint] | None = None

    def _read(self) -> dict[str, EntryPoint]:
        if self._points is None:
            found = entry_points(group=ENTRY_POINT_GROUP)
            self._points = {point.name: point for point in found}
        return self._points

    def __getitem__(self, name: str) -> EntryPoint:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _find(name: str, folder: Path, points: _EntryPoints) -> LoadedModule:
    """What is known of a module before any of its code runs: its folder, or its entry point."""
    try:
        if folder.is_dir():
            return LoadedModule(name, read_descriptor(name, folder), folder)
        if name in points:
            return _installed(name, points[name])
        raise ModuleMissingError(module=name, folder=str(folder), group=ENTRY_POINT_GROUP)
    except ModuleError as error:
        return LoadedModule(name, ModuleDescriptor(name), error=error)


def _installed(name: str, point: EntryPoint) -> LoadedModule:
    """What is known of a third party's module."""
    try:
        return LoadedModule(name, _entry_point_descriptor(name, point), point)
    except ModuleError as error:
        return LoadedModule(name, ModuleDescriptor(name), error=error)


def _imported(
    module: LoadedModule, wrong: ModuleError | None, namespace: Namespace, watch: Watch
) -> LoadedModule:
    """``module`` with its class, or with the reason why it has none."""
    if module.error is not None or wrong is not None:
        return replace(module, error=module.error or wrong)
    try:
        with watch(module.name, "import", module.descriptor.startup_timeout_s):
            found = _import(module, namespace)
        return replace(module, module_class=_module_class(module.name, found))
    except ModuleError as error:
        return replace(module, error=error)


def _import(module: LoadedModule, namespace: Namespace) -> object:
    """The imported Python module, or what the entry point names."""
    try:
        if isinstance(module.source, EntryPoint):
            return module.source.load()
        assert module.source is not None
        return namespace.load(module.name, module.source)
    except NoCodeError as error:
        raise NoModuleClassError(module=module.name, file=str(error)) from error
    except (Exception, SystemExit) as error:
        raise ModuleImportError(module=module.name, **fault_facts(error)) from error


def _module_class(name: str, found: object) -> type[ModuleBase]:
    """``MODULE_CLASS`` of an imported Python module, or the class an entry point named."""
    if isinstance(found, ModuleType):
        if not hasattr(found, "MODULE_CLASS"):
            raise NoModuleClassError(module=name, file=str(found.__file__))
        found = found.MODULE_CLASS
    if not inspect.isclass(found) or not issubclass(found, ModuleBase):
        raise NotAModuleError(module=name, found=repr(found)[:200])
    return found


def _entry_point_descriptor(name: str, point: EntryPoint) -> ModuleDescriptor:
    """From the module.toml beside the package's code; else the distribution's own version."""
    try:
        spec = importlib.util.find_spec(point.module)
    except (Exception, SystemExit) as error:
        raise ModuleImportError(module=name, **fault_facts(error)) from error
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (Path(folder) / "module.toml").is_file():
            return read_descriptor(name, Path(folder))
    version = point.dist.version if point.dist is not None else None
    return ModuleDescriptor(name, version=version)
