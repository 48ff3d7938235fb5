"""Writing a suggested fix: the lines of bundle and profile it changes, and nothing else of them."""

import os
import re
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

from recyclic.errors import RecyclicError
from recyclic.resolve.fix import Fix, Patch

_KEY = re.compile(r"""(?P<key>"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)(?P<equals>\s*=\s*)""")
_VALUE = re.compile(r""""[^"\n]*"|'[^'\n]*'|true|false""")
_ITEM = re.compile(r""""(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'""")
_NAME = re.compile(r"\s*(?:[a-z]+:)?[A-Za-z0-9._-]*[A-Za-z0-9_]")


class UnwritableFixError(RecyclicError):
    """The line of a fix is not written as its place says. Facts: ``place``."""

    code = "RCY-U009"


class NoSuchFixError(RecyclicError):
    """``--fix N`` names a fix that was not offered. Facts: ``number``, ``offered``."""

    code = "RCY-U010"


def chosen_fix(fixes: tuple[Fix, ...], number: int) -> Fix:
    """The ``number``-th fix, counted from 1.

    Raises:
        NoSuchFixError: there are not so many.
    """
    if not 1 <= number <= len(fixes):
        raise NoSuchFixError(number=number, offered=len(fixes))
    return fixes[number - 1]


def write_fix(fix: Fix) -> tuple[Path, ...]:
    """Change the files; each is replaced as a whole, and only once all would still be TOML.

    Raises:
        UnwritableFixError: a line is written in a way that cannot be edited safely.
    """
    by_file: dict[Path, list[Patch]] = defaultdict(list)
    for patch in fix.patches:
        by_file[Path(patch.place.file)].append(patch)
    changed = {path: patched(path.read_text(encoding="utf-8"), by_file[path]) for path in by_file}
    for path, text in changed.items():
        _replace(path, text)
    return tuple(sorted(changed))


def patched(text: str, patches: list[Patch]) -> str:
    """``text`` with every patch made, the last place first so that places stay true."""
    lines = text.split("\n")
    for patch in sorted(patches, key=lambda each: each.place, reverse=True):
        _edit(lines, patch)
    result = "\n".join(lines)
    try:
        tomllib.loads(result)
    except tomllib.TOMLDecodeError as error:
        raise UnwritableFixError(place=str(patches[0].place)) from error
    return result


def _edit(lines: list[str], patch: Patch) -> None:
    at = patch.place.line - 1
    before, rest = lines[at][: patch.place.column - 1], lines[at][patch.place.column - 1 :]
    key = _KEY.match(rest)
    if key is not None:
        edited = _edited_entry(rest, key, patch)
    elif item := _ITEM.match(rest):
        edited = _edited_item(rest, item, patch)
    else:
        raise UnwritableFixError(place=str(patch.place))
    if edited is None:
        del lines[at]
    else:
        lines[at] = before + edited


def _edited_entry(rest: str, key: re.Match[str], patch: Patch) -> str | None:
    """``caisse = ">=1"``, changed; None when the line goes."""
    if patch.new is None and patch.renamed is None:
        return None
    value = _VALUE.match(rest, key.end())
    if value is None:
        raise UnwritableFixError(place=str(patch.place))
    name = patch.renamed or key["key"]
    written = value[0] if patch.renamed and patch.new is None else f'"{patch.new or "*"}"'
    return f"{name}{key['equals']}{written}{rest[value.end() :]}"


def _edited_item(rest: str, item: re.Match[str], patch: Patch) -> str:
    """``"socle>=1.0"`` in a list, changed, or taken out with the comma behind it."""
    if patch.new is None and patch.renamed is None:
        return rest[item.end() :].lstrip().removeprefix(",").lstrip()
    found = item["double"] if item["double"] is not None else item["single"]
    name = _NAME.match(found)
    if name is None:
        raise UnwritableFixError(place=str(patch.place))
    specifier = found[name.end() :] if patch.new is None else patch.new
    return f'"{patch.renamed or name[0]}{specifier}"{rest[item.end() :]}'


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(path.stat().st_mode & 0o777)
    Path(file.name).replace(path)
