"""The Python requirements of the new generation, built where they will stay."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.errors import EnvironmentFailedError
from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts, PlainStep, Wheels
from recyclic.apply.uv import run_uv, wheel_options
from recyclic.site.layout import Generation


@dataclass(frozen=True, slots=True)
class BuildEnvironment(PlainStep):
    """Build ``env/`` at its final path from the generation's lock; never synced in place.

    uv links files from its cache, so a second generation with the same lock costs little.
    """

    kind: ClassVar[str] = "build-environment"
    leads_to: ClassVar[State] = State.STAGED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing: the generation is new."""
        return {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Build it."""
        generation = bench.site.generation(self.number)
        bench.site.disk.run(
            generation.environment, lambda: build_environment(generation, bench.wheels)
        )

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing: it goes with the generation."""


def build_environment(generation: Generation, wheels: Wheels) -> None:
    """Make the generation's ``env/`` hold exactly what its lock names, by hash.

    Raises:
        EnvironmentFailedError: with uv's words.
    """
    folder, environment = generation.folder, generation.environment
    _run(["venv", "--quiet", "--no-project", "--python", sys.executable, str(environment)], folder)
    _run(
        [
            *("pip", "sync", "--quiet", "--require-hashes", "--link-mode", "hardlink"),
            *("--python", str(environment / "bin" / "python")),
            *wheel_options(wheels),
            str(generation.requirements),
        ],
        folder,
    )


def _run(arguments: list[str], folder: Path) -> None:
    outcome = run_uv(arguments, folder)
    if outcome.status != 0:
        raise EnvironmentFailedError(detail=outcome.said)
