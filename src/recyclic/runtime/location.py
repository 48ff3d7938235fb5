"""Where a config.toml stands, and so where everything beside it is."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Location:
    """The folders that go with one config.toml.

    Attributes:
        config: The file itself, links resolved, so that a later switch of ``current`` does not
            change what this process reads.
        root: The site's folder; the folder of the file when it is in no generation.
        generation: Its number, or 0 when it is in none.
    """

    config: Path
    root: Path
    generation: int = 0

    @classmethod
    def of_config(cls, path: Path) -> Self:
        """The location of a config.toml, in a generation or anywhere else."""
        config = path.resolve()
        folder = config.parent
        if folder.parent.name == "generations" and _NUMBER.fullmatch(folder.name):
            return cls(config, folder.parent.parent, int(folder.name))
        return cls(config, folder)

    @classmethod
    def of_site(cls, root: Path) -> Self:
        """The current generation of a site."""
        return cls.of_config(root / "current" / "config.toml")

    @property
    def modules(self) -> Path:
        """The folder of this generation's modules."""
        return self.config.parent / "modules"

    @property
    def data(self) -> Path:
        """What outlives generations: one folder a module."""
        return self.root / "data"

    @property
    def run(self) -> Path:
        """What lives as long as a serving process: the control socket, and caches."""
        return self.root / "run"

    @property
    def site_packages(self) -> Path:
        """Where this generation's own Python requirements are, if it has any."""
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.config.parent / "env" / "lib" / python / "site-packages"
