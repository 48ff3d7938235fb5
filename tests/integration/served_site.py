"""A site made and served by the command line, as a user does it, for as long as a test needs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECYCLIC = (sys.executable, "-m", "recyclic")
_ENVIRONMENT = {**os.environ, "LC_ALL": "C", "NO_COLOR": "1"}


def apply_bundle(project: Path, bundle: str, *options: str) -> None:
    """Apply ``bundles/BUNDLE.toml`` of ``project``.

    Raises:
        AssertionError: it was not applied; what was printed says why.
    """
    command = [*RECYCLIC, "apply", "bundle", bundle, "--yes", *options]
    done = subprocess.run(
        command, cwd=project, env=_ENVIRONMENT, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def served(project: Path, *options: str) -> Iterator[str]:
    """The address of ``project``'s only site while it is served; it ends cleanly, or this fails."""
    with (project / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [*RECYCLIC, "serve", "--port", "0", *options],
            cwd=project,
            env=_ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert server.stdout is not None
    try:
        address = _address(server.stdout.readline(), project)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=40)
        finally:
            server.kill()
            server.stdout.close()
    assert server.returncode == 0, (project / "serve.log").read_text()


def _address(line: str, project: Path) -> str:
    assert "http://" in line, line + (project / "serve.log").read_text()
    return line[line.index("http://") :].strip()
