"""The few PHP statements that test extensions use in install.php, upgrade.php and uninstall.php.

So one and the same test extension runs on the stand-in and on a real Paheko.
"""

import re
import sqlite3
import sys
import time
from pathlib import Path

_STATEMENT = re.compile(
    r"DB::getInstance\(\)->exec\('(?P<sql>(?:[^'\\]|\\.)*)'\);"
    r"|DB::getInstance\(\)->(?P<database>begin|commit)\(\);"
    r"|throw new (?P<kind>\\?\w+)\('(?P<message>(?:[^'\\]|\\.)*)'\);"
    r"|exit\((?P<status>\d+)\);"
    r"|sleep\((?P<seconds>\d+)\);"
)


class UserException(Exception):  # noqa: N818 - Paheko's own name
    """Told to the user in Paheko's words."""


class PhpError(Exception):
    """Told to nobody in particular: class, message, stack."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def run_script(file: Path, database: sqlite3.Connection) -> None:
    """Do what the statements in ``file`` say, in their order; does nothing when it is missing."""
    if not file.is_file():
        return
    for found in _STATEMENT.finditer(file.read_text("utf-8")):
        if found["sql"] is not None:
            _execute(database, found["sql"].replace("\\'", "'"))
        elif found["database"] == "commit" and database.in_transaction:
            database.execute("COMMIT")
        elif found["kind"]:
            if found["kind"] == "UserException":
                raise UserException(found["message"])
            raise PhpError(found["kind"].lstrip("\\"), found["message"])
        elif found["status"] is not None:
            sys.exit(int(found["status"]))
        elif found["seconds"]:
            time.sleep(int(found["seconds"]))


def _execute(database: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        if statement.strip():
            try:
                database.execute(statement)
            except sqlite3.Error as error:
                raise PhpError("KD2\\DB\\DB_Exception", str(error)) from error
