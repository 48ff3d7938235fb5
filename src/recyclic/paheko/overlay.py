"""Private configurations for Paheko: a few constants of ours laid over the real file."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from recyclic.paheko.process import SystemUser

Constant = str | int | bool


def overlay(constants: Mapping[str, Constant], config: Path, host_name: str = "") -> str:
    """PHP source that sets ``constants`` first, then does as ``config`` says.

    Constants set first win; PHP's warning about the second is not let through.

    Args:
        host_name: What a multi-site configuration is to choose its site by, on pages.
    """
    lines = [f"define('Paheko\\\\{name}', {_php(value)});" for name, value in constants.items()]
    host = _php(host_name)
    chosen = f"$_SERVER['SERVER_NAME'] = $_SERVER['HTTP_HOST'] = {host};" if host_name else ""
    return "\n".join(
        [
            "<?php",
            "namespace Paheko;",
            *lines,
            chosen,
            "set_error_handler(static fn (int $level, string $message): bool =>"
            " false !== strpos($message, 'already defined'));",
            f"require {_php(str(config))};",
            "restore_error_handler();",
            "defined('Paheko\\\\SECRET_KEY')"
            f" || define('Paheko\\\\SECRET_KEY', {_php(secrets.token_hex(32))});",
            "",
        ]
    )


def _php(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def hand_over(path: Path, user: SystemUser | None) -> None:
    """Make ``path`` belong to Paheko's user, a file readable by nobody else."""
    if user is not None and user.uid != os.geteuid():
        os.chown(path, user.uid, user.gid)
    if path.is_file():
        path.chmod(0o600)
