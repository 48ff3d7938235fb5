"""Commands of another program: their words, their time limit, and nothing left behind."""

import os
import pwd
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LEASH = str(Path(__file__).with_name("leash.py"))
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LAST_WORDS_SECONDS = 5
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PHPRC", "PHP_INI_SCAN_DIR")


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Whom a command runs as."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    @classmethod
    def named(cls, name: str) -> Self:
        """The user of that name.

        Raises:
            KeyError: When there is none.
        """
        entry = pwd.getpwnam(name)
        return cls(name, entry.pw_uid, entry.pw_gid, tuple(os.getgrouplist(name, entry.pw_gid)))

    @classmethod
    def owning(cls, path: Path) -> Self:
        """The user whom ``path`` belongs to; without a name, its number stands for one."""
        owner = path.stat()
        try:
            return cls.named(pwd.getpwuid(owner.st_uid).pw_name)
        except KeyError:
            return cls(str(owner.st_uid), owner.st_uid, owner.st_gid)

    def argument(self) -> str:
        """As the leash wants it; ``-`` when we are that user already."""
        if self.uid == os.geteuid():
            return "-"
        return f"{self.uid}:{self.gid}:{','.join(str(group) for group in self.groups)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    Attributes:
        status: Its exit status; None when it was killed at its time limit.
        output, complaint: Standard output and standard error, colours removed.
    """

    status: int | None
    output: str
    complaint: str

    @property
    def said(self) -> str:
        """Its first words, in at most 600 characters: output, then complaint."""
        lines = [*self.output.splitlines(), *_without_banner(self.complaint.splitlines())]
        return "\n".join(line.rstrip() for line in lines if line.strip())[:600]

    @property
    def is_locked(self) -> bool:
        """True when SQLite's lock was all that stood in the way."""
        return self.status != 0 and "database is locked" in self.output + self.complaint


def _without_banner(lines: Sequence[str]) -> list[str]:
    """``lines`` less Paheko's warning about WWW_URL, which stands between two rules."""
    kept: list[str] = []
    inside = False
    for line in lines:
        if line.strip("-") == "" and len(line) >= 20:
            inside = not inside
        elif not inside:
            kept.append(line)
    return kept


def plain_text(data: bytes) -> str:
    """``data`` as text without terminal colours."""
    return _COLOURS.sub("", data.decode("utf-8", "replace"))


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The few variables a PHP command needs, and ``extra``; none of our secrets among them."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {"PATH": os.defpath, **kept, **extra}


class LeashedProcess:
    """A command that dies, with all it started, when this object is closed or its holder dies.

    The command line starts with an absolute path.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        user: SystemUser | None,
        environment: Mapping[str, str],
        folder: Path,
        held: Sequence[int] = (),
    ) -> None:
        leash = [sys.executable, "-I", "-S", _LEASH, user.argument() if user else "-"]
        self._process = subprocess.Popen(
            [*leash, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(environment),
            cwd=folder,
            pass_fds=tuple(held),
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        """False once the command has ended by itself."""
        return self._process.poll() is None

    def finish(self, seconds: float) -> Outcome:
        """Wait for the end, at most ``seconds``, then kill; always leaves nothing running."""
        status: int | None = None
        try:
            output, complaint = self._gather(seconds)
            status = self._process.returncode
        except subprocess.TimeoutExpired:
            output, complaint = self.close()
        except BaseException:
            self.close()
            raise
        return Outcome(status, plain_text(output), plain_text(complaint))

    def _gather(self, seconds: float) -> tuple[bytes, bytes]:
        # communicate() would close standard input at once, and with it let the leash go.
        stdin, self._process.stdin = self._process.stdin, None
        try:
            return self._process.communicate(timeout=seconds)
        finally:
            self._process.stdin = stdin
            if self._process.returncode is not None and stdin is not None:
                stdin.close()

    def close(self) -> tuple[bytes, bytes]:
        """Kill what still runs; returns what was said so far."""
        if self._process.stdin is not None:
            self._process.stdin.close()
            self._process.stdin = None
        try:
            return self._process.communicate(timeout=_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired as late:
            # Something left the session and kept our pipes; the leash itself is gone or goes now.
            self._process.kill()
            for pipe in (self._process.stdout, self._process.stderr):
                if pipe is not None:
                    pipe.close()
            self._process.wait()
            return late.output or b"", late.stderr or b""
