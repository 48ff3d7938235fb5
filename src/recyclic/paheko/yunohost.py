"""Recognising a Paheko that YunoHost installed, from the settings YunoHost keeps of its apps."""

import re
from dataclasses import dataclass
from pathlib import Path

APPS = Path("/etc/yunohost/apps")
"""Where YunoHost keeps one folder per app, with a flat ``settings.yml``."""

_LINE = re.compile(r"^([a-z_]+):\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class YunoHostApp:
    """One app as YunoHost installed it.

    Attributes:
        name: The app's id, ``paheko`` or ``paheko__2``; also the system user it runs as.
        php: The PHP command of the version it runs with, or None when it is not recorded.
        url: Its public address, or None.
    """

    name: str
    php: str | None
    url: str | None


def find_app(root: Path, apps: Path = APPS) -> YunoHostApp | None:
    """The app that is installed in ``root``, or None: not YunoHost, or not one of its apps."""
    wanted = root.resolve()
    for settings in sorted(apps.glob("*/settings.yml")):
        values = _read_flat(settings)
        folder = values.get("install_dir") or values.get("final_path")
        if folder and Path(folder).resolve() == wanted:
            return _app(settings.parent.name, values)
    return None


def _app(name: str, values: dict[str, str]) -> YunoHostApp:
    version = values.get("php_version") or values.get("phpversion")
    domain, path = values.get("domain"), values.get("path", "/").rstrip("/")
    return YunoHostApp(
        name=name,
        php=f"php{version}" if version else None,
        url=f"https://{domain}{path}/" if domain else None,
    )


def _read_flat(settings: Path) -> dict[str, str]:
    """The plain ``key: value`` lines of a YAML file; everything nested is left out."""
    try:
        lines = settings.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    found = (_LINE.match(line) for line in lines)
    return {match[1]: match[2].strip("'\"") for match in found if match}
