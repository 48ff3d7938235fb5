"""Parsed indexes, kept so that the next run reads only the packages it asks for.

One file per index, named by the index's sha256: a line of JSON that says where each package
stands, then the packages, each as JSON of its own. Parsing 16 MB takes half a second; finding
out that nothing changed, a tenth of that. Whatever is wrong with a cache file, it is passed over
and written again.
"""

import hashlib
import mmap
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from recyclic.manifest.index_content import says_provides

_FORMAT = 1
_KEPT_FILES = 8
SMALLEST_BYTES = 1 << 18
"""Below a quarter of a megabyte, parsing costs no more than looking."""


class BrokenCacheError(Exception):
    """A cache file that cannot be what we wrote."""


class CachedContent:
    """An index's content in a cache file; see :class:`recyclic.manifest.index_content`."""

    def __init__(self, blob: "bytes | mmap.mmap", head: Mapping[str, Any], start: int) -> None:
        self._blob = blob
        self._head = head
        self._start = start
        # A solver asks for a package's versions, then for each of its releases.
        self._recent = lru_cache(maxsize=256)(self._parsed)

    def names(self, section: str) -> Iterable[str]:
        """See :class:`recyclic.manifest.index_content.IndexContent`."""
        return tuple(self._head["sections"][section])

    def entries(self, section: str, name: str) -> Any:
        """See :class:`recyclic.manifest.index_content.IndexContent`."""
        return self._recent(section, name)

    def _parsed(self, section: str, name: str) -> Any:
        found = self._head["sections"][section].get(name)
        if found is None:
            return None
        start = self._start + found[0]
        return orjson.loads(self._blob[start : start + found[1]])

    def providing(self) -> Iterable[str]:
        """See :class:`recyclic.manifest.index_content.IndexContent`."""
        return tuple(self._head["providing"])


def cache_folder() -> Path:
    """Where the caches lie. Source: XDG Base Directory Specification."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
    return base / "recyclic" / "index"


def find_cached(content: bytes) -> CachedContent | None:
    """What the cache has of an index with this content, or None."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        with (cache_folder() / digest).open("rb") as file:
            _check_owner(file.fileno())
            blob = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _opened(blob, digest)
    except (OSError, ValueError, RuntimeError, BrokenCacheError):
        return None


def _check_owner(descriptor: int) -> None:
    """Only what we wrote ourselves, and nobody else could change, is believed."""
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise BrokenCacheError


def _opened(blob: mmap.mmap, digest: str) -> CachedContent:
    start = blob.find(b"\n") + 1
    head = orjson.loads(blob[:start])
    if not isinstance(head, dict) or (head.get("format"), head.get("of")) != (_FORMAT, digest):
        raise BrokenCacheError
    if hashlib.sha256(memoryview(blob)[start:]).hexdigest() != head.get("sha256"):
        raise BrokenCacheError
    return CachedContent(blob, head, start)


def write_cache(content: bytes, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep the parsed ``sections`` of an index; does nothing where that is not possible."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.writelines(_parts(digest, sections))
        Path(file.name).replace(folder / digest)
        _forget_oldest(folder)
    except (OSError, RuntimeError):
        return


def _parts(digest: str, sections: Mapping[str, Mapping[str, Any]]) -> list[bytes]:
    places: dict[str, dict[str, tuple[int, int]]] = {}
    parts: list[bytes] = []
    at = 0
    for section, packages in sections.items():
        places[section] = {}
        for name, entries in packages.items():
            part = orjson.dumps(entries)
            places[section][name] = (at, len(part))
            parts.append(part)
            at += len(part)
    blob = b"".join(parts)
    head = {
        "format": _FORMAT,
        "of": digest,
        "sha256": hashlib.sha256(blob).hexdigest(),
        "sections": places,
        "providing": [name for name, found in sections["modules"].items() if says_provides(found)],
    }
    return [orjson.dumps(head), b"\n", blob]


def _forget_oldest(folder: Path) -> None:
    """Keep the caches that were written last."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        path.unlink(missing_ok=True)
