"""Paheko's plugins and Brindille modules as it handles them, with every surprise that has."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.paheko_standin.configuration import Configuration
from tests.fakes.paheko_standin.script import PhpError, UserException, run_script

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_SECTIONS = ("web", "documents", "users", "accounting", "connect", "config")
_CONSTANTS: Mapping[str, object] = {
    **dict.fromkeys(("FALSE", "false", "off", "no", "none"), False),
    **dict.fromkeys(("TRUE", "true", "on", "yes"), True),
    **dict.fromkeys(("NULL", "null"), None),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What ``ext NAME`` is about."""

    name: str
    kind: str
    enabled: bool
    label: str


class Extensions:
    """One site's extensions, over an open database."""

    def __init__(self, configuration: Configuration, database: sqlite3.Connection) -> None:
        self._configuration = configuration
        self._database = database

    def get(self, name: str) -> Known | None:
        """An installed plugin, or one that could be, or a registered module: in this order."""
        if _NAME.fullmatch(name) is None:
            return None
        row = self._row("SELECT enabled, label FROM plugins WHERE name = ?", name)
        if row is not None:
            return Known(name, "plugin", bool(row[0]), str(row[1]))
        if (self._configuration.plugins_root / name).exists():
            self._refuse_foreign_link(name)
            return Known(name, "plugin", False, name)
        row = self._row("SELECT enabled, label FROM modules WHERE name = ?", name)
        return None if row is None else Known(name, "module", bool(row[0]), str(row[1]))

    def enable(self, known: Known) -> None:
        """Row and install.php in one transaction; an existing row is only rewritten."""
        if known.kind == "module":
            self._write("UPDATE modules SET enabled = 1 WHERE name = ?", known.name)
            return
        ini = self._checked_ini(known.name)
        row = self._row("SELECT id FROM plugins WHERE name = ?", known.name)
        with Transaction(self._database):
            if row is None:
                self._insert(known.name, ini, enabled=True)
                run_script(self._path(known.name, "install.php"), self._database)
            else:
                self._database.execute(
                    "UPDATE plugins SET enabled = 1, version = ?, label = ? WHERE name = ?",
                    (ini["version"], ini["name"], known.name),
                )

    def disable(self, known: Known) -> None:
        """Also of a plugin that was never installed: that leaves a row behind."""
        if known.kind == "module":
            if self._row("SELECT 1 FROM modules WHERE name = ? AND web = 1", known.name):
                raise UserException("Cannot disable web module")
            self._write("UPDATE modules SET enabled = 0 WHERE name = ?", known.name)
            return
        ini = self._read_ini(known.name)
        if ini is None:
            raise UserException(
                "Le code du plugin n'est pas disponible (fichier plugin.ini absent)"
            )
        if self._row("SELECT 1 FROM plugins WHERE name = ?", known.name) is None:
            self._insert(known.name, ini, enabled=False)
        self._write("UPDATE plugins SET enabled = 0 WHERE name = ?", known.name)

    def delete(self, known: Known) -> None:
        """Not one transaction: an uninstall.php that fails has done what it has done."""
        if known.kind == "module":
            self._erase_module(known.name)
            return
        run_script(self._path(known.name, "uninstall.php"), self._database)
        self._write("DELETE FROM plugins_signals WHERE plugin = ?", known.name)
        self._write("DELETE FROM plugins WHERE name = ?", known.name)

    def list_enabled(self) -> list[str]:
        """Writes: enabled plugins that are broken, missing or forbidden are disabled on the way."""
        modules = self._rows("SELECT label, name FROM modules WHERE enabled = 1")
        plugins = []
        for label, name in self._rows("SELECT label, name FROM plugins WHERE enabled = 1"):
            if self._complaint(name):
                self._write("UPDATE plugins SET enabled = 0 WHERE name = ?", name)
            else:
                plugins.append((label, name))
        return [name for _, name in sorted(modules + plugins, key=_by_label)]

    def list_disabled(self) -> list[str]:
        """Dies for everybody at one bad ini, or one link that leaves the plugins' folder."""
        rows = self._rows("SELECT label, name FROM modules WHERE enabled = 0")
        rows += self._rows("SELECT label, name FROM plugins WHERE enabled = 0")
        known = {name for _, name in self._rows("SELECT label, name FROM plugins")}
        for path in sorted(self._configuration.plugins_root.glob("*")):
            has_ini = path.is_dir() and (path / "plugin.ini").is_file()
            if has_ini and _NAME.fullmatch(path.name) and path.name not in known:
                self._refuse_foreign_link(path.name)
                if self._is_allowed(path.name):
                    rows.append((str(self._checked_ini(path.name)["name"]), path.name))
        return [name for _, name in sorted(rows, key=_by_label)]

    def refresh_for_install_page(self) -> list[str]:
        """What ``?install=1`` does: new modules in, modules without folder erased, versions bumped.

        Returns the complaints it shows.
        """
        errors: list[str] = []
        with Transaction(self._database):
            found = {
                path.name for path in self._configuration.modules_root.glob("*") if path.is_dir()
            }
            local = self._rows("SELECT name, name FROM files WHERE parent = 'modules'")
            found |= {name for _, name in local}
            known = {name for _, name in self._rows("SELECT label, name FROM modules")}
            for name in sorted(found - known):
                self._create_module(name, errors)
            for name in sorted(known - found):
                self._erase_module(name)
            for _, name in self._rows("SELECT label, name FROM plugins"):
                ini = self._read_ini(name)
                if ini is not None and "version" in ini:
                    version = str(ini["version"])
                    self._database.execute(
                        "UPDATE plugins SET version = ? WHERE name = ?", (version, name)
                    )
        return errors

    def upgrade_all(self) -> None:
        """Each enabled plugin whose version differs; the first failure stops the rest."""
        for _, name in self._rows("SELECT label, name FROM plugins WHERE enabled = 1"):
            ini = self._read_ini(name)
            if ini is None or self._complaint(name):
                continue
            row = self._row("SELECT version FROM plugins WHERE name = ?", name)
            if row is not None and str(row[0]) != str(ini["version"]):
                run_script(self._path(name, "upgrade.php"), self._database)
                self._write(
                    "UPDATE plugins SET version = ? WHERE name = ?", str(ini["version"]), name
                )

    def plugin_page(self, name: str) -> Path | None:
        """The page of an enabled plugin with code, or None."""
        row = self._row("SELECT enabled FROM plugins WHERE name = ?", name)
        page = self._path(name, "admin/index.php")
        return page if row is not None and row[0] and page.is_file() else None

    def _create_module(self, name: str, errors: list[str]) -> None:
        ini = _parse(self._configuration.modules_root / name / "module.ini")
        if _NAME.fullmatch(name) is None or ini is None or not isinstance(ini.get("name"), str):
            errors.append(f"{name}: module.ini")
        elif "min_version" in ini:
            errors.append(f"{name}: Ce module nécessite Paheko 1.4.0 ou supérieure")
        else:
            self._database.execute(
                "INSERT INTO modules (name, label, enabled) VALUES (?, ?, 0)", (name, ini["name"])
            )

    def _erase_module(self, name: str) -> None:
        self._database.execute(f'DROP TABLE IF EXISTS "module_data_{name}"')
        self._write("DELETE FROM modules WHERE name = ?", name)

    def _insert(self, name: str, ini: Mapping[str, object], *, enabled: bool) -> None:
        self._database.execute(
            "INSERT INTO plugins (name, label, version, enabled) VALUES (?, ?, ?, ?)",
            (name, ini["name"], ini["version"], int(enabled)),
        )

    def _path(self, name: str, file: str) -> Path:
        return self._configuration.plugins_root / name / file

    def _is_allowed(self, name: str) -> bool:
        allowed = self._configuration.names("PLUGINS_ALLOWLIST")
        blocked = self._configuration.names("PLUGINS_BLOCKLIST") or frozenset()
        return (allowed is None or name in allowed) and name not in blocked

    def _refuse_foreign_link(self, name: str) -> None:
        root = self._configuration.plugins_root.resolve()
        if not (root / name).resolve().is_relative_to(root):
            raise PhpError("LogicException", f'Security alert for "{name}"')

    def _read_ini(self, name: str) -> dict[str, object] | None:
        return _parse(self._path(name, "plugin.ini"))

    def _checked_ini(self, name: str) -> dict[str, object]:
        if complaint := self._complaint(name):
            raise UserException(complaint)
        ini = self._read_ini(name)
        assert ini is not None
        return ini

    def _complaint(self, name: str) -> str:
        """Why a plugin is broken, in Paheko's words; empty when it is not."""
        self._refuse_foreign_link(name)
        if not self._path(name, "plugin.ini").is_file():
            return "Le fichier plugin.ini est absent"
        ini = self._read_ini(name)
        if ini is None or not ini.get("name"):
            return f'{name} : le nom de l\'extension ("name") ne peut rester vide'
        if "version" not in ini:
            raise PhpError("ErrorException", "Warning: Undefined property: stdClass::$version")
        if not isinstance(ini["version"], str) or not isinstance(ini["name"], str):
            raise PhpError("UnexpectedValueException", "invalid type")
        checks: tuple[Callable[[str, Mapping[str, object]], str], ...] = (
            self._too_new,
            self._lacks_page,
            _bad_restriction,
        )
        complaints = (check(name, ini) for check in checks)
        if complaint := next(filter(None, complaints), ""):
            return complaint
        return "" if self._is_allowed(name) else "Cette extension est désactivée par l'hébergeur"

    def _too_new(self, name: str, ini: Mapping[str, object]) -> str:
        wanted = str(ini.get("min_version", "") or "")
        numbers = [int(part) for part in re.findall(r"\d+", wanted)]
        ours = [int(part) for part in self._configuration.version.split(".")]
        if numbers <= ours:
            return ""
        return f'L\'extension "{name}" nécessite Paheko version {wanted} ou supérieure.'

    def _lacks_page(self, name: str, ini: Mapping[str, object]) -> str:
        for key in ("menu", "home_button"):
            if ini.get(key) and not self._path(name, "admin/index.php").is_file():
                return (
                    "Le fichier admin/index.php n'existe pas alors que la directive"
                    f' "{key}" est activée.'
                )
        return ""

    def _rows(self, query: str) -> list[tuple[str, str]]:
        return [(str(label), str(name)) for label, name in self._database.execute(query)]

    def _row(self, query: str, *values: str) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._database.execute(query, values).fetchone()
        return row

    def _write(self, statement: str, *values: str) -> None:
        self._database.execute(statement, values)


