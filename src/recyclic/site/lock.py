"""One writer at a time, by a lock that the kernel drops with its holder.

A holder that was killed holds nothing, so there is never a stale lock to remove by hand.
Source: flock(2); closed on exec, so that a child that outlives us does not hold on.
"""

import fcntl
import getpass
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from recyclic.site.errors import SiteLockedError
from recyclic.site.layout import Site

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lock, for people who wait for it. ``since`` is ISO 8601 in UTC."""

    who: str
    pid: int
    since: str
    step: str = ""


class SiteLock:
    """The lock, held. Tells others which step is under way."""

    def __init__(self, descriptor: int, holder: Holder) -> None:
        self._descriptor = descriptor
        self.holder = holder
        self._write()

    def tell(self, step: str) -> None:
        """Let those who wait see which step is under way."""
        self.holder = replace(self.holder, step=step)
        self._write()

    def _write(self) -> None:
        content = json.dumps(asdict(self.holder)).encode() + b"\n"
        os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, len(content))


@contextmanager
def site_lock(
    site: Site,
    *,
    timeout_s: float = 0.0,
    waiting: Callable[[Holder], None] = lambda _holder: None,
) -> Iterator[SiteLock]:
    """Hold the site's lock.

    Args:
        timeout_s: How long to wait for another holder.
        waiting: Called once, when there is one to wait for.

    Raises:
        SiteLockedError: another run still holds it when the time is over.
    """
    descriptor = os.open(site.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        _acquire(site, descriptor, timeout_s, waiting)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        yield SiteLock(descriptor, Holder(current_user(), os.getpid(), now))
    finally:
        os.close(descriptor)


def _acquire(
    site: Site, descriptor: int, timeout_s: float, waiting: Callable[[Holder], None]
) -> None:
    start = time.monotonic()
    told = False
    while not _try_lock(descriptor):
        waited = time.monotonic() - start
        holder = read_holder(site) or Holder("?", 0, "?")
        if waited >= timeout_s:
            raise SiteLockedError(
                site=str(site.root),
                holder=holder.who,
                pid=holder.pid,
                since=holder.since,
                step=holder.step or "-",
                waited_s=round(waited, 1),
            )
        if not told:
            waiting(holder)
            told = True
        time.sleep(_POLL_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_holder(site: Site) -> Holder | None:
    """What the last holder wrote of itself; it may be gone. Reads only."""
    try:
        document: dict[str, Any] = json.loads(site.lock.read_text(encoding="utf-8"))
        return Holder(**document)
    except (OSError, ValueError, TypeError):
        return None


def current_user() -> str:
    """The name of whoever runs this, for records; the number where there is no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
