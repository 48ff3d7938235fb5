"""The TOML that module.toml files are usually written in, read some ten times as fast as tomllib.

Booting a thousand modules reads a thousand manifests, and tomllib alone would take longer than
importing them. Whatever goes beyond the plain lines below is left to tomllib, so this file only
ever decides how long reading takes, not what is read.
"""

import re
import tomllib
from typing import Any

_TEXT = r'"[^"\\\x00-\x1f\x7f]*"'
_LINE = re.compile(
    rf"""[ ]*(?:
        \[(?P<table>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]
      | (?P<key>[A-Za-z0-9_-]+)[ ]*=[ ]*(?:
            (?P<text>{_TEXT})
          | (?P<texts>\[[ ]*(?:{_TEXT}[ ]*(?:,[ ]*{_TEXT}[ ]*)*,?[ ]*)?\])
          | (?P<number>0|[1-9][0-9]{{0,15}})
          | (?P<truth>true|false)
        )
    )?[ ]*(?:\#[^\x00-\x1f\x7f]*)?""",
    re.VERBOSE,
)
_INNER_TEXT = re.compile(_TEXT)


def loads(text: str) -> dict[str, Any]:
    """Exactly what :func:`tomllib.loads` returns for ``text``.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML.
    """
    document = _plain(text)
    return tomllib.loads(text) if document is None else document


def _plain(text: str) -> dict[str, Any] | None:
    """The document, or None when a line is not plain, or not certain to be right."""
    document: dict[str, Any] = {}
    table, opened = document, set()
    for line in text.split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        kind = found.lastgroup
        if kind is None:
            continue
        if kind == "table":
            header = found["table"]
            inner = None if header in opened else _open(document, header)
            if inner is None:
                return None
            table = inner
            opened.add(header)
            continue
        key = found["key"]
        if key in table:
            return None
        table[key] = _value(kind, found[kind])
    return document


def _open(document: dict[str, Any], header: str) -> dict[str, Any] | None:
    """The table that ``header`` names, made if need be; None if a value is in the way."""
    table = document
    for part in header.split("."):
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            return None
    return table


def _value(kind: str, written: str) -> object:
    if kind == "text":
        return written[1:-1]
    if kind == "texts":
        return [inner[1:-1] for inner in _INNER_TEXT.findall(written)]
    return int(written) if kind == "number" else written == "true"
