"""The stand-in's command line: what ``php bin/paheko`` says, where, and with which status."""

import os
import re
import shutil
import sqlite3
import sys
from pathlib import Path

from tests.fakes.paheko_standin.configuration import (
    Configuration,
    ConfigurationError,
    load_configuration,
)
from tests.fakes.paheko_standin.extensions import Extensions
from tests.fakes.paheko_standin.script import PhpError, UserException
from tests.fakes.paheko_standin.storage import decode_version, encode_version, open_database

_WITHOUT_DATABASE = ("db", "upgrade", "init", "server", "help")


class Failure(Exception):  # noqa: N818 - a status, not a fault of the stand-in
    """``fail()``: red words on standard output, status 1."""


def main(arguments: list[str]) -> int:
    """Run ``php SCRIPT ARGUMENTS``; returns the exit status."""
    root = Path(arguments[0]).resolve().parent.parent
    try:
        config, command = _options(arguments[1:])
        configuration = load_configuration(config, root)
        if "WWW_URL" not in configuration.constants:
            _warn_about_address()
        return _run(configuration, command, arguments[0])
    except (UserException, Failure) as refusal:
        print(f"\x1b[91m{refusal}\x1b[0m")
    except ConfigurationError as error:
        print(error, file=sys.stderr)
    except PhpError as error:
        print(f" /!\\ {error.kind} \n{error}\n#0 [internal]", file=sys.stderr)
    except sqlite3.Error as error:
        print(f" /!\\ KD2\\DB\\DB_Exception \n{error}", file=sys.stderr)
    return 1


def _options(arguments: list[str]) -> tuple[Path | None, list[str]]:
    """The config named by ``-c``, and the rest."""
    config = None
    while arguments and arguments[0].startswith("-"):
        if arguments[0] not in ("-c", "--config"):
            raise Failure(f"Unknown option: {arguments[0]}")
        config, arguments = Path(arguments[1]), arguments[2:]
    if not arguments:
        raise Failure('No command was passed. Use "paheko help" to get list of commands.')
    return config, arguments


def _warn_about_address() -> None:
    rule = "-" * 50
    text = "Warning: WWW_URL constant is not specified!\nhttp://localhost/ will be used instead."
    print(f"\x1b[93m{rule}\n{text}\n{rule}\n\x1b[0m", end="", file=sys.stderr)


def _run(configuration: Configuration, command: list[str], script: str) -> int:
    verb, *rest = command
    if verb not in _WITHOUT_DATABASE:
        _check_database(configuration)
    match verb, rest:
        case "version", _:
            print(_version(configuration))
        case "env", _:
            _print_environment(configuration)
        case "ext", [*parts]:
            _extension(configuration, parts)
        case "db", ["check", *_]:
            return _check(configuration)
        case "db", ["backup", *target]:
            _back_up(configuration, target)
        case "upgrade", _:
            return _upgrade(configuration)
        case "server", _:
            return _serve(configuration, rest, script)
        case _:
            raise Failure(f'Unknown command "{verb}".')
    return 0


def _check_database(configuration: Configuration) -> None:
    if not configuration.database.is_file():
        raise Failure('Database does not exist. Run "init" command first.')
    if encode_version(_version(configuration)) < encode_version(configuration.version):
        raise Failure('The database requires an upgrade. Run "upgrade" command first.')


def _version(configuration: Configuration) -> str:
    database = open_database(configuration.database)
    return decode_version(database.execute("PRAGMA user_version").fetchone()[0])


