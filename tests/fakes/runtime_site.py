"""A site on disk for tests of the runtime: a generation with modules, and its config.toml."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import write_config

PLAIN_MODULE = """
from recyclic import ModuleBase


class Module(ModuleBase):
    def register_routes(self, app):
        @app.get("/api/{name}/hello")
        async def hello():
            return {{"from": "{name}"}}


MODULE_CLASS = Module
"""


@dataclass
class RuntimeSite:
    """Writes modules and generations below ``root``, as an installer would."""

    root: Path
    events: Mapping[str, Any] = field(default_factory=lambda: {"url": "memory://"})
    number: int = 1
    order: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def generation(self) -> Path:
        return self.root / "generations" / f"{self.number:06d}"

    @property
    def config(self) -> Path:
        return self.generation / "config.toml"

    def module(
        self,
        name: str,
        code: str | None = None,
        *,
        manifest: str = "",
        version: str = "1.0",
        files: Mapping[str, str] | None = None,
    ) -> "RuntimeSite":
        """Add a module at the end of the boot order. ``code`` is the body of its class."""
        folder = self.generation / "modules" / name
        folder.mkdir(parents=True)
        text = PLAIN_MODULE.format(name=name) if code is None else module_code(code)
        (folder / "__init__.py").write_text(text)
        (folder / "module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n{manifest}')
        for path, content in (files or {}).items():
            (folder / path).write_text(textwrap.dedent(content))
        self.order.append(name)
        self.versions.setdefault(name, version)
        return self

    def write(self, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Path:
        """Write config.toml and make this generation the current one; returns the file."""
        config = SiteConfig(
            site="demo",
            bundle="standard",
            bundle_version="1.0",
            modules=tuple(self.order),
            module_versions=self.versions,
            settings=settings or {},
            events=self.events,
        )
        self.generation.mkdir(parents=True, exist_ok=True)
        self.config.write_bytes(write_config(config))
        self.switch()
        return self.config

    def switch(self) -> None:
        """Point ``current`` at this generation, in one step."""
        fresh = self.root / "current.new"
        fresh.symlink_to(f"generations/{self.number:06d}")
        fresh.replace(self.root / "current")

    def next(self) -> "RuntimeSite":
        """The following generation of the same site, still empty."""
        return RuntimeSite(self.root, self.events, self.number + 1)


def module_code(body: str) -> str:
    """A module's file from the body of its class."""
    methods = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return (
        "import asyncio\nimport os\nimport time\nfrom pathlib import Path\n\n"
        "from recyclic import ModuleBase\n\n\n"
        f"class Module(ModuleBase):\n{methods}\n\n\nMODULE_CLASS = Module\n"
    )
