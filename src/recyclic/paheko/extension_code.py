"""The little that must be known of an extension's code before Paheko is given it.

Paheko checks too late: one bad ``plugin.ini`` makes its list of extensions fail for everybody.
The catalog refuses bad manifests with their line; this is the last look at what really lies there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recyclic.model.package import ExtensionKind
from recyclic.paheko.errors import ExtensionCodeError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_PAIR = re.compile(r"^\s*([A-Za-z0-9_.-]+)\s*=\s*(.*?)\s*$")
_UNLISTABLE = ("manifest", "label", "version")
_FALSE = frozenset({"", "0", "false", "no", "none", "off", "null"})


@dataclass(frozen=True, slots=True)
class ExtensionCode:
    """An extension as its folder describes it.

    Attributes:
        version: A plugin's; None for a Brindille module.
        has_page: It has a page of its own at ``/admin/p/NAME/`` (plugins only).
    """

    name: str
    kind: ExtensionKind
    version: str | None
    has_page: bool


def read_code(name: str, folder: Path) -> ExtensionCode:
    """What ``folder`` holds, once it is certain that Paheko can live with it.

    Raises:
        ExtensionCodeError: With ``problem`` one of ``name``, ``no-manifest``, ``manifest``,
            ``label``, ``version``, ``menu``, ``module-min-version``.
    """
    if _NAME.fullmatch(name) is None:
        raise ExtensionCodeError(name=name, problem="name", detail=_NAME.pattern)
    if (folder / "plugin.ini").is_file():
        return _plugin(name, folder)
    if (folder / "module.ini").is_file():
        return _brindille(name, folder)
    raise ExtensionCodeError(name=name, problem="no-manifest", detail=str(folder))


def refuse_unlistable(name: str, folder: Path) -> None:
    """Return when Paheko can list the plugin, fit to be enabled or not.

    Raises:
        ExtensionCodeError: Listing it would end Paheko's list for everybody.
    """
    if not folder.resolve().is_relative_to(folder.parent.resolve()):
        raise ExtensionCodeError(name=name, problem="link-out", detail=str(folder.resolve()))
    try:
        _plugin(name, folder)
    except ExtensionCodeError as error:
        if error.facts["problem"] in _UNLISTABLE:
            raise


def version_in(folder: Path) -> str | None:
    """The version a plugin's folder claims, however unfit the rest; None when it claims none."""
    if not (folder / "plugin.ini").is_file():
        return None
    try:
        return _Manifest.read(folder.name, folder / "plugin.ini").values.get("version")
    except ExtensionCodeError:
        return None


def _plugin(name: str, folder: Path) -> ExtensionCode:
    keys = _Manifest.read(name, folder / "plugin.ini")
    keys.check_label()
    version = keys.values.get("version", "")
    if not version or re.fullmatch(r"[+-]?\d+|(?i:true|false|null|yes|no|on|off|none)", version):
        raise ExtensionCodeError(name=name, problem="version", detail=version)
    has_page = (folder / "admin" / "index.php").is_file()
    for key, needed in (
        ("menu", ("admin/index.php",)),
        ("home_button", ("admin/index.php", "admin/icon.svg")),
    ):
        missing = [path for path in needed if not (folder / path).is_file()]
        if keys.values.get(key, "").lower() not in _FALSE and missing:
            raise ExtensionCodeError(name=name, problem="menu", detail=", ".join(missing))
    return ExtensionCode(name, ExtensionKind.PLUGIN, version, has_page)


def _brindille(name: str, folder: Path) -> ExtensionCode:
    keys = _Manifest.read(name, folder / "module.ini")
    keys.check_label()
    if "min_version" in keys.values:
        raise ExtensionCodeError(name=name, problem="module-min-version", detail="min_version")
    return ExtensionCode(name, ExtensionKind.BRINDILLE, None, has_page=False)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """A flat INI file. A section header is tolerated, as Paheko does."""

    name: str
    values: Mapping[str, str]

    @classmethod
    def read(cls, name: str, file: Path) -> Self:
        values = {}
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ExtensionCodeError(name=name, problem="manifest", detail=str(error)) from error
        for line in lines:
            if found := _PAIR.match(line):
                values[found[1]] = _unquoted(found[2])
        return cls(name, values)

    def check_label(self) -> None:
        label = self.values.get("name", "")
        if not label or re.fullmatch(r"[+-]?\d+", label):
            raise ExtensionCodeError(name=self.name, problem="label", detail=label)


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return value.split(";", 1)[0].strip()
