"""A real ``recyclic serve`` on a site of a test's own, and what is needed to watch it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from tests.fakes.runtime_site import RuntimeSite

from recyclic.runtime.control import ControlClient

T = TypeVar("T")

DEADLINE_S = 40.0
"""For anything that is waited for: far more than it takes, on a machine that is busy."""


def until(look: Callable[[], T], what: str) -> T:
    """The first truthy answer of ``look``."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        answer = look()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {DEADLINE_S:g} s in vain: {what}")


class Served:
    """One serving process."""

    def __init__(self, site: RuntimeSite, *options: str, **environment: str) -> None:
        self.site = site
        self._log = site.root / "serve.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "recyclic", "serve"),
                    *("--instance", str(site.root), "--port", "0", *options),
                ],
                env={**os.environ, "LC_ALL": "C", **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "http://" in line, line + self.log()
        self.address = line.split()[-1]
        self.family = psutil.Process(self.process.pid)

    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str) -> Any:
        """The JSON at ``path``, on a connection of its own."""
        answer = httpx.get(self.address + path, timeout=DEADLINE_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def health(self) -> dict[str, Any]:
        """The health document, whatever its status."""
        report: dict[str, Any] = httpx.get(self.address + "/health", timeout=DEADLINE_S).json()
        return report

    def control(self) -> ControlClient:
        return ControlClient(self.site.root / "run", timeout_s=DEADLINE_S)

    def workers(self) -> list[int]:
        """Process ids of the workers that serve now."""
        with self.control() as control:
            found = control.ask("status")["workers"]
        return [worker["pid"] for worker in found if worker["state"] == "serving"]

    def stop(self) -> int:
        """SIGTERM; returns the exit code, once every child has gone."""
        children = self.family.children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE_S)
        _gone, alive = psutil.wait_procs(children, timeout=5)
        assert not alive, alive
        return code


@contextmanager
def serving(site: RuntimeSite, *options: str, **environment: str) -> Iterator[Served]:
    """A served site; when the test is through it has to end cleanly."""
    served = Served(site, *options, **environment)
    assert served.process.stdout is not None
    try:
        yield served
        if served.process.poll() is None:
            assert served.stop() == 0, served.log()
    finally:
        for child in _family(served.family):
            child.kill()
        served.process.wait()
        served.process.stdout.close()


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def refused(site: RuntimeSite, *options: str) -> tuple[int, str]:
    """Exit code and standard error of a serve that must not come up."""
    done = subprocess.run(
        [sys.executable, "-m", "recyclic", "serve", "--instance", str(site.root), *options],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    return done.returncode, done.stderr


def lines(file: Path) -> list[str]:
    """What a module wrote there so far."""
    return file.read_text().split() if file.exists() else []
