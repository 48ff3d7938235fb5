"""A site's whole need in one archive, for machines without a network.

``recyclic.json`` says what is in it and the hash of everything; the rest is config.toml, the code
of modules and extensions, the lock of Python requirements and its wheels.
"""

import gzip
import io
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.archive import extract
from recyclic.apply.errors import (
    ArchiveUnreadableError,
    ArtifactRefusedError,
    RequirementsUnavailableError,
)
from recyclic.apply.materials import Materials
from recyclic.apply.step import Wheels
from recyclic.apply.uv import run_uv, wheel_options
from recyclic.model.package import Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.plan import Plan
from recyclic.site.config_file import read_config, write_config
from recyclic.site.errors import UnsafeTreeError
from recyclic.site.tree import EntryKind, file_hash, list_tree, text_hash, tree_hash

PACK_FORMAT = 1
_CONTENTS = "recyclic.json"
_PLACES = ((PackageKind.MODULE, "modules"), (PackageKind.EXTENSION, "extensions"))


def pack(plan: Plan, materials: Materials, target: Path, wheels: Wheels) -> int:
    """Write the archive of what ``plan`` leads to; returns its size in bytes.

    The same plan gives the same bytes. It holds no secret: config.toml has references only.

    Raises:
        RequirementsUnavailableError: a wheel cannot be fetched.
        UnsafeTreeError: code with links in it, which no archive of ours may hold.
        OSError: the archive cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="recyclic-pack-") as temporary:
        folder = Path(temporary)
        found = _fetch_wheels(materials, folder, wheels) if materials.requirements else []
        partial = target.with_name(f".{target.name}.new")
        with _create(partial) as archive:
            contents = {
                "format": PACK_FORMAT,
                "config": text_hash(write_config(plan.config).decode()),
                "wheels": {path.name: file_hash(path) for path in found},
            }
            _add(archive, _CONTENTS, json.dumps(contents, indent=2, sort_keys=True).encode())
            _add(archive, "config.toml", write_config(plan.config))
            for name, path, is_executable in _code(materials):
                _add(archive, name, path.read_bytes(), 0o755 if is_executable else 0o644)
            if materials.requirements is not None:
                _add(archive, "requirements.lock", materials.requirements.encode())
            for path in found:
                _add(archive, f"wheels/{path.name}", path.read_bytes())
        partial.rename(target)
    return target.stat().st_size


@contextmanager
def _create(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive whose bytes depend on its content alone: no name, no time."""
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        yield archive


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _code(materials: Materials) -> Iterator[tuple[str, Path, bool]]:
    for kind, place in _PLACES:
        for package, folder in sorted(materials.folders.items()):
            if package.kind is kind:
                for entry in list_tree(folder):
                    path = folder / entry.path
                    if entry.kind is EntryKind.LINK:
                        raise UnsafeTreeError(folder=str(folder), entry=entry.path, problem="link")
                    if entry.kind is EntryKind.FILE:
                        yield f"{place}/{package.name}/{entry.path}", path, entry.is_executable


def _fetch_wheels(materials: Materials, folder: Path, wheels: Wheels) -> list[Path]:
    """Every distribution of the lock, as a wheel, in ``folder``; checked against the lock."""
    lock = folder / "requirements.lock"
    lock.write_text(materials.requirements or "", encoding="utf-8")
    target = folder / "wheels"
    outcome = run_uv(
        [
            *("tool", "run", "--quiet", "--python", sys.executable, "pip", "download"),
            *("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"),
            *("--only-binary", ":all:", "--dest", str(target), "--requirement", str(lock)),
            *(part for part in wheel_options(wheels) if part != "--offline"),
        ],
        folder,
    )
    if outcome.status != 0:
        raise RequirementsUnavailableError(asks=["pack"], detail=outcome.said)
    return sorted(target.iterdir())


@dataclass(frozen=True)
class Unpacked:
    """An archive taken apart and checked.

    Attributes:
        wheels: Where the distributions of the lock are; None when there are none.
    """

    config: SiteConfig
    materials: Materials
    wheels: Path | None


def unpack(archive: Path, folder: Path) -> Unpacked:
    """Take an archive apart in the new ``folder``; every hash in it was checked.

    Raises:
        HostileArchiveError, ArchiveUnreadableError: it is not one that ``pack`` wrote.
        ArtifactRefusedError: something in it is not what its config.toml names.
    """
    extract(archive, folder)
    try:
        contents = json.loads((folder / _CONTENTS).read_bytes())
        if contents["format"] != PACK_FORMAT:
            raise ValueError(f"format {contents['format']}")
        _expect(folder / "config.toml", contents["config"])
        for name, expected in contents["wheels"].items():
            _expect(folder / "wheels" / Path(name).name, expected)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveUnreadableError(archive=str(archive), detail=str(error)) from error
    config = read_config(folder / "config.toml")
    wheels = folder / "wheels"
    materials = _materials(folder, config)
    return Unpacked(config, materials, wheels if wheels.is_dir() else None)


def _expect(path: Path, expected: str) -> None:
    found = file_hash(path)
    if found != expected:
        raise ArtifactRefusedError(location=path.name, expected=expected, found=found)


def _materials(folder: Path, config: SiteConfig) -> Materials:
    folders: dict[Package, Path] = {}
    for (kind, place), hashes in zip(
        _PLACES, (config.module_hashes, config.paheko_hashes), strict=True
    ):
        for name, expected in hashes.items():
            tree = folder / place / name
            found = tree_hash(tree) if tree.is_dir() else "missing"
            if found != expected:
                raise ArtifactRefusedError(
                    location=f"{place}/{name}", expected=expected, found=found
                )
            folders[Package(kind, name)] = tree
    lock = None
    if config.requirements_hash is not None:
        _expect(folder / "requirements.lock", config.requirements_hash)
        lock = (folder / "requirements.lock").read_text(encoding="utf-8")
    artifacts = Artifacts(config.module_hashes, config.paheko_hashes, config.requirements_hash)
    return Materials(artifacts, folders, lock)
