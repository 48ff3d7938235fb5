"""PHP's opcode cache under php-fpm: whether it notices at all that code was replaced.

Source: https://www.php.net/manual/opcache.configuration.php, ``opcache.validate_timestamps``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

PHP_SETTINGS = Path("/etc/php")
"""Where Debian keeps one folder per version of PHP."""

_SETTING = re.compile(
    r"^\s*(?:php(?:_admin)?_(?:value|flag)\[)?(opcache\.(?:enable|validate_timestamps))\]?"
    r"\s*=\s*\"?(\w+)\"?",
    re.MULTILINE,
)
_OFF = frozenset({"0", "off", "no", "false", "none"})


def serves_old_code(php: Path, settings: Path = PHP_SETTINGS) -> Path | None:
    """The file that tells php-fpm of the same version never to look at the time of a file, or None.

    Such a server goes on with what it has in memory until it is reloaded.
    """
    version = re.search(r"(\d+\.\d+)$", php.resolve().name)
    if version is None:
        return None
    found: dict[str, tuple[str, Path]] = {}
    for file in _files(settings / version[1] / "fpm"):
        for name, value in _SETTING.findall(_text(file)):
            found[name] = (value.lower(), file)  # a later file has the last word
    if found.get("opcache.enable", ("1", php))[0] in _OFF:
        return None
    value, file = found.get("opcache.validate_timestamps", ("1", php))
    return file if value in _OFF else None


def _files(folder: Path) -> Iterator[Path]:
    yield folder / "php.ini"
    yield from sorted(folder.glob("conf.d/*.ini"))
    yield from sorted(folder.glob("pool.d/*.conf"))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
