"""Resolutions for tests, made from manifests as people write them."""

from pathlib import Path
from textwrap import dedent

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.module_file import load_module
from recyclic.manifest.profile import load_profile
from recyclic.model.package import Package, PackageKind, Release
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution


class MadeSite:
    """Modules, bundles and a profile written into a folder, all of them in the resolution."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._releases: dict[Package, Release] = {}
        self.profile("")

    def module(self, name: str, text: str = "", version: str = "1.0") -> "MadeSite":
        """Add a module; ``text`` follows its name and version."""
        folder = self.folder / name
        folder.mkdir()
        head = f'name = "{name}"\nversion = "{version}"\n'
        (folder / "module.toml").write_text(head + dedent(text), encoding="utf-8")
        return self._add(load_module(folder))

    def bundle(self, name: str, text: str = "") -> "MadeSite":
        """Add a bundle."""
        path = self.folder / f"{name}.toml"
        head = f'name = "{name}"\nversion = "1.0"\n'
        path.write_text(head + dedent(text), encoding="utf-8")
        return self._add(load_bundle(path))

    def profile(self, text: str) -> "MadeSite":
        """The profile; its bundle is ``main``."""
        path = self.folder / "profile.toml"
        path.write_text('site = "a"\nbundle = "main"\n' + dedent(text), encoding="utf-8")
        self.request: Request = load_profile(path)
        return self

    def _add(self, release: Release) -> "MadeSite":
        self._releases[release.package] = release
        return self

    def resolution(self, **providers: str) -> Resolution:
        """Everything added so far; ``till="caisse"`` says which module was chosen for ``till``."""
        return Resolution(
            versions={package: each.version for package, each in sorted(self._releases.items())},
            releases=dict(sorted(self._releases.items())),
            required_by={},
            chosen_providers={
                capability: Package(PackageKind.MODULE, name)
                for capability, name in providers.items()
            },
            overrides=self.request.overrides,
        )
