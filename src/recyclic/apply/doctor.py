"""Everything outside that an apply depends on: looked at, one finding each. Changes nothing."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recyclic.apply.history import last_entries, read_history
from recyclic.apply.journal import is_in_flight
from recyclic.apply.uv import run_uv
from recyclic.errors import RecyclicError
from recyclic.model.profile import PahekoHost
from recyclic.paheko.command import Patience
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.location import locate
from recyclic.paheko.opcache import serves_old_code
from recyclic.site.errors import HistoryDamagedError
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.site.store import check_stored

_LEAST_FREE_BYTES = 200 << 20
_RELEASED = 1_760_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        code: The words for it when it is not well (``RCY-A1xx``); empty when it is.
        facts: For the words.
    """

    name: str
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """True when there is nothing to do."""
        return not self.code


def examine(site: Site, paheko: PahekoHost | None = None) -> tuple[Finding, ...]:
    """Every finding, in a fixed order."""
    checks: list[Callable[[], Finding]] = [
        _python,
        _uv,
        lambda: _permissions(site),
        lambda: _disk(site),
        lambda: _clock(site),
        lambda: _journal(site),
        lambda: _history(site),
        lambda: _store(site),
    ]
    if paheko is not None:
        checks += [lambda: _paheko(paheko), lambda: _opcache(paheko), lambda: _public(paheko)]
    return tuple(check() for check in checks)


def _python() -> Finding:
    version = platform.python_version()
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        return Finding("python", "RCY-A101", {"version": version})
    return Finding("python", facts={"version": version})


def _uv() -> Finding:
    try:
        outcome = run_uv(["--version"], Path.cwd())
    except (RecyclicError, ImportError) as error:
        return Finding("uv", "RCY-A102", {"detail": str(error)})
    if outcome.status != 0:
        return Finding("uv", "RCY-A102", {"detail": outcome.said})
    return Finding("uv", facts={"version": outcome.output.strip()})


def _permissions(site: Site) -> Finding:
    refused = [str(path) for path in _folders(site) if path.is_dir() and not _is_writable(path)]
    if refused:
        return Finding("permissions", "RCY-A103", {"paths": refused, "user": os.geteuid()})
    return Finding("permissions", facts={"folder": str(site.root)})


def _folders(site: Site) -> Iterable[Path]:
    own = (site.generations, site.store, site.journal, site.snapshots, site.data)
    return (_existing(site.root), *own)


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK | os.X_OK)


def _existing(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return path if path.exists() else _existing(path.parent)


def _disk(site: Site) -> Finding:
    usage = shutil.disk_usage(_existing(site.root))
    facts = {"free_mb": usage.free >> 20, "folder": str(site.root)}
    return Finding("disk", "RCY-A104" if usage.free < _LEAST_FREE_BYTES else "", facts)


def _clock(site: Site) -> Finding:
    """A clock that stands before this program, or before the site's last apply, is wrong."""
    now = time.time()
    latest = max([_RELEASED, *(path.stat().st_mtime for path in _receipts(site))])
    facts = {"now": time.strftime("%Y-%m-%d %H:%M", time.gmtime(now))}
    return Finding("clock", "RCY-A105" if now + 60 < latest else "", facts)


def _receipts(site: Site) -> list[Path]:
    files = [site.generation(number).receipt for number in site.numbers()]
    return [file for file in files if file.is_file()]


def _journal(site: Site) -> Finding:
    return Finding("journal", "RCY-A106" if is_in_flight(site) else "", {"site": str(site.root)})


def _history(site: Site) -> Finding:
    try:
        read_history(site)
    except HistoryDamagedError as error:
        return Finding("history", error.code, error.facts)
    return Finding("history", facts={"entries": len(last_entries(site))})


def _store(site: Site) -> Finding:
    try:
        config = read_installed(site).config
        hashes = (*config.module_hashes.values(), *config.paheko_hashes.values()) if config else ()
        for content_hash in hashes:
            check_stored(site, content_hash)
    except RecyclicError as error:
        return Finding("store", error.code, error.facts)
    return Finding("store", facts={"trees": len(hashes)})


def _paheko(host: PahekoHost) -> Finding:
    try:
        installation = PahekoInstallation(locate(host))
        installation.check_ready()
        installation.check_database()
    except RecyclicError as error:
        return Finding("paheko", error.code, error.facts)
    return Finding("paheko", facts={"version": installation.environment.version})


def _opcache(host: PahekoHost) -> Finding:
    """Whether the web server sees new code, by itself or by a command of the profile."""
    try:
        location = locate(host)
    except RecyclicError as error:
        return Finding("opcache", error.code, error.facts)
    file = serves_old_code(location.php)
    if file is None or location.reload:
        return Finding("opcache", facts={"reload": " ".join(location.reload)})
    service = f"{location.php.resolve().name}-fpm"
    return Finding("opcache", "RCY-A110", {"file": str(file), "service": service})


def _public(host: PahekoHost) -> Finding:
    """Whether its pages open where strangers look for them."""
    try:
        answer = PahekoInstallation(locate(host), Patience(public=0)).look_from_outside()
    except RecyclicError as error:
        return Finding("public pages", error.code, error.facts)
    if answer is None or answer.is_open:
        return Finding("public pages", facts={"url": answer.url if answer else ""})
    return Finding("public pages", "RCY-H025", {"url": answer.url, "detail": answer.detail})
