"""A site's whole need in one archive, for machines without a network.

``recyclic.json`` says what is in it and the hash of everything; the rest is config.toml, the code
of modules and extensions, the lock of Python requirements and its wheels.
"""

import fcntl
import gzip
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from recyclic.apply.archive import extract
from recyclic.apply.errors import (
    ArchiveUnreadableError,
    ArtifactRefusedError,
    PackingError,
)
from recyclic.apply.materials import Materials
from recyclic.apply.step import Wheels
from recyclic.apply.wheels import check_fit, fetch_wheels
from recyclic.model.package import Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.plan import Plan
from recyclic.site.atomic import beside
from recyclic.site.config_file import read_config, write_config
from recyclic.site.errors import UnsafeTreeError
from recyclic.site.tree import EntryKind, file_hash, list_tree, text_hash, tree_hash

PACK_FORMAT = 1
ENDING = ".rcy"
"""How the name of an archive ends."""

_CONTENTS = "recyclic.json"
_PLACES = ((PackageKind.MODULE, "modules"), (PackageKind.EXTENSION, "extensions"))


def pack(plan: Plan, materials: Materials, target: Path, wheels: Wheels) -> int:
    """Write the archive of what ``plan`` leads to; returns its size in bytes.

    The same plan gives the same bytes. It holds no secret: config.toml has references only. Cut
    short, it leaves nothing under the name ``target``, and what a kill leaves beside it goes with
    the next archive that is written there.

    Raises:
        RequirementsUnavailableError, ArtifactUnavailableError: a wheel cannot be fetched.
        UnsafeTreeError: code with links in it, which no archive of ours may hold.
        PackingError: another run writes the same archive now.
        OSError: the archive cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="recyclic-pack-") as temporary:
        lock = materials.requirements
        found = fetch_wheels(lock, Path(temporary) / "wheels", wheels) if lock else []
        with _create(target) as archive:
            contents = {
                "format": PACK_FORMAT,
                "config": text_hash(write_config(plan.config).decode()),
                "wheels": {path.name: file_hash(path) for path in found},
            }
            _add(archive, _CONTENTS, json.dumps(contents, indent=2, sort_keys=True).encode())
            _add(archive, "config.toml", write_config(plan.config))
            for name, path, is_executable in _code(materials):
                _add(archive, name, path.read_bytes(), 0o755 if is_executable else 0o644)
            if lock is not None:
                _add(archive, "requirements.lock", lock.encode())
            for path in found:
                _add(archive, f"wheels/{path.name}", path.read_bytes())
    return target.stat().st_size


@contextmanager
def _create(target: Path) -> Iterator[tarfile.TarFile]:
    """An archive whose bytes depend on its content alone: no name, no time. It has its name once
    it is whole and on disk."""
    _remove_leftovers(target.parent)
    partial = beside(target)
    with partial.open("ab") as file:
        if not (_is_ours(file) and _is_named(file, partial)):
            raise PackingError(archive=str(target))
        try:
            file.truncate(0)
            with (
                gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as zipped,
                tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
            ):
                yield archive
            file.flush()
            os.fsync(file.fileno())
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _is_ours(file: IO[bytes]) -> bool:
    """Take the file's lock, which the kernel drops with its holder; False when somebody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_named(file: IO[bytes], path: Path) -> bool:
    """False when somebody finished, or removed, the file under that name before we had its lock."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _remove_leftovers(folder: Path) -> None:
    """Unfinished archives in ``folder`` whose writers are gone."""
    for path in folder.glob(f".*{ENDING}.new"):
        with suppress(OSError), path.open("rb") as file:
            if _is_ours(file):
                path.unlink()


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
        WheelsUnfitError: it was packed for another platform, or another Python.
    """
    extract(archive, folder)
    try:
        contents = json.loads((folder / _CONTENTS).read_bytes())
        if contents["format"] != PACK_FORMAT:
            raise ValueError(f"format {contents['format']}")
        _expect(folder / "config.toml", contents["config"])
        wheels = [folder / "wheels" / Path(name).name for name in contents["wheels"]]
        for path, expected in zip(wheels, contents["wheels"].values(), strict=True):
            _expect(path, expected)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveUnreadableError(archive=str(archive), detail=str(error)) from error
    config = read_config(folder / "config.toml")
    materials = _materials(folder, config)
    check_fit(wheels)
    return Unpacked(config, materials, folder / "wheels" if wheels else None)


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
