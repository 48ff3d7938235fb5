"""Names of consumers: one per process, from which its neighbours can tell that it is dead."""

import os
import socket
from pathlib import Path

_PARTS = 4


def new_consumer_name() -> str:
    """``host.namespace.pid.start``: never the same for two processes, nor after a restart."""
    pid = os.getpid()
    return f"{_host()}.{_namespace()}.{pid}.{_started(pid) or os.urandom(4).hex()}"


def is_surely_dead(name: str) -> bool:
    """True when ``name`` was a process of this machine that no longer runs; False if in doubt."""
    parts = name.rsplit(".", _PARTS - 1)
    if len(parts) != _PARTS:
        return False
    host, namespace, pid, started = parts
    if (host, namespace) != (_host(), _namespace()) or namespace == "0" or not pid.isdigit():
        return False
    return _started(int(pid)) != started


def _host() -> str:
    return socket.gethostname()


def _namespace() -> str:
    """Tells containers apart that share a host's name; "0" where the system has no such thing."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "0"


def _started(pid: int) -> str | None:
    """When the process began, in the kernel's ticks since boot; None when there is no such process.

    Source: proc(5), /proc/[pid]/stat, field 22; the name in field 2 may contain spaces.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    after_name = text.rpartition(")")[2].split()
    # A zombie's files are closed and it handles nothing any more.
    return None if after_name[0] in ("Z", "X") else after_name[19]
