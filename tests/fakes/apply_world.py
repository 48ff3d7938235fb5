"""A small world to apply things in: module folders, bundles of them, one site."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.apply.apply import AppliedReport, ApplyOptions, apply
from recyclic.apply.host import ExtensionHost
from recyclic.apply.kill_test import Picture, picture_of
from recyclic.apply.materials import Materials, gather
from recyclic.apply.paheko import observe_paheko, open_host
from recyclic.apply.recover import recover
from recyclic.model.diagnostic import Place
from recyclic.model.observed import Observed
from recyclic.model.package import (
    ROOT,
    ExtensionKind,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import PahekoHost, Request
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.model.settings import LayeredValue
from recyclic.plan.plan import Plan, make_plan
from recyclic.plan.target import host_table
from recyclic.site.disk import Disk, Witness
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.site.observe import observe_site

BUNDLE = Package(PackageKind.BUNDLE, "standard")
LINE = Place("bundles/standard.toml", 4, 1)


@dataclass(frozen=True)
class Wish:
    """What a site shall have: versions of modules and extensions by name, and settings."""

    modules: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """One folder with the sources of modules and extensions, and a site."""

    folder: Path
    paheko: PahekoHost | None = None

    @property
    def site(self) -> Site:
        return Site(self.folder / "site")

    def write_module(self, name: str, version: str) -> Path:
        """Write the code of one version of a module: files, a folder, a script, a link."""
        tree = self.folder / "sources" / f"{name}-{version}"
        if not tree.exists():
            (tree / "inner").mkdir(parents=True)
            (tree / "module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n')
            (tree / "__init__.py").write_text(f"VERSION = {version!r}\n")
            (tree / "inner" / "run.sh").write_text("#!/bin/sh\n")
            (tree / "inner" / "run.sh").chmod(0o755)
            (tree / "inner" / "link").symlink_to("run.sh")
        return tree

    def resolution(self, wish: Wish) -> Resolution:
        """A resolution that grants the wish."""
        releases = {BUNDLE: Release(BUNDLE, Version("1"), LINE, Origin(OriginKind.FOLDER))}
        for name, version in wish.modules.items():
            package = Package(PackageKind.MODULE, name)
            origin = Origin(OriginKind.FOLDER, str(self.write_module(name, version)))
            releases[package] = Release(package, Version(version), LINE, origin)
        for name, version in wish.extensions.items():
            package = Package(PackageKind.EXTENSION, name)
            tree = self.folder / "sources" / f"paheko-{version}" / name
            is_plugin = (tree / "plugin.ini").is_file()
            releases[package] = Release(
                package,
                Version(version),
                LINE,
                Origin(OriginKind.FOLDER, str(tree)),
                extension_kind=ExtensionKind.PLUGIN if is_plugin else ExtensionKind.BRINDILLE,
            )
        return Resolution(
            versions={package: release.version for package, release in releases.items()},
            releases=releases,
            required_by={
                package: (
                    RequiredBy(
                        ROOT if package == BUNDLE else BUNDLE,
                        Requirement(package, SpecifierSet(), LINE),
                    ),
                )
                for package in releases
            },
            order=tuple(wish.modules),
            settings={
                module: {key: LayeredValue(value, LINE, "bundle") for key, value in table.items()}
                for module, table in wish.settings.items()
            },
        )

    @property
    def request(self) -> Request:
        bundle = Requirement(BUNDLE, SpecifierSet(), LINE)
        return Request("lyon", bundle, paheko=self.paheko)

    def host(self) -> ExtensionHost | None:
        """The driver of this world's Paheko, if there is one."""
        return open_host({"paheko": host_table(self.paheko)}) if self.paheko else None

    def observe(self, wish: Wish) -> Observed:
        """What an apply of ``wish`` would look at."""
        observed = observe_site(self.site)
        host = self.host()
        if host is None:
            return observed
        config = read_installed(self.site).config
        names = {*wish.extensions, *(config.paheko_versions if config else ())}
        return replace(observed, paheko=observe_paheko(host, names))

    def plan(self, wish: Wish) -> tuple[Plan, Materials]:
        """The plan for a wish, made from what is there."""
        resolution = self.resolution(wish)
        materials = gather(resolution)
        installed = read_installed(self.site)
        observed = self.observe(wish)
        return make_plan(installed, resolution, self.request, observed, materials.artifacts), (
            materials
        )

    def apply(
        self, wish: Wish, witness: Witness | None = None, options: ApplyOptions | None = None
    ) -> AppliedReport:
        """Plan and apply."""
        plan, materials = self.plan(wish)
        return apply(
            plan,
            materials,
            Site(self.site.root, Disk(witness)),
            host=self.host(),
            options=options or ApplyOptions(),
        )


@dataclass(frozen=True)
class ApplyTrial:
    """An apply on a world as it was, any number of times."""

    world: World
    wish: Wish
    pristine: Path
    more: tuple[Path, ...] = ()

    def reset(self) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        for path in (self.world.site.root, *self.more):
            kept = self.pristine / path.name
            shutil.rmtree(path, ignore_errors=True)
            if kept.exists():
                shutil.copytree(kept, path, symlinks=True)

    def keep(self) -> "ApplyTrial":
        """Take what is there now as what ``reset`` goes back to."""
        for path in (self.world.site.root, *self.more):
            if path.exists():
                shutil.copytree(path, self.pristine / path.name, symlinks=True)
        return self

    def run(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        self.world.apply(self.wish, witness)

    def recover(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        recover(Site(self.world.site.root, Disk(witness)))

    def picture(self) -> Picture:
        """See :class:`recyclic.apply.kill_test.Trial`: folders that every site has count for
        nothing."""
        found = picture_of(self.world.site.root)
        return {path: what for path, what in found.items() if "/" in path or what != "folder"}
