"""The stand-in's reading of ``config.local.php``: constants, first definition wins or complains."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_CONST = re.compile(r"^\s*const\s+([A-Z0-9_]+)\s*=\s*(.+?);\s*$")
_DEFINE = re.compile(
    r"^\s*(?:defined\('Paheko\\+[A-Z0-9_]+'\)\s*\|\|\s*)?"
    r"define\('Paheko\\+([A-Z0-9_]+)',\s*(.+?)\);\s*$"
)
_REQUIRE = re.compile(r"^\s*require\s+'([^']+)';\s*$")


class ConfigurationError(Exception):
    """PHP would have stopped here."""


@dataclass(slots=True)
class Configuration:
    """Paheko's constants, by name, as Python values."""

    file: Path
    root: Path
    constants: dict[str, object] = field(default_factory=dict)
    _forgiving: bool = False

    def read(self, file: Path) -> None:
        """Read PHP source as far as configurations go."""
        for line in file.read_text("utf-8").splitlines():
            if "set_error_handler" in line:
                self._forgiving = True
            elif "restore_error_handler" in line:
                self._forgiving = False
            elif found := _REQUIRE.match(line):
                self.read(Path(found[1]))
            elif found := _CONST.match(line) or _DEFINE.match(line):
                self._set(found[1], _value(found[2]), only_once="defined(" in line)

    def _set(self, name: str, value: object, *, only_once: bool) -> None:
        if name not in self.constants:
            self.constants[name] = value
        elif not only_once and not self._forgiving:
            raise ConfigurationError(f"Warning: Constant paheko\\{name} already defined")

    def text(self, name: str, default: str) -> str:
        value = self.constants.get(name)
        return default if value is None else str(value)

    def names(self, name: str) -> frozenset[str] | None:
        """A list of extensions, or None when there is none."""
        value = self.constants.get(name)
        return frozenset(map(str, value)) if isinstance(value, tuple) else None

    @property
    def data_root(self) -> Path:
        return Path(self.text("DATA_ROOT", str(self.root / "data")))

    @property
    def database(self) -> Path:
        return Path(self.text("DB_FILE", str(self.data_root / "association.sqlite")))

    @property
    def plugins_root(self) -> Path:
        return Path(self.text("PLUGINS_ROOT", str(self.data_root / "plugins")))

    @property
    def modules_root(self) -> Path:
        return self.root / "modules"

    @property
    def compiled(self) -> Path:
        return self.data_root / "cache" / "shared" / "compiled"

    @property
    def version(self) -> str:
        """Of the code."""
        return (self.root / "VERSION").read_text().strip()


def _value(source: str) -> object:
    if source in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[source]
    if re.fullmatch(r"-?\d+", source):
        return int(source)
    if source.startswith("["):
        return tuple(re.findall(r"'([^']*)'", source))
    return source.strip("'\"").replace("\\'", "'").replace("\\\\", "\\")


def load_configuration(file: Path | None, root: Path) -> Configuration:
    """The configuration in ``file``.

    As the real one: a missing file is created with a new key, and the default data folder is used.
    """
    chosen = file or root / "config.local.php"
    if not chosen.is_file():
        chosen.write_text("<?php\nnamespace Paheko;\nconst SECRET_KEY = 'made up';\n")
    configuration = Configuration(chosen, root)
    configuration.read(chosen)
    return configuration
