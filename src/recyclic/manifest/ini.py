"""Ini files the way Paheko reads them.

Source: Paheko 1.3.22, ``Utils::parse_ini_string``: PHP's ``parse_ini_string`` with
``INI_SCANNER_RAW``, flat (a section's header changes nothing), then a few words and numbers
become booleans and integers, in quotes or not.
"""

import re
from dataclasses import dataclass

from recyclic.manifest.findings import Findings
from recyclic.model.diagnostic import Place

IniScalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class IniValue:
    """A value as Paheko sees it, and where its key stands."""

    value: IniScalar
    place: Place


_SECTION = re.compile(r"\s*\[[^\]\r\n]*\][ \t]*(?:;.*)?")
_BLANK = re.compile(r"\s*(?:;.*)?")
_LONE_KEY = re.compile(r"[^=\[\]{}|&~!()^\"$;]*(?:;.*)?")
_KEY_VALUE = re.compile(r"\s*(?P<key>[^=\[\]{}|&~!()^\"$;\s][^=\[\]{}|&~!()^\"$;]*?)[ \t]*"
                        r"(?P<item>\[[^\]]*\])?[ \t]*=(?P<value>.*)", re.DOTALL)  # fmt: skip
_NOTHING = re.compile(r"[ \t]*;")
_RESERVED = re.compile(r"(?:null|yes|no|true|false|on|off|none)", re.IGNORECASE)

_TRUE = ("TRUE", "true", "on", "yes")
_FALSE = ("FALSE", "false", "off", "no", "none")
_NULL = ("NULL", "null")


def parse_ini(label: str, text: str, findings: Findings) -> dict[str, IniValue]:
    """Every key with its last value; a line that PHP stops at goes to ``findings``."""
    found: dict[str, IniValue] = {}
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if _BLANK.fullmatch(line) or _SECTION.fullmatch(line):
            continue
        match = _KEY_VALUE.fullmatch(line)
        lone = match is None and _LONE_KEY.fullmatch(line)
        if lone and not _RESERVED.match(line.strip()):
            continue
        if match is None or _RESERVED.fullmatch(match["key"]) or _NOTHING.match(match["value"]):
            place = Place(label, number, len(line) - len(line.lstrip()) + 1, len(line.strip()))
            findings.error("RCY-M036", place, line=line.strip()[:100])
            return found
        place = Place(label, number, match.start("key") + 1, len(match["key"]))
        if match["item"] is None:
            found[match["key"]] = IniValue(_typed(_raw_value(match["value"])), place)
    return found


def _raw_value(text: str) -> str:
    """The value in the rest of a line: up to a comment, without the quotes around it.

    Source: PHP's zend_ini_scanner.l, raw values: a semicolon ends the value unless a quote
    comes after it and the value began with one.
    """
    text = text.lstrip(" \t")
    quoted = text.startswith('"')
    comment = text.find(";", text.rfind('"') + 1 if quoted else 0)
    value = (text if comment < 0 else text[:comment]).rstrip(" \t")
    if quoted and len(value) > 1 and value.endswith('"'):
        return value[1:-1]
    return value


def _typed(text: str) -> IniScalar:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text in _NULL:
        return None
    if text.isascii() and text.isdigit():
        return int(text[:18])
    return text.replace("\\n", "\n")