class Transaction:
    """All or nothing; SQLite's lock is refused at once, as it is where a write follows a read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("PRAGMA busy_timeout = 0")
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise PhpError("KD2\\DB\\DB_Exception", str(error)) from error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._database.in_transaction:
            self._database.execute("COMMIT" if kind is None else "ROLLBACK")
        self._database.execute("PRAGMA busy_timeout = 10000")


def _bad_restriction(_name: str, ini: Mapping[str, object]) -> str:
    section, level = ini.get("restrict_section"), ini.get("restrict_level")
    if not section or not level:
        return ""
    if section not in _SECTIONS:
        return "Restriction de section invalide"
    allowed = {"config": ("admin",), "connect": ("read",)}.get(
        str(section), ("read", "write", "admin")
    )
    known = {"read": 1, "write": 2, "admin": 9}.get(str(level))
    if known is None or level in allowed:
        return ""
    return f"This restricted access level doesn't exist for this section: {known}"


def _by_label(pair: tuple[str, str]) -> str:
    return pair[0].lower()


def _parse(file: Path) -> dict[str, object] | None:
    """A flat INI as PHP reads it raw, with Paheko's guesses about types; None when unreadable."""
    if not file.is_file():
        return None
    values: dict[str, object] = {}
    for line in file.read_text("utf-8").splitlines():
        if line.strip().startswith("[") and "]" not in line:
            raise UserException(
                "Le fichier plugin.ini est invalide : Warning: syntax error, unexpected end of file"
            )
        if found := re.match(r"^\s*([\w.-]+)\s*=\s*(.*?)\s*$", line):
            text = found[2].strip("\"'")
            values[found[1]] = _CONSTANTS.get(text, int(text) if text.isdigit() else text)
    return values
