"""The stand-in's database: Paheko's tables for extensions beside those of its books."""

import sqlite3
from pathlib import Path

TABLES = """
CREATE TABLE plugins (
    id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    version TEXT NOT NULL, restrict_section TEXT, restrict_level INT, config TEXT,
    enabled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE plugins_signals (signal TEXT NOT NULL, plugin TEXT NOT NULL, callback TEXT NOT NULL);
CREATE TABLE modules (
    id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL, config TEXT,
    enabled INTEGER NOT NULL DEFAULT 0, web INTEGER NOT NULL DEFAULT 0,
    system INTEGER NOT NULL DEFAULT 0);
CREATE TABLE files (
    id INTEGER NOT NULL PRIMARY KEY, path TEXT NOT NULL, parent TEXT, name TEXT NOT NULL,
    type INTEGER NOT NULL, size INT);
"""


def create_database(file: Path, version: str) -> None:
    """A fresh association: books with an open year, the theme ``web`` enabled."""
    from tests.fakes.paheko_books import prepare_books, usual_year

    database = sqlite3.connect(file)
    prepare_books(database, [usual_year()])
    database.executescript(TABLES)
    database.execute("INSERT INTO modules (name, label, enabled, web) VALUES ('web', 'Web', 1, 1)")
    database.execute(f"PRAGMA user_version = {encode_version(version)}")
    database.commit()
    database.close()


def open_database(file: Path, *, wait_seconds: float = 10.0) -> sqlite3.Connection:
    """A connection in autocommit; writers say BEGIN themselves."""
    database = sqlite3.connect(file, timeout=wait_seconds, isolation_level=None)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    return database


def encode_version(text: str) -> int:
    """``1.3.22.1`` as ``user_version``."""
    major, minor, release, *fix = (int(part) for part in text.split("."))
    return major * 1_000_000 + minor * 10_000 + release * 100 + (75 + fix[0] if fix else 0)


def decode_version(number: int) -> str:
    """``user_version`` as text (releases and corrections only)."""
    rest, fix = divmod(number, 100)
    release = f"{rest // 10000}.{rest // 100 % 100}.{rest % 100}"
    return f"{release}.{fix - 75}" if fix > 75 else release
