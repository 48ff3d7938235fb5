"""What one Paheko says about itself: folders, database, limits. Its passwords are not kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from recyclic.paheko.errors import PahekoRefusedError

_LINE = re.compile(r"^([A-Z][A-Z0-9_]*): (.*)$")
_TEXT = re.compile(r'^"(.*)"$')
_LIST_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class PahekoEnvironment:
    """The constants that matter to an installer, as Paheko itself computed them.

    Attributes:
        version: Of the code, ``1.3.22.1``.
        allowlist, blocklist: Plugins the host allows or forbids; None when there is no list.
        documents: The folder where documents are kept, or None when they are in the database.
        caches: Folders of compiled templates.
    """

    version: str
    data_root: Path
    database: Path
    plugins_root: Path
    modules_root: Path
    www_url: str
    documents: Path | None
    allowlist: frozenset[str] | None
    blocklist: frozenset[str] | None
    caches: tuple[Path, ...]

    @property
    def host_name(self) -> str:
        """The name under which its own address is known."""
        return urlsplit(self.www_url).hostname or "localhost"


def parse_environment(output: str) -> PahekoEnvironment:
    """What ``paheko env`` printed.

    Raises:
        PahekoRefusedError: When it is not that; a multi-site configuration may print a page
            and end with status 0.
    """
    constants = {found[1]: found[2] for line in output.splitlines() if (found := _LINE.match(line))}
    try:
        return _environment(constants)
    except KeyError:
        said = re.sub(r"<[^>]+>", " ", output)[:300].strip()
        raise PahekoRefusedError(command="env", status=0, said=said) from None


def _environment(constants: Mapping[str, str]) -> PahekoEnvironment:
    return PahekoEnvironment(
        version=_text(constants["VERSION"]),
        data_root=Path(_text(constants["DATA_ROOT"])),
        database=Path(_text(constants["DB_FILE"])),
        plugins_root=Path(_text(constants["PLUGINS_ROOT"])),
        modules_root=Path(_text(constants["ROOT"])) / "modules",
        www_url=_text(constants["WWW_URL"]),
        documents=_documents(constants),
        allowlist=_names(constants["PLUGINS_ALLOWLIST"]),
        blocklist=_names(constants["PLUGINS_BLOCKLIST"]),
        caches=tuple(
            Path(_text(constants[name]))
            for name in (
                "SMARTYER_CACHE_ROOT",
                "SHARED_USER_TEMPLATES_CACHE_ROOT",
                "USER_TEMPLATES_CACHE_ROOT",
            )
        ),
    )


def _documents(constants: Mapping[str, str]) -> Path | None:
    if _text(constants["FILE_STORAGE_BACKEND"]) != "FileSystem":
        return None
    return Path(_text(constants["FILE_STORAGE_CONFIG"]))


def _text(value: str) -> str:
    found = _TEXT.match(value)
    text = found[1] if found else value
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\r", "\r")


def _names(value: str) -> frozenset[str] | None:
    return None if value == "null" else frozenset(_LIST_ITEM.findall(value))
