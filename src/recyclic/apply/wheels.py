"""The wheels of a lock, fetched for another machine: uv says where they are, we take them there.

Source: PEP 751 (``pylock.toml``): ``packages.wheels`` with ``url`` and ``hashes``; uv lists those
that suit the interpreter it is given.
"""

import re
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from recyclic.apply.errors import RequirementsUnavailableError, WheelsUnfitError
from recyclic.apply.fetch import fetch_file
from recyclic.apply.step import Wheels
from recyclic.apply.uv import run_uv, wheel_options
from recyclic.model.package import Artifact

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def fetch_wheels(lock: str, folder: Path, wheels: Wheels) -> list[Path]:
    """One wheel for each distribution of ``lock``, in the new ``folder``, sorted by name.

    For this machine's platform and Python; each has a hash that stands in the lock.

    Raises:
        RequirementsUnavailableError: a distribution has no wheel that fits here, or uv does not
            know where it is.
        ArtifactUnavailableError: a wheel cannot be fetched.
        ArtifactRefusedError: it is not what the index says.
    """
    folder.mkdir()
    allowed = frozenset(_HASH.findall(lock))
    found = []
    for package in _located(lock, wheels):
        chosen = _best(package, allowed)
        if chosen is None:
            raise RequirementsUnavailableError(
                asks=[f"{package['name']}=={package.get('version', '?')}"],
                detail=f"no wheel for {sysconfig.get_platform()}",
            )
        found.append(fetch_file(chosen, folder / name_of(chosen.location), wheels.offline))
    return sorted(found)


def _located(lock: str, wheels: Wheels) -> list[dict[str, Any]]:
    """What uv knows of every distribution of the lock."""
    with tempfile.TemporaryDirectory(prefix="recyclic-wheels-") as temporary:
        (Path(temporary) / "requirements.lock").write_text(lock, encoding="utf-8")
        outcome = run_uv(
            [
                *("pip", "compile", "requirements.lock", "--no-deps", "--quiet"),
                *("--format", "pylock.toml", "--python", sys.executable),
                *wheel_options(wheels),
            ],
            Path(temporary),
        )
    if outcome.status != 0:
        raise RequirementsUnavailableError(asks=["pack"], detail=outcome.said)
    packages: list[dict[str, Any]] = tomllib.loads(outcome.output).get("packages", [])
    return packages


def _best(package: Mapping[str, Any], allowed: frozenset[str]) -> Artifact | None:
    """The wheel that an installer here would take: the one with the most particular tag."""
    ranks = _ranks()
    fitting = [
        (rank, artifact.location, artifact)
        for artifact in _wheels_of(package)
        if artifact.sha256 in allowed
        and (rank := _rank(name_of(artifact.location), ranks)) is not None
    ]
    return min(fitting)[2] if fitting else None


def _wheels_of(package: Mapping[str, Any]) -> Iterator[Artifact]:
    for wheel in package.get("wheels", ()):
        location = wheel.get("url") or wheel.get("path")
        sha256 = wheel.get("hashes", {}).get("sha256")
        if location and sha256:
            yield Artifact(location, sha256, wheel.get("size"))


def name_of(location: str) -> str:
    """The file's name at the end of a URL or a path."""
    return Path(unquote(urlsplit(location).path)).name


def _ranks() -> dict[str, int]:
    return {str(tag): rank for rank, tag in enumerate(sys_tags())}


def _rank(name: str, ranks: Mapping[str, int]) -> int | None:
    """How well a wheel suits this interpreter, 0 best; None when it does not, or is no wheel."""
    try:
        tags = parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return None
    return min((ranks[str(tag)] for tag in tags if str(tag) in ranks), default=None)


def check_fit(wheels: list[Path]) -> None:
    """Return when every wheel can be installed here.

    Raises:
        WheelsUnfitError: some were packed for another platform or another Python.
    """
    ranks = _ranks()
    unfit = [path.name for path in sorted(wheels) if _rank(path.name, ranks) is None]
    if unfit:
        version = ".".join(map(str, sys.version_info[:2]))
        raise WheelsUnfitError(wheels=unfit, platform=sysconfig.get_platform(), python=version)
