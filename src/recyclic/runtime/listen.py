"""The one listening socket of a site, held by the parent and shared by its workers."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from recyclic.runtime.errors import CannotListenError, NeedsProxyError

BACKLOG = 2048
"""Connections the kernel keeps while workers change; more are told to try again."""


def require_proxy(host: str, *, has_proxy: bool) -> None:
    """Refuse an address that other machines can reach, unless a proxy is said to be in front:
    the API has no authentication of its own.

    Raises:
        NeedsProxyError: ``host`` is not a loopback address.
    """
    if not has_proxy and not is_loopback(host):
        raise NeedsProxyError(host=host)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``. A name other than ``localhost`` cannot be
    trusted to stay what it is now, so it counts as reachable."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` (0: any free one).

    Raises:
        CannotListenError: with the system's reason.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError, OverflowError) as error:
        raise CannotListenError(host=host, port=port, reason=str(error)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListenError(host=host, port=port, reason=reason) from error
    return listener


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Another name for ``path`` that fits the 107 bytes a Unix socket's address may have, however
    deep the site's folder lies. Its folder has to be there."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listen_privately(path: Path) -> socket.socket:
    """A Unix socket that listens at ``path``, for this user only; an old one there is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)
    with short_path(path) as short:
        listener.bind(short)
    path.chmod(0o600)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL people open."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
