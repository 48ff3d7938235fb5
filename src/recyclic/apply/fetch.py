"""Artifacts of an index: fetched once, checked, kept in the user's cache."""

import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from recyclic.apply.archive import extract
from recyclic.apply.errors import ArtifactRefusedError, ArtifactUnavailableError
from recyclic.model.package import Artifact, Release

_TIMEOUT_S = 30.0
_LARGEST_BYTES = 256 << 20
_CHUNK_BYTES = 1 << 16


def artifact_folder(release: Release, *, offline: bool = False) -> Path:
    """The code of a release whose index names an artifact, extracted and checked.

    A path is taken from the folder of the index.

    Raises:
        ArtifactUnavailableError: it cannot be fetched.
        ArtifactRefusedError: it is not what the index says.
        HostileArchiveError, ArchiveUnreadableError: it is no archive we take.
    """
    artifact = release.artifact
    assert artifact is not None
    folder = _cache() / artifact.sha256
    if not folder.is_dir():
        beside = Path(release.origin.path).parent
        _fill(folder, artifact, beside, offline)
    return _top(folder)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "recyclic" / "artifacts"


def fetch_file(artifact: Artifact, target: Path, offline: bool = False) -> Path:
    """Make the new file ``target`` hold the artifact; returns it. A relative path is taken from
    its folder.

    Raises:
        ArtifactUnavailableError: it cannot be fetched.
        ArtifactRefusedError: it is not what the index says.
    """
    found = _copy(artifact, target.parent, target, offline)
    if found != artifact.sha256.removeprefix("sha256:"):
        raise ArtifactRefusedError(
            location=artifact.location, expected=artifact.sha256, found=found
        )
    return target


def _fill(folder: Path, artifact: Artifact, beside: Path, offline: bool) -> None:
    """Fetch, check and extract beside the final place; then rename."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as temporary:
        from_there = replace(artifact, location=_absolute(artifact.location, beside))
        archive = fetch_file(from_there, Path(temporary) / "archive", offline)
        extract(archive, Path(temporary) / "tree")
        try:
            (Path(temporary) / "tree").rename(folder)
        except OSError:
            if not folder.is_dir():  # another run was quicker: its copy is as good
                raise


def _absolute(location: str, beside: Path) -> str:
    return location if urlsplit(location).scheme else str(beside / location)


def _copy(artifact: Artifact, beside: Path, target: Path, offline: bool) -> str:
    """Copy an artifact's bytes to ``target``; their sha256 as hex."""
    try:
        with _open(artifact.location, beside, offline) as source, target.open("wb") as file:
            return _pour(source, file, artifact)
    except (OSError, ValueError) as error:
        raise ArtifactUnavailableError(location=artifact.location, detail=str(error)) from error


def _open(location: str, beside: Path, offline: bool) -> IO[bytes]:
    """The bytes at ``location``; whoever calls closes them."""
    import urllib.request  # a quarter of a second that plans without artifacts do not pay

    parts = urlsplit(location)
    if parts.scheme in ("http", "https"):
        if offline:
            raise ArtifactUnavailableError(location=location, detail="offline")
        opened: IO[bytes] = urllib.request.urlopen(location, timeout=_timeout_s())
        return opened
    if parts.scheme == "file":
        return open(urllib.request.url2pathname(parts.path), "rb")  # noqa: PTH123 - handed on
    return (beside / location).open("rb")


def _timeout_s() -> float:
    """How long a server may be silent: uv's own variable, so that one setting is enough."""
    told = os.environ.get("UV_HTTP_TIMEOUT", "")
    return float(told) if told.isdigit() and int(told) else _TIMEOUT_S


def _pour(source: IO[bytes], file: IO[bytes], artifact: Artifact) -> str:
    digest, size = hashlib.sha256(), 0
    limit = artifact.size_bytes or _LARGEST_BYTES
    announced = _announced_bytes(source)
    while chunk := source.read(_CHUNK_BYTES):
        size += len(chunk)
        if size > limit:
            raise ArtifactRefusedError(
                location=artifact.location, expected=f"{limit} bytes", found=f"over {size} bytes"
            )
        digest.update(chunk)
        file.write(chunk)
    if announced is not None and size < announced:
        raise OSError(f"it ended after {size} of {announced} bytes")
    return digest.hexdigest()


def _announced_bytes(source: IO[bytes]) -> int | None:
    """How much a web server said it would send: a connection that ends early raises nothing."""
    length = getattr(source, "headers", {}).get("content-length")
    return int(length) if length and length.isdigit() else None


def _top(folder: Path) -> Path:
    """The folder with the manifest: itself, or the only folder in it."""
    children = sorted(folder.iterdir())
    manifests = ("module.toml", "plugin.ini", "module.ini")
    if not any((folder / name).is_file() for name in manifests) and len(children) == 1:
        return children[0]
    return folder
