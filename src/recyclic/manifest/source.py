"""Manifests as text: the only file that opens them, and what can be wrong before any syntax."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place

MANIFEST_LIMIT_BYTES = 1 << 20
"""A manifest written by people fits a hundred times over."""

INDEX_LIMIT_BYTES = 64 << 20
"""Room for 30,000 releases of two kilobytes each."""

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text.

    Attributes:
        label: The path as it was given, for places.
    """

    label: str
    text: str


def read_source(path: Path, limit_bytes: int = MANIFEST_LIMIT_BYTES) -> SourceText:
    """The text of one file.

    Raises:
        DiagnosticsError: missing, a folder, a device, a loop of links, too large, with a byte
            order mark, not UTF-8, or empty: one finding.
    """
    content = read_source_bytes(path, limit_bytes)
    return SourceText(str(path), decode_source(str(path), content))


def read_source_bytes(path: Path, limit_bytes: int) -> bytes:
    """At most ``limit_bytes`` of a regular file; a special file is never opened for reading.

    Raises:
        DiagnosticsError: it cannot be read, or is larger: one finding.
    """
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer that never comes.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _refused("RCY-M004", path, kind=_file_kind(status.st_mode))
    with os.fdopen(descriptor, "rb") as file:
        try:
            content = file.read(limit_bytes + 1)
        except OSError as error:
            raise _unreadable(path, error) from error
    if len(content) > limit_bytes:
        raise _refused("RCY-M005", path, size=max(status.st_size, len(content)), limit=limit_bytes)
    return content


def decode_source(label: str, content: bytes) -> str:
    """``content`` as text.

    Raises:
        DiagnosticsError: a byte order mark, bytes that are not UTF-8, or nothing at all.
    """
    if content.startswith(_BOMS):
        raise DiagnosticsError([Diagnostic("RCY-M006", place=Place(label, 1, 1))])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        place = Place(label, line, column)
        facts = {"byte": f"0x{content[error.start]:02x}"}
        raise DiagnosticsError([Diagnostic("RCY-M007", place=place, facts=facts)]) from error
    if not text.strip():
        raise DiagnosticsError([Diagnostic("RCY-M008", place=Place(label))])
    return text


def _unreadable(path: Path, error: OSError | ValueError) -> DiagnosticsError:
    """A missing file, a loop of links and everything else the system refuses, told apart."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOENT, errno.ENOTDIR):
        return _refused("RCY-M002", path)
    if number == errno.ELOOP:
        return _refused("RCY-M009", path)
    if number == errno.ENXIO:
        return _refused("RCY-M004", path, kind="socket")
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return _refused("RCY-M003", path, reason=reason)


def _refused(code: str, path: Path, **facts: object) -> DiagnosticsError:
    facts = {"path": str(path), **facts}
    return DiagnosticsError([Diagnostic(code, place=Place(str(path)), facts=facts)])


def _file_kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "pipe"
    return "device"
