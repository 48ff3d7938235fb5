"""Makes a stand-in Paheko in a folder: its files, its database, and a ``php`` that runs it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.paheko_standin.storage import create_database

VERSION = "1.3.22.1"
_TOP = Path(__file__).resolve().parents[3]
_PHP = """#!{python} -I
import sys
sys.path[:0] = [{top!r}, {source!r}]
from tests.fakes.paheko_standin.commands import start
sys.exit(start(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class StandIn:
    """Where the parts of one stand-in are."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "paheko"

    @property
    def php(self) -> Path:
        return self.folder / "bin" / "php"

    @property
    def config(self) -> Path:
        return self.root / "config.local.php"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "association.sqlite"

    @property
    def plugins(self) -> Path:
        return self.data / "plugins"

    @property
    def modules(self) -> Path:
        return self.root / "modules"


def make_stand_in(folder: Path, constants: Mapping[str, str] | None = None) -> StandIn:
    """A fresh Paheko in ``folder``: one administrator, an open year, the theme ``web``.

    Args:
        constants: More lines of its configuration, by name, values as PHP source.
    """
    made = StandIn(folder)
    for path in (made.root / "bin", made.modules / "web", made.plugins, folder / "bin"):
        path.mkdir(parents=True)
    (made.root / "bin" / "paheko").write_text("#!/usr/bin/env php\n")
    (made.root / "VERSION").write_text(VERSION)
    (made.modules / "web" / "module.ini").write_text('name="Web"\nweb=true\n')
    made.php.write_text(_PHP.format(python=sys.executable, top=str(_TOP), source=str(_TOP / "src")))
    made.php.chmod(0o755)
    lines = {
        "SECRET_KEY": "'stand-in-secret-key'",
        "DATA_ROOT": f"'{made.data}'",
        "PLUGINS_ROOT": f"'{made.plugins}'",
        "WWW_URL": "'http://paheko.test/'",
        "API_USER": "'lab'",
        "API_PASSWORD": "'lab-api-password'",
        **(constants or {}),
    }
    body = "".join(f"const {name} = {value};\n" for name, value in lines.items())
    made.config.write_text(f"<?php\nnamespace Paheko;\n{body}")
    create_database(made.database, VERSION)
    return made
