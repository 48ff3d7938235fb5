"""A Paheko to try things on: the stand-in, or a private copy of the real one.

``PAHEKO_ROOT`` names a real Paheko's folder (the one with ``bin/paheko``). It is only copied: every
test works on a copy of the code with an association of its own, in a temporary folder.
"""

import atexit
import base64
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.paheko_standin.make import make_stand_in

from recyclic.model.diagnostic import Place
from recyclic.model.profile import PahekoHost
from recyclic.paheko.command import PahekoCommand, Patience
from recyclic.paheko.environment import parse_environment
from recyclic.paheko.extension_host import PahekoExtensionHost
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.location import locate
from recyclic.paheko.server import Page, loopback_server
from recyclic.site.tree import tree_hash

REAL = pytest.param(
    "real",
    id="real",
    marks=[
        pytest.mark.paheko,
        pytest.mark.skipif(
            "PAHEKO_ROOT" not in os.environ,
            reason="PAHEKO_ROOT does not name the folder of a real Paheko",
        ),
    ],
)
KINDS = (pytest.param("stand-in", id="stand-in"), REAL)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command ended with and said, colours included."""

    status: int
    output: str
    complaint: str


@dataclass(frozen=True, slots=True)
class Bench:
    """One Paheko with its own association; ``folder`` is the test's."""

    folder: Path
    root: Path
    data: Path
    php: str

    @property
    def config(self) -> Path:
        return self.root / "config.local.php"

    @property
    def database(self) -> Path:
        return self.data / "association.sqlite"

    @property
    def plugins(self) -> Path:
        return self.data / "plugins"

    @property
    def modules(self) -> Path:
        return self.root / "modules"

    @property
    def sources(self) -> Path:
        """Where a test writes the extensions it installs."""
        return self.folder / "sources"

    @property
    def host(self) -> PahekoHost:
        return PahekoHost(str(self.root), Place("test"), php=self.php)

    def installation(self, patience: Patience | None = None) -> PahekoInstallation:
        return PahekoInstallation(locate(self.host), patience)

    def extensions(self, patience: Patience | None = None) -> PahekoExtensionHost:
        return PahekoExtensionHost(self.installation(patience), tree_hash)

    def run(self, *arguments: str, config: Path | None = None) -> Said:
        """Paheko's command line, as a careless driver would call it."""
        line = [self.php, str(self.root / "bin" / "paheko"), "-c", str(config or self.config)]
        done = subprocess.run(
            [*line, *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def page(self, path: str) -> Page:
        """One page, as an administrator who opens it."""
        command = PahekoCommand(locate(self.host))
        environment = parse_environment(command.run("env").output)
        with loopback_server(command, environment) as server:
            return server.get(path)

    def ask_sql(self, query: str) -> list[dict[str, Any]]:
        """The rows that Paheko's own read-only SQL interface gives."""
        with self.installation().serve() as server:
            request = urllib.request.Request(
                f"http://127.0.0.1:{server.port}/api/sql", query.encode(), method="POST"
            )
            encoded = base64.b64encode(b"lab:lab-api-password").decode()
            request.add_header("Authorization", f"Basic {encoded}")
            request.add_header("Content-Type", "text/plain")
            with urllib.request.urlopen(request, timeout=20) as answer:
                rows: list[dict[str, Any]] = json.load(answer)["results"]
                return rows


def make_bench(kind: str, folder: Path, constants: Mapping[str, str] | None = None) -> Bench:
    """A fresh Paheko of that kind in ``folder``.

    Args:
        constants: More constants of its configuration, values as PHP source.
    """
    (folder / "sources").mkdir()
    if kind == "stand-in":
        made = make_stand_in(folder / "stand-in", constants)
        return Bench(folder, made.root, made.data, str(made.php))
    return _real_bench(folder, constants or {})


def _real_bench(folder: Path, constants: Mapping[str, str]) -> Bench:
    php = shutil.which("php") or "php"
    template = _association(os.environ["PAHEKO_ROOT"], php)
    root, data = folder / "paheko", folder / "data"
    # The code is never written to, so linking is as good as copying, and quick.
    shutil.copytree(template / "paheko", root, copy_function=_link_or_copy)
    shutil.copytree(template / "data", data)
    (root / "config.local.php").unlink()
    _write_config(root, data, constants)
    return Bench(folder, root, data, php)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # Another file system, such as one in memory.
        shutil.copy2(source, target)


@functools.cache
def _association(source: str, php: str) -> Path:
    """A copy of the code with a new association, made once per run."""
    folder = Path(tempfile.mkdtemp(prefix="recyclic-real-paheko-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(source, folder / "paheko", ignore=lambda where, names: _skipped(where, source))
    (folder / "paheko" / "modules").mkdir()
    shutil.copytree(Path(source) / "modules" / "web", folder / "paheko" / "modules" / "web")
    (folder / "data" / "plugins").mkdir(parents=True)
    _write_config(folder / "paheko", folder / "data", {})
    password = folder / "password"
    password.write_text("bench admin password")
    line = [php, str(folder / "paheko" / "bin" / "paheko"), "init", "--country", "FR"]
    line += ["--orgname", "Bench", "--name", "Admin", "--email", "admin@example.org"]
    subprocess.run([*line, "--password-file", str(password)], check=True, capture_output=True)
    return folder


def _skipped(where: str, source: str) -> list[str]:
    at_top = Path(where) == Path(source)
    return ["data", "config.local.php", "modules", "error.log"] if at_top else []


def _write_config(root: Path, data: Path, constants: Mapping[str, str]) -> None:
    lines = {
        "SECRET_KEY": "'bench-secret-key-0123456789abcdef0123456789'",
        "DATA_ROOT": f"'{data}'",
        "PLUGINS_ROOT": f"'{data}/plugins'",
        "WWW_URL": "'http://paheko.test/'",
        "DISABLE_INSTALL_PING": "true",
        "DISABLE_EMAIL": "true",
        "API_USER": "'lab'",
        "API_PASSWORD": "'lab-api-password'",
        **constants,
    }
    body = "".join(f"const {name} = {value};\n" for name, value in lines.items())
    (root / "config.local.php").write_text(f"<?php\nnamespace Paheko;\n{body}")


def without_colours(text: str) -> str:
    """``text`` as a reader sees it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
