"""What the runtime costs beside plain FastAPI with the same routes: boot, request, memory.

    python tests/bench/runtime.py            # about two minutes
    python tests/bench/runtime.py --quick    # small numbers of modules, for a look

Each figure comes from processes of its own, the two contenders taking turns; the median of the
CPU times is shown, and the ratio to plain FastAPI, which is what matters: machines differ.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANIFEST = """name = "Module {name}"
version = "1.0.0"
description = "One of many"

[permissions]
section = "web"
level = "read"

[ui]
routes = ["/modules/{name}"]
slots = ["menu"]

[dependencies]
modules = [{needs}]
python = []
"""

MODULE = """from fastapi import APIRouter

from recyclic import ModuleBase

router = APIRouter()


@router.get("/api/{name}/items/{{item}}")
async def read(item: int) -> dict[str, int]:
    return {{"item": item}}


class Module(ModuleBase):
    def register_routes(self, app):
        app.include_router(router)


MODULE_CLASS = Module
"""

PLAIN = """from fastapi import APIRouter

router = APIRouter()


@router.get("/api/{name}/items/{{item}}")
async def read(item: int) -> dict[str, int]:
    return {{"item": item}}
"""


def make_sites(folder: Path, count: int) -> None:
    """The same routes twice: as modules of a site, and as routers of a plain package."""
    names = [f"m{number:04d}" for number in range(count)]
    for number, name in enumerate(names):
        module = folder / "modules" / name
        module.mkdir(parents=True)
        needs = f'"{names[number - 1]}>=1,<2"' if number else ""
        (module / "module.toml").write_text(MANIFEST.format(name=name, needs=needs))
        (module / "__init__.py").write_text(MODULE.format(name=name))
        plain = folder / "plain_modules" / name
        plain.mkdir(parents=True)
        (plain / "__init__.py").write_text(PLAIN.format(name=name))
    enabled = ", ".join(f'"{name}"' for name in names)
    versions = "\n".join(f'{name} = "1.0.0"' for name in names)
    (folder / "config.toml").write_text(
        'format = 1\nsite = "bench"\nbundle = "b"\nbundle_version = "1"\n\n'
        f"[modules]\nenabled = [{enabled}]\n\n[versions.modules]\n{versions}\n\n"
        '[events]\nurl = "memory://"\n'
    )


def build_site(folder: Path) -> Any:
    from recyclic.runtime.app import create_app

    return lambda: create_app(folder / "config.toml")


def build_plain(folder: Path) -> Any:
    from importlib import import_module

    from fastapi import FastAPI

    sys.path.insert(0, str(folder))
    names = sorted(child.name for child in (folder / "plain_modules").iterdir())

    def build() -> FastAPI:
        sys.setrecursionlimit(20_000)  # its lifespan nests once per router
        app = FastAPI()
        for name in names:
            if name.startswith("m"):
                app.include_router(import_module(f"plain_modules.{name}").router)
        return app

    return build


def resident_mb() -> float:
    """Of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def one_request(app: Any, path: str) -> int:
    """A request in process, without a server; returns the status."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return status


async def measure(build: Callable[[], Any], last: str, requests: int) -> dict[str, float]:
    """One process's figures."""
    before_mb, began = resident_mb(), time.process_time()
    app = build()
    async with app.router.lifespan_context(app):
        boot_ms = (time.process_time() - began) * 1e3
        path = f"/api/{last}/items/7"
        assert await one_request(app, path) == 200
        start_ms = time.process_time() * 1e3
        memory_mb = resident_mb()
        for _ in range(requests // 10):
            await one_request(app, path)
        began = time.process_time()
        for _ in range(requests):
            await one_request(app, path)
        request_us = (time.process_time() - began) / requests * 1e6
    return {
        "boot_ms": boot_ms,
        "start_ms": start_ms,
        "memory_mb": memory_mb,
        "grown_mb": memory_mb - before_mb,
        "request_us": request_us,
    }


def child(contender: str, folder: Path, requests: int) -> None:
    """Be one measured process: figures as JSON on standard output."""
    build = {"site": build_site, "plain": build_plain}[contender](folder)
    last = max(child.name for child in (folder / "modules").iterdir() if child.name[0] == "m")
    print(json.dumps(asyncio.run(measure(build, last, requests))))


def figures(contender: str, folder: Path, requests: int) -> dict[str, float]:
    """Run one measured process."""
    command = [sys.executable, __file__, "--child", contender, str(folder), str(requests)]
    # Byte code is kept, as it is where modules are installed, whatever this shell says.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def compare(count: int, rounds: int, requests: int) -> dict[str, tuple[float, float]]:
    """Median of each figure for plain FastAPI and for us, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_sites(folder, count)
        for contender in ("plain", "site"):
            figures(contender, folder, 10)  # compiles the modules, as installing does
        runs: dict[str, list[dict[str, float]]] = {"plain": [], "site": []}
        for _ in range(rounds):
            for contender, found in runs.items():
                found.append(figures(contender, folder, requests))
    return {
        figure: (
            statistics.median(run[figure] for run in runs["plain"]),
            statistics.median(run[figure] for run in runs["site"]),
        )
        for figure in runs["plain"][0]
    }


LABELS = {
    "boot_ms": "boot, CPU ms (frameworks imported)",
    "start_ms": "process start to first 200, CPU ms",
    "memory_mb": "resident memory after it, MB",
    "grown_mb": "of which for the modules, MB",
    "request_us": "request to the last module, CPU us",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="1 and 20 modules, one round")
    parser.add_argument("--modules", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]), int(options.child[2]))
        return
    counts, rounds = ([1, 20], 1) if options.quick else (options.modules, options.rounds)
    print(f"{'':38}{'modules':>8}{'plain':>12}{'recyclic':>12}{'ratio':>8}")
    for count in counts:
        compared = compare(count, rounds, 200 if options.quick else 2000)
        for figure, label in LABELS.items():
            plain, ours = compared[figure]
            ratio = ours / plain if plain else float("nan")
            print(f"{label:38}{count:8}{plain:12.1f}{ours:12.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
