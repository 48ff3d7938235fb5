"""What was done to a site, one line a transaction, each line sealing the one before."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from recyclic.site.errors import HistoryDamagedError
from recyclic.site.layout import Site

HISTORY_FORMAT = 1


def append_history(site: Site, entry: Mapping[str, Any]) -> None:
    """Add a transaction's end; one that is there already is not added again."""
    content = _whole_lines(site)
    lines = content.splitlines()
    if lines and _loosely(lines[-1]).get("transaction") == entry["transaction"]:
        return
    record = {"format": HISTORY_FORMAT, **entry, "seal": _seal(lines[-1] if lines else b"")}
    line = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    site.disk.append(site.history, f"{line}\n".encode())
    if not lines:
        site.disk.flush_folder(site.journal)


def _whole_lines(site: Site) -> bytes:
    """The history, less a last line that was cut short, which is cut off on disk as well."""
    if not site.history.is_file():
        return b""
    content = site.history.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        site.disk.truncate(site.history, len(whole))
    return whole


def read_history(site: Site) -> tuple[dict[str, Any], ...]:
    """Every entry, oldest first. Reads only.

    Raises:
        HistoryDamagedError: a line was changed, cut out or put in.
    """
    if not site.history.is_file():
        return ()
    entries: list[dict[str, Any]] = []
    before = b""
    for number, line in enumerate(site.history.read_bytes().split(b"\n")[:-1], 1):
        try:
            entry = json.loads(line)
            if entry["seal"] != _seal(before):
                raise ValueError("seal")
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryDamagedError(path=str(site.history), line=number) from error
        entries.append(entry)
        before = line
    return tuple(entries)


def _seal(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest() if line else ""


def _loosely(line: bytes) -> dict[str, Any]:
    """What a line says, or nothing: a damaged history must not stop an apply."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def last_entries(site: Site) -> tuple[dict[str, Any], ...]:
    """Every entry that can be read, oldest first, seals unseen. Reads only."""
    if not site.history.is_file():
        return ()
    return tuple(_loosely(line) for line in site.history.read_bytes().splitlines())


def next_number(site: Site) -> int:
    """A number that no generation ever had."""
    entries = last_entries(site)
    used = [entry["generation"] for entry in entries if isinstance(entry.get("generation"), int)]
    return max([0, *map(int, used), *site.numbers(), site.current_number()]) + 1
