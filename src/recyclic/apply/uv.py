"""Running uv: on a leash, so that it never goes on writing after us."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from recyclic.apply.errors import EnvironmentFailedError
from recyclic.apply.step import Wheels
from recyclic.paheko.process import LeashedProcess, Outcome

_TIME_LIMIT_S = 900.0
_PASSED_ON = ("UV_", "SSL_", "XDG_", "NETRC", "PIP_")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def run_uv(arguments: Sequence[str], folder: Path) -> Outcome:
    """Run one uv command in ``folder`` and wait for its end.

    Raises:
        EnvironmentFailedError: uv is missing, or did not end in fifteen minutes.
    """
    import uv

    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_PASSED_ON) or name.lower() in _PROXIES
    }
    # What this machine trusts, uv trusts: many networks have a certificate of their own.
    environment = {"UV_SYSTEM_CERTS": "1", **environment}
    environment |= {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "TMPDIR": tempfile.gettempdir()}
    environment.pop("UV_PROJECT_ENVIRONMENT", None)
    try:
        command = [uv.find_uv_bin(), *arguments]
        process = LeashedProcess(command, user=None, environment=environment, folder=folder)
        outcome = process.finish(_TIME_LIMIT_S)
    except (FileNotFoundError, OSError) as error:
        raise EnvironmentFailedError(detail=str(error)) from error
    if outcome.status is None:
        raise EnvironmentFailedError(detail=f"uv did not end in {_TIME_LIMIT_S:.0f} s")
    return outcome


def wheel_options(wheels: Wheels) -> list[str]:
    """uv's options for where distributions come from."""
    options = [part for folder in wheels.folders for part in ("--find-links", str(folder))]
    if wheels.offline:
        options.append("--offline")
        if wheels.folders:
            options.append("--no-index")
    return options
