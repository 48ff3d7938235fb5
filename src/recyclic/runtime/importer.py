"""Importing one module's folder under a package name of its own.

Two sites in one process may have modules of the same name; each registry therefore imports
below a private package, ``_recyclic_modules_1.caisse``. Relative imports inside a module work;
an absolute ``import caisse`` does not, which is the point: modules meet on the bus.
"""

import importlib
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType

_namespaces = count(1)


class NoCodeError(Exception):
    """A module's folder has neither ``__init__.py`` nor ``module.py``. Its text is the first."""


class Namespace:
    """A private package that modules are imported under, until it is closed."""

    def __init__(self) -> None:
        self.name = f"_recyclic_modules_{next(_namespaces)}"
        sys.modules[self.name] = _package(self.name, [])

    def load(self, name: str, folder: Path) -> ModuleType:
        """Import the package in ``folder`` and return the part that has ``MODULE_CLASS``.

        That is ``__init__.py``, or ``module.py`` when the first is missing or exposes nothing.

        Raises:
            NoCodeError: neither file is there. And whatever the module's code raises.
        """
        qualified = f"{self.name}.{name}"
        entry, inner = folder / "__init__.py", folder / "module.py"
        if not entry.is_file() and not inner.is_file():
            raise NoCodeError(str(entry))
        try:
            package = _import_package(qualified, folder, entry)
            if hasattr(package, "MODULE_CLASS") or not inner.is_file():
                return package
            return importlib.import_module(f"{qualified}.module")
        except BaseException:
            self.forget(name)
            raise

    def forget(self, name: str) -> None:
        """Drop everything imported for one module."""
        _forget(f"{self.name}.{name}")

    def close(self) -> None:
        """Drop everything that was imported here."""
        _forget(self.name)


def _package(qualified: str, path: list[str]) -> ModuleType:
    spec = ModuleSpec(qualified, None, is_package=True)
    spec.submodule_search_locations = path
    return module_from_spec(spec)


def _import_package(qualified: str, folder: Path, entry: Path) -> ModuleType:
    if not entry.is_file():
        package = _package(qualified, [str(folder)])
        sys.modules[qualified] = package
        return package
    spec = spec_from_file_location(qualified, entry, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"no loader for {entry}", name=qualified, path=str(entry))
    package = module_from_spec(spec)
    sys.modules[qualified] = package
    spec.loader.exec_module(package)
    return package


def _forget(qualified: str) -> None:
    for loaded in [
        key for key in sys.modules if key == qualified or key.startswith(f"{qualified}.")
    ]:
        del sys.modules[loaded]
