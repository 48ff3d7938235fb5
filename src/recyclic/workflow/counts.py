"""What modules keep, counted in the site's own terms: "37 sales"."""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from recyclic.manifest.load import load_module
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.site.layout import Site


def site_counts(site: Site) -> dict[str, dict[str, int]]:
    """Module to name to number, for every enabled module that declares ``[counts]``. Reads only.

    A query runs on each database of the module's data folder that has the tables it names. What
    cannot be counted is left out: nobody's status fails because a module is being upgraded.
    """
    found: dict[str, dict[str, int]] = {}
    generation = site.generation(site.current_number())
    for folder in sorted(generation.modules.glob("*")):
        counts = _declared(folder)
        numbers = _count(site.data / folder.name, counts)
        if numbers:
            found[folder.name] = numbers
    return found


def _declared(folder: Path) -> Mapping[str, str]:
    try:
        return load_module(folder).counts
    except DiagnosticsError:
        return {}


def _count(data: Path, counts: Mapping[str, str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    if not counts or not data.is_dir():
        return numbers
    for file in sorted(path for path in data.iterdir() if _is_database(path)):
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            for name, query in counts.items():
                with contextlib.suppress(sqlite3.Error, TypeError, ValueError, IndexError):
                    numbers[name] = int(database.execute(query).fetchone()[0])
    return numbers


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False
