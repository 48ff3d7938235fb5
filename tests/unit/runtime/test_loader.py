"""Loading: every way a module may be written, and every way it may be broken."""

import sys
from pathlib import Path

import pytest
from tests.fakes.runtime_site import RuntimeSite

from recyclic import ModuleRegistry
from recyclic.runtime.errors import (
    DescriptorError,
    ModuleImportError,
    ModuleMissingError,
    NoModuleClassError,
    NotAModuleError,
)

CLASS = "from recyclic import ModuleBase\n\n\nclass Module(ModuleBase):\n    pass\n"


def test_modules_come_in_the_order_of_the_file(site: RuntimeSite) -> None:
    """Nothing is sorted."""
    site.module("zebra").module("ant").module("m")
    assert list(ModuleRegistry.load_from_config(site.write())) == ["zebra", "ant", "m"]


def test_the_class_may_stand_in_module_py(site: RuntimeSite) -> None:
    """With an empty ``__init__.py``, or with none."""
    code = {"module.py": CLASS + "MODULE_CLASS = Module\n"}
    site.module("with_init", files={"__init__.py": "", **code}).module("without", files=code)
    (site.generation / "modules" / "without" / "__init__.py").unlink()
    registry = ModuleRegistry.load_from_config(site.write())
    assert [registry[name].module_class is not None for name in registry] == [True, True]


def test_relative_imports_inside_a_module_work(site: RuntimeSite) -> None:
    """From ``__init__.py`` and from deeper down."""
    site.module("m", "", files={"__init__.py": "from .module import MODULE_CLASS\n"})
    folder = site.generation / "modules" / "m"
    (folder / "module.py").write_text(
        CLASS + "from .parts.one import NAME\nMODULE_CLASS = Module\n"
    )
    (folder / "parts").mkdir()
    (folder / "parts" / "__init__.py").write_text("")
    (folder / "parts" / "one.py").write_text("from ..names import NAME\n")
    (folder / "names.py").write_text("NAME = 'm'\n")
    assert ModuleRegistry.load_from_config(site.write())["m"].error is None


def test_two_sites_may_have_modules_of_one_name(tmp_path: Path) -> None:
    """Each registry imports below a package of its own, and forgets it when closed."""
    registries = []
    for name in ("one", "two"):
        site = RuntimeSite(tmp_path / name).module("shop", f'where = "{name}"')
        registries.append(ModuleRegistry.load_from_config(site.write()))
    classes = [registry["shop"].module_class for registry in registries]
    assert [getattr(found, "where", None) for found in classes] == ["one", "two"]
    for registry in registries:
        registry.close()
    assert not [name for name in sys.modules if name.endswith(".shop")]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"__init__.py": "import not_there_at_all\n"}, ModuleImportError),
        ({"__init__.py": "raise SystemExit(3)\n"}, ModuleImportError),
        ({"__init__.py": "this is no python\n"}, ModuleImportError),
        ({"__init__.py": "x = 1\n"}, NoModuleClassError),
        ({"__init__.py": "class MODULE_CLASS: ...\n"}, NotAModuleError),
        ({"__init__.py": "MODULE_CLASS = 3\n"}, NotAModuleError),
        ({"module.toml": "name = \n"}, DescriptorError),
        ({"module.toml": 'version = "not a version"\n'}, DescriptorError),
        ({"module.toml": '[dependencies]\nmodules = ["a b"]\n'}, DescriptorError),
        ({"module.toml": "dependencies = 3\n"}, DescriptorError),
    ],
)
def test_a_broken_module_has_an_error_and_the_others_load(
    site: RuntimeSite, files: dict[str, str], error: type[Exception]
) -> None:
    """Whatever is wrong with it."""
    site.module("broken", files=files).module("fine")
    registry = ModuleRegistry.load_from_config(site.write())
    assert type(registry["broken"].error) is error
    assert registry["fine"].module_class is not None


def test_a_syntax_error_is_told_with_its_line(site: RuntimeSite) -> None:
    """Where the author has to look."""
    site.module("broken", files={"__init__.py": "x = 1\ny = = 2\n"})
    error = ModuleRegistry.load_from_config(site.write())["broken"].error
    assert error is not None
    assert error.facts["kind"] == "SyntaxError"
    assert str(error.facts["where"]).endswith("modules/broken/__init__.py:2")


def test_a_module_without_code_is_missing(site: RuntimeSite) -> None:
    """Neither a folder nor an entry point."""
    site.order.append("ghost")
    error = ModuleRegistry.load_from_config(site.write())["ghost"].error
    assert type(error) is ModuleMissingError


def test_a_module_at_the_wrong_version_is_not_even_imported(site: RuntimeSite) -> None:
    """Its code could do anything."""
    site.module("m", files={"__init__.py": "raise RuntimeError('imported')\n"}, version="1.1")
    site.versions["m"] = "1.0"
    error = ModuleRegistry.load_from_config(site.write())["m"].error
    assert error is not None
    assert error.code == "RCY-R008"


def test_a_module_that_failed_leaves_nothing_imported(site: RuntimeSite) -> None:
    """A half-imported package would be found by the next import of that name."""
    site.module("half", files={"__init__.py": "from . import part\nraise ValueError\n"})
    (site.generation / "modules" / "half" / "part.py").write_text("")
    ModuleRegistry.load_from_config(site.write())
    assert not [name for name in sys.modules if ".half" in name]


def test_without_third_parties_there_are_no_entry_points() -> None:
    """Nothing of ours pretends to be a third party."""
    assert list(ModuleRegistry.load_from_entry_points()) == []
