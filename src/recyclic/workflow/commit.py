"""Which git commit a file is at."""

import subprocess
from pathlib import Path

_LIMIT_SECONDS = 5.0


def commit_of(path: Path) -> str | None:
    """The abbreviated commit of the repository around ``path``, ``+`` behind it when the file
    differs from it; None outside a repository or without git."""
    commit = _git(path.parent, "rev-parse", "--short=12", "HEAD")
    if not commit:
        return None
    changed = _git(path.parent, "status", "--porcelain", "--", path.name)
    return f"{commit}+" if changed else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
