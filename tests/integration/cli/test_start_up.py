"""A command loads what it needs and no more: half a second of every run is importing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Servers, drawing and the driver of a Paheko: a second of importing between them.
HEAVY = {
    "fastapi",
    "networkx",
    "redis",
    "uvicorn",
    "recyclic.events.site_bus",
    "recyclic.paheko.extension_host",
    "recyclic.paheko.installation",
    "recyclic.runtime.app",
}

_RUN = """
import sys
from recyclic.cli.main import invoke
code = invoke(sys.argv[1:])
print(code, *sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "command",
    [
        ["--version"],
        ["resolve", "bundle", "ressourcerie-standard", "--no-python"],
        ["why", "caisse", "bundle", "ressourcerie-standard"],
    ],
    ids=lambda command: command[0],
)
def test_nothing_heavy_is_loaded_without_need(command: list[str]) -> None:
    """Neither a server nor what drives a Paheko, where no Paheko is named."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, *loaded = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    assert HEAVY & set(loaded) == set()