def _print_environment(configuration: Configuration) -> None:
    """Constants by name; secrets of the configuration are hidden, passwords are not."""
    cache = configuration.data_root / "cache"
    values: dict[str, object] = {
        "API_PASSWORD": configuration.constants.get("API_PASSWORD"),
        "DATA_ROOT": str(configuration.data_root),
        "DB_FILE": str(configuration.database),
        "FILE_STORAGE_BACKEND": configuration.text("FILE_STORAGE_BACKEND", "SQLite"),
        "FILE_STORAGE_CONFIG": configuration.constants.get("FILE_STORAGE_CONFIG"),
        "PLUGINS_ALLOWLIST": configuration.constants.get("PLUGINS_ALLOWLIST"),
        "PLUGINS_BLOCKLIST": configuration.constants.get("PLUGINS_BLOCKLIST"),
        "PLUGINS_ROOT": str(configuration.plugins_root),
        "ROOT": str(configuration.root),
        "SECRET_KEY": "***HIDDEN***",
        "SHARED_USER_TEMPLATES_CACHE_ROOT": str(cache / "shared" / "utemplates"),
        "SMARTYER_CACHE_ROOT": str(configuration.compiled),
        "USER_TEMPLATES_CACHE_ROOT": str(cache / "utemplates"),
        "VERSION": configuration.version,
        "WWW_URL": configuration.text("WWW_URL", "http://localhost/"),
    }
    for name, value in values.items():
        print(f"{name}: {_exported(value)}")


def _exported(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(_exported(item) for item in value) + "]"
    return '"' + str(value).replace('"', '\\"') + '"'


def _extension(configuration: Configuration, parts: list[str]) -> None:
    extensions = Extensions(configuration, open_database(configuration.database))
    if parts[:1] == ["list"]:
        listed = extensions.list_disabled() if "--disabled" in parts else extensions.list_enabled()
        print("\n".join(listed))
        return
    known = extensions.get(parts[0])
    if known is None:
        raise Failure("This extension does not exist")
    match parts[1:2]:
        case []:
            enabled = "yes" if known.enabled else "no"
            print(f"Name: {known.name}\nType: {known.kind}\nEnabled: {enabled}")
            print(f"Label: {known.label}\nDescription: ")
        case ["enable"]:
            extensions.enable(known)
        case ["disable"]:
            extensions.disable(known)
        case ["delete"]:
            if known.enabled:
                raise Failure("This extension is enabled: cannot delete an enabled extension.")
            extensions.delete(known)
        case [other]:
            raise Failure(f"Unknown subcommand: paheko ext {parts[0]} {other}")


def _check(configuration: Configuration) -> int:
    database = open_database(configuration.database)
    print(f"Integrity: {database.execute('PRAGMA integrity_check').fetchone()[0]}")
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    for table, row, parent, _ in broken:
        print(f"Foreign key FAIL: {table}:{row} -> {parent}:0")
    if not broken:
        print("Foreign keys: ok")
    return 1 if broken else 0


def _back_up(configuration: Configuration, target: list[str]) -> None:
    """Overwrites whatever the target is; when it cannot, its own copy stays in the cache."""
    if not target:
        raise Failure("Missing target file")
    cache = configuration.data_root / "cache"
    cache.mkdir(exist_ok=True)
    copy = cache / f"sqlite-backup-{os.urandom(3).hex()}"
    open_database(configuration.database).execute(f"VACUUM INTO '{copy}'")
    copy.chmod(0o600)
    try:
        shutil.move(copy, target[0])
    except OSError as error:
        raise PhpError("ErrorException", f"Warning: rename({copy},{target[0]}): {error}") from error


def _upgrade(configuration: Configuration) -> int:
    """2 when the database was brought up to date, plugins included; 0 when it was."""
    database = open_database(configuration.database)
    number = database.execute("PRAGMA user_version").fetchone()[0]
    if number >= encode_version(configuration.version):
        return 0
    database.execute(f"PRAGMA user_version = {encode_version(configuration.version)}")
    Extensions(configuration, database).upgrade_all()
    return 2


def _serve(configuration: Configuration, options: list[str], script: str) -> int:
    """Starts the server as another process, which outlives this one unless its group is killed."""
    import subprocess  # Slow to load, and every other command does without.

    found = dict(re.findall(r"(-[bp]) (\S+)", " ".join(options)))
    php = shutil.which("php")
    if php is None:
        return 127
    address, port = found.get("-b", "127.0.0.1"), found.get("-p", "8081")
    command = [php, "-S", f"{address}:{port}", str(configuration.file), script]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return 0


def start(arguments: list[str]) -> int:
    """What the stand-in's ``php`` does with its arguments."""
    os.umask(0o022)
    if arguments[:1] == ["-S"]:
        from tests.fakes.paheko_standin.web import serve

        return serve(arguments[1], Path(arguments[2]), Path(arguments[3]))
    return main(arguments)
