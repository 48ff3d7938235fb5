"""A third party's module: a package of its own, built and installed with pip."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.serving import serving

from recyclic.runtime.location import Location

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

# The smallest build backend there is, so that building needs no other package.
BACKEND = """
import zipfile

FILES = {
    "shiny_thing/__init__.py": open("shiny_thing/__init__.py").read(),
    "shiny_thing/words.py": "GREETING = 'from a third party'\\n",
    "shiny_thing/module.toml": open("shiny_thing/module.toml").read(),
    "shiny_thing-2.1.dist-info/METADATA":
        "Metadata-Version: 2.1\\nName: shiny-thing\\nVersion: 2.1\\n",
    "shiny_thing-2.1.dist-info/WHEEL":
        "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "shiny_thing-2.1.dist-info/entry_points.txt":
        "[recyclic.modules]\\nshiny = shiny_thing\\nplain = shiny_thing:Plain\\n"
        "broken = not_there\\n",
}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "shiny_thing-2.1-py3-none-any.whl"
    record = "".join(f"{path},,\\n" for path in FILES) + "shiny_thing-2.1.dist-info/RECORD,,\\n"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        for path, content in {**FILES, "shiny_thing-2.1.dist-info/RECORD": record}.items():
            wheel.writestr(path, content)
    return name
"""

MODULE = """
from recyclic import ModuleBase

from .words import GREETING


class Shiny(ModuleBase):
    def register_routes(self, app):
        @app.get("/api/shiny")
        async def read():
            return GREETING


class Plain(ModuleBase):
    pass


MODULE_CLASS = Shiny
"""


@pytest.fixture
def site(tmp_path: Path) -> RuntimeSite:
    """A site whose generation has the package in its own environment."""
    source = tmp_path / "source"
    (source / "shiny_thing").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PYPROJECT)
    (source / "backend.py").write_text(BACKEND)
    (source / "shiny_thing" / "__init__.py").write_text(MODULE)
    (source / "shiny_thing" / "module.toml").write_text('name = "Shiny"\nversion = "2.1"\n')
    site = RuntimeSite(tmp_path / "site")
    site.module("ours")
    site.order += ["shiny", "plain", "broken"]
    site.versions |= {"shiny": "2.1", "plain": "2.1", "broken": "2.1"}
    target = Location.of_config(site.write()).site_packages
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *offline, str(source)], check=True, timeout=110)
    return site


def test_a_third_party_s_module_is_served_beside_ours(site: RuntimeSite) -> None:
    """From the generation's environment; a broken entry point is set aside like any module."""
    with serving(site) as served:
        report = served.health()["modules"]
        assert {name: module["state"] for name, module in report.items()} == {
            "ours": "started",
            "shiny": "started",
            "plain": "started",
            "broken": "failed",
        }
        assert (report["shiny"]["version"], report["plain"]["version"]) == ("2.1", "2.1")
        assert served.get("/api/shiny") == "from a third party"
        assert served.get("/api/ours/hello") == {"from": "ours"}


def test_the_registry_finds_every_installed_module(site: RuntimeSite) -> None:
    """``load_from_entry_points``, in a process that has them."""
    code = (
        "import json, site, sys; site.addsitedir(sys.argv[1])\n"
        "from recyclic import ModuleRegistry\n"
        "found = ModuleRegistry.load_from_entry_points()\n"
        "classes = {name: module.module_class for name, module in found.items()}\n"
        "print(json.dumps({name: one and one.__name__ for name, one in classes.items()}))"
    )
    target = Location.of_config(site.config).site_packages
    command = [sys.executable, "-c", code, str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout) == {"broken": None, "plain": "Plain", "shiny": "Shiny"}
