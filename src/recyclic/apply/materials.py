"""Everything a plan would install, at hand: folders of code, and the lock of requirements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recyclic.apply.errors import CodeMissingError, HashMismatchError
from recyclic.apply.fetch import artifact_folder
from recyclic.model.package import OriginKind, Package, PackageKind, Release
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.site.tree import file_hash, text_hash, tree_hash


@dataclass(frozen=True)
class Materials:
    """What apply takes code from.

    Attributes:
        artifacts: The hashes, for the plan.
        folders: The folder of each module and extension that has code to copy.
        requirements: The lock of Python requirements, or None when no module needs any.
    """

    artifacts: Artifacts
    folders: Mapping[Package, Path] = field(default_factory=dict)
    requirements: str | None = None

    def sources(self) -> dict[str, Path]:
        """The folder for each hash of a tree."""
        hashes = self.artifacts.modules, self.artifacts.paheko
        kinds = PackageKind.MODULE, PackageKind.EXTENSION
        return {
            found[name]: self.folders[Package(kind, name)]
            for kind, found in zip(kinds, hashes, strict=True)
            for name in found
            if Package(kind, name) in self.folders
        }


def gather(
    resolution: Resolution,
    *,
    inputs: tuple[Path, ...] = (),
    requirements: str | None = None,
    offline: bool = False,
) -> Materials:
    """The code of every module and extension of ``resolution``, hashed. Changes no site.

    Args:
        inputs: Every file that decided something.
        offline: Nothing is fetched.
        requirements: What ``lock_requirements`` gave.

    Raises:
        CodeMissingError: a module's files are nowhere.
        ArtifactUnavailableError, ArtifactRefusedError: an artifact cannot be had, or trusted.
        UnsafeTreeError: what is there may not be installed.
    """
    folders: dict[Package, Path] = {}
    for package, release in resolution.releases.items():
        folder = code_folder(release, offline=offline)
        if folder is not None:
            folders[package] = folder
    hashes = {package: tree_hash(folder) for package, folder in folders.items()}
    artifacts = Artifacts(
        modules=_of(hashes, PackageKind.MODULE),
        paheko=_of(hashes, PackageKind.EXTENSION),
        requirements=text_hash(requirements) if requirements is not None else None,
        inputs={str(path): file_hash(path) for path in inputs},
    )
    return Materials(artifacts, folders, requirements)


def _of(hashes: Mapping[Package, str], kind: PackageKind) -> dict[str, str]:
    return {each.name: hashes[each] for each in sorted(hashes) if each.kind is kind}


def code_folder(release: Release, *, offline: bool = False) -> Path | None:
    """Where a release's code is, or None when it has none of its own to copy.

    Raises:
        CodeMissingError: it should have some, and it is not there.
        ArtifactUnavailableError, ArtifactRefusedError: its artifact cannot be had, or trusted.
    """
    if release.package.kind not in (PackageKind.MODULE, PackageKind.EXTENSION):
        return None
    if release.origin.kind in (OriginKind.FOLDER, OriginKind.PAHEKO):
        folder = Path(release.origin.path)
        if folder.is_dir():
            return folder
        raise _missing(release)
    if release.artifact is not None:
        return artifact_folder(release, offline=offline)
    if release.package.kind is PackageKind.MODULE and release.origin.kind is OriginKind.INDEX:
        raise _missing(release)
    return None


def check_exact(config: SiteConfig, materials: Materials) -> None:
    """Return when the code at hand is exactly what ``config`` names.

    Raises:
        HashMismatchError: a module or an extension is other code, or is not there.
    """
    for prefix, expected, found in (
        ("module", config.module_hashes, materials.artifacts.modules),
        ("paheko", config.paheko_hashes, materials.artifacts.paheko),
    ):
        for name, content_hash in expected.items():
            if found.get(name) != content_hash:
                raise HashMismatchError(
                    package=f"{prefix}:{name}",
                    expected=content_hash,
                    found=found.get(name, "missing"),
                )


def _missing(release: Release) -> CodeMissingError:
    origin = f"{release.origin.kind.value} {release.origin.path}".strip()
    return CodeMissingError(
        package=str(release.package), version=str(release.version), origin=origin
    )
