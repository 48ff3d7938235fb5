"""Where one Paheko keeps its extensions, as far as can be known without running its PHP."""

import re
from pathlib import Path

from recyclic.manifest.source import MANIFEST_LIMIT_BYTES, read_source_bytes
from recyclic.model.diagnostic import DiagnosticsError

CONFIG = "config.local.php"

_CONSTANT = re.compile(
    r"^[ \t]*(?:const\s+|define\(\s*['\"](?:Paheko\\{1,2})?)(?P<name>DATA_ROOT|PLUGINS_ROOT)['\"]?"
    r"\s*[=,]\s*(?P<here>__DIR__\s*\.\s*)?['\"](?P<path>[^'\"$]+)['\"]",
    re.MULTILINE,
)


def source_folder(root: Path) -> Path | None:
    """The folder of Paheko's source at or below ``root``; None when ``root`` is no Paheko."""
    for source in (root, root / "src"):
        if (source / "bin" / "paheko").is_file():
            return source
    return None


def paheko_folders(root: Path) -> list[Path]:
    """The folders of extensions of the Paheko at ``root``; none when it is no Paheko.

    Plugins stand before modules, for a plugin hides a module of its name. A configuration that
    computes its folders is not understood here; then only the default ones are looked at.
    """
    source = source_folder(root)
    if source is None:
        return []
    constants = _constants(source / CONFIG)
    data = constants.get("DATA_ROOT", source / "data")
    plugins = constants.get("PLUGINS_ROOT", data / "plugins")
    candidates = [plugins, root / "data" / "plugins", source / "modules"]
    return [folder for folder in dict.fromkeys(candidates) if folder.is_dir()]


def _constants(config: Path) -> dict[str, Path]:
    """The folders that a configuration names literally."""
    try:
        text = read_source_bytes(config, MANIFEST_LIMIT_BYTES).decode("utf-8", "replace")
    except DiagnosticsError:
        return {}
    return {
        match["name"]: Path(f"{config.parent}/{match['path']}" if match["here"] else match["path"])
        for match in _CONSTANT.finditer(text)
    }
