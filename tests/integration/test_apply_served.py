"""A site that is being served is moved over: no request fails, nothing broken is let in."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.fakes.apply_world import Wish, World

from recyclic.apply.errors import HealthFailedError, QuarantinedPlanError, StepFailedError

MODULE = """
from recyclic import ModuleBase

VERSION = {version!r}
{more}

class Till(ModuleBase):
    async def startup(self, app, config): ...
    async def shutdown(self): ...
    def register_routes(self, app):
        @app.get("/modules/till/version")
        def version() -> str:
            return VERSION
    def register_signals(self, bus): ...

MODULE_CLASS = Till
"""


@pytest.fixture
def world() -> Iterator[World]:
    """A site with one module that tells its version."""
    with tempfile.TemporaryDirectory() as made:
        world = World(Path(made))
        write(world, "1.0")
        world.apply(Wish({"till": "1.0"}))
        yield world


def write(world: World, version: str, more: str = "") -> None:
    code = world.write_module("till", version) / "__init__.py"
    code.write_text(MODULE.format(version=version, more=more))
    manifest = code.with_name("module.toml")
    manifest.write_text(f'name = "till"\nversion = "{version}"\n[ui]\nroutes = ["/modules/till"]\n')


@contextmanager
def served(world: World) -> Iterator[str]:
    """The site's address while ``recyclic serve`` runs on a free port."""
    line = [sys.executable, "-m", "recyclic", "serve", "--port", "0", "--grace", "5"]
    line += ["--instance", str(world.site.root)]
    with (world.folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log)
    try:
        yield address_in(world.folder / "serve.log", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(errors="replace"))
        if found and ask(f"{found.group()}/health") is not None:
            return found.group()
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def ask(url: str) -> object:
    """The answer as JSON; None when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


class Clients:
    """Ask for the version without pause, and count."""

    def __init__(self, address: str) -> None:
        self._url = f"{address}/modules/till/version"
        self._over = threading.Event()
        self.answers: list[object] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(2)]

    def _ask(self) -> None:
        while not self._over.is_set():
            self.answers.append(ask(self._url))
            time.sleep(0.01)

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_a_served_site_is_moved_over_without_losing_a_request(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """An update reaches the clients; one that does not start never does; none sees an error."""
    write(world, "2.0")
    write(world, "3.0", "raise RuntimeError('broken')")
    with served(world) as address:
        with Clients(address) as clients:
            world.apply(Wish({"till": "2.0"}))
            with pytest.raises(StepFailedError) as caught:
                world.apply(Wish({"till": "3.0"}))
            with pytest.raises(QuarantinedPlanError):
                world.apply(Wish({"till": "3.0"}))
        assert isinstance(caught.value.__cause__, HealthFailedError)
        assert ask(f"{address}/modules/till/version") == "2.0"
    with capsys.disabled():
        print(f"\nhand-over: {len(clients.answers)} requests, {clients.answers.count(None)} failed")
    assert None not in clients.answers
    assert set(clients.answers) == {"1.0", "2.0"}
    assert world.site.current_number() == 2
    assert not os.path.lexists(world.site.transaction)
