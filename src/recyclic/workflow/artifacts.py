"""The code that a resolution would install, and its hashes."""

from pathlib import Path

from recyclic.model.package import OriginKind, PackageKind, Release
from recyclic.plan.artifacts import Artifacts
from recyclic.site.tree import file_hash, tree_hash
from recyclic.workflow.resolving import Resolved


def code_folder(release: Release) -> Path | None:
    """The folder that holds a release's code on this machine, or None when there is none."""
    if release.origin.kind in (OriginKind.FOLDER, OriginKind.PAHEKO) and release.origin.path:
        return Path(release.origin.path)
    return None


def artifacts_of(resolved: Resolved, requirements: str | None = None) -> Artifacts:
    """Hashes of everything the resolution would install and of every file that decided it."""
    hashes: dict[PackageKind, dict[str, str]] = {
        PackageKind.MODULE: {},
        PackageKind.EXTENSION: {},
    }
    for package, release in sorted(resolved.resolution.releases.items()):
        folder = code_folder(release)
        if folder is not None and package.kind in hashes:
            hashes[package.kind][package.name] = tree_hash(folder)
    return Artifacts(
        modules=hashes[PackageKind.MODULE],
        paheko=hashes[PackageKind.EXTENSION],
        requirements=requirements,
        inputs={path: file_hash(Path(path)) for path in resolved.inputs.request.files},
    )
