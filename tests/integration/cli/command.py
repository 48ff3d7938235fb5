"""The command line, run from outside as a person or a script would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """What a command ended with."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as one JSON value."""
        value: dict[str, Any] = json.loads(self.out)
        return value


def recyclic(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run ``recyclic`` in ``folder``, in English unless told otherwise, with nobody to ask."""
    done = subprocess.run(
        [sys.executable, "-m", "recyclic", *arguments],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def start_recyclic(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """``recyclic`` begun in ``folder``; whoever asked for it waits for its end."""
    return subprocess.Popen(
        [sys.executable, "-m", "recyclic", *arguments],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


MODULE = """
from fastapi import FastAPI
from recyclic import ModuleBase

class Module(ModuleBase):
    def register_routes(self, app: FastAPI) -> None:
        app.add_api_route("/api/{name}", lambda: {{"name": "{name}"}})

MODULE_CLASS = Module
"""


def write_module(modules: Path, name: str, version: str = "1.0.0", extra: str = "") -> Path:
    """A module without Python requirements, in a folder of its own."""
    folder = modules / name
    folder.mkdir(parents=True, exist_ok=True)
    head = f'name = "{name}"\nversion = "{version}"\ndescription = "A module"\n'
    (folder / "module.toml").write_text(head + extra, encoding="utf-8")
    (folder / "__init__.py").write_text(MODULE.format(name=name), encoding="utf-8")
    return folder


def write_bundle(folder: Path, name: str, body: str) -> Path:
    """A bundle's file in ``bundles/``."""
    path = folder / "bundles" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'name = "{name}"\nversion = "1.0.0"\n{body}', encoding="utf-8")
    return path
