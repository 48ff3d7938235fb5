"""What kind of manifest a file is: told by its name, its folder, then what it says."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any


class ManifestKind(StrEnum):
    """The kinds of file that people write or review."""

    MODULE = "module"
    BUNDLE = "bundle"
    PROFILE = "profile"
    CONFIG = "config"
    INDEX = "index"
    PLUGIN_INI = "plugin.ini"
    MODULE_INI = "module.ini"


_BY_NAME = {
    "module.toml": ManifestKind.MODULE,
    "config.toml": ManifestKind.CONFIG,
    "index.json": ManifestKind.INDEX,
    "plugin.ini": ManifestKind.PLUGIN_INI,
    "module.ini": ManifestKind.MODULE_INI,
}

_BY_FOLDER = {"profiles": ManifestKind.PROFILE, "bundles": ManifestKind.BUNDLE}

_TELLING_KEYS = (
    (ManifestKind.CONFIG, {"format", "bundle_version"}),
    (ManifestKind.PROFILE, {"site", "extends", "override", "hosts", "bundle"}),
    (ManifestKind.MODULE, {"dependencies", "permissions", "ui"}),
    (ManifestKind.BUNDLE, {"include", "modules", "paheko", "version"}),
)


def kind_by_path(path: Path) -> ManifestKind | None:
    """The kind that name and folder tell, or None."""
    if path.name in _BY_NAME:
        return _BY_NAME[path.name]
    if path.suffix == ".json":
        return ManifestKind.INDEX
    if path.suffix == ".toml":
        return _BY_FOLDER.get(path.absolute().parent.name)
    return None


def kind_by_content(values: Mapping[str, Any]) -> ManifestKind | None:
    """The kind that the top-level keys tell, or None."""
    for kind, keys in _TELLING_KEYS:
        if keys & values.keys():
            return kind
    return None
