"""Run as a script: keep a command on a leash, so that it never outlives whoever asked for it.

``python -I -S leash.py UID:GID:GROUPS|- COMMAND...`` runs COMMAND in a session of its own, waits
for it, and ends with its status. When standard input reaches its end (the other side of the pipe
was closed, or its holder was killed), the whole session is killed. Locks that were passed down stay
held until nothing of the session is left. Imports almost nothing: it is started for every command.
"""

import os
import select
import signal
import sys
import time


def main() -> int:
    """The status of the command; 128 + N when signal N ended it, 126 when it could not start."""
    user, command = sys.argv[1], sys.argv[2:]
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ready_read, ready_write = os.pipe()
    child = os.fork()
    if child == 0:
        _become(user, command)
    os.close(ready_write)
    os.read(ready_read, 1)  # The child closes its end once it leads a session that can be killed.
    status = _wait(child, wake_read)
    _end_session(child)
    return os.waitstatus_to_exitcode(status) if status is not None else 128 + signal.SIGKILL


def _become(user: str, command: list[str]) -> None:
    """Turn this process into the command; never returns."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.closerange(3, 4096)
        if user != "-":
            uid, gid, groups = user.split(":")
            os.setgroups([int(group) for group in groups.split(",") if group])
            os.setgid(int(gid))
            os.setuid(int(uid))
        # Nothing may be imported from here on: the new user may not read where Python lies.
        os.execv(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(126)


def _wait(child: int, wake: int) -> int | None:
    """The child's wait status, or None when the leash was let go and the session was killed."""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if wake in ready:
            os.read(wake, 64)
        if 0 in ready and not os.read(0, 1):
            return None


def _end_session(child: int) -> None:
    """Kill what is left of the session and wait, two seconds at most, until it is gone."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, os.WNOHANG)
        except (ProcessLookupError, PermissionError):
            return
        except ChildProcessError:
            pass
        if not _anyone_in(child):
            return
        time.sleep(0.002)


def _anyone_in(group: int) -> bool:
    """False when all members are dead, though perhaps not yet buried by their new parent."""
    try:
        numbers = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - no pathlib here
    except OSError:
        return True
    return any(_is_alive_in(group, number) for number in numbers)


def _is_alive_in(group: int, number: str) -> bool:
    try:
        with open(f"/proc/{number}/stat", "rb") as file:  # noqa: PTH123 - likewise
            state, _, members_group = file.read().rpartition(b")")[2].split()[:3]
    except (OSError, ValueError):
        return False
    return int(members_group) == group and state not in (b"Z", b"X")


if __name__ == "__main__":
    result = main()
    sys.exit(result if result >= 0 else 128 - result)
