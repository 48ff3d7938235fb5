"""plugin.ini and module.ini to a release; what Paheko would choke on is refused here first."""

from collections.abc import Mapping
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from recyclic.manifest.findings import Findings
from recyclic.manifest.ini import IniValue, parse_ini
from recyclic.manifest.source import read_source
from recyclic.model.diagnostic import Diagnostic, Place
from recyclic.model.names import ExtensionName, InvalidNameError
from recyclic.model.package import (
    PAHEKO,
    ExtensionKind,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.permission import LEVELS_OF_SECTION, SECTIONS

UNVERSIONED = Version("0")
"""The version of every Brindille module: Paheko gives them none."""

INI_OF_KIND = {ExtensionKind.PLUGIN: "plugin.ini", ExtensionKind.BRINDILLE: "module.ini"}

_TEXTS = ("description", "author", "author_url", "doc_url", "restrict_details")

Ini = Mapping[str, IniValue]


def extension_kind(folder: Path) -> ExtensionKind | None:
    """What the folder holds, or None; with both files Paheko takes it for a plugin."""
    for kind, file in INI_OF_KIND.items():
        if (folder / file).is_file():
            return kind
    return None


def load_extension(folder: Path, kind: ExtensionKind) -> Release:
    """The extension in one folder, named like the folder.

    Raises:
        DiagnosticsError: with everything in it that Paheko would refuse, crash on or, worse,
            silently pass over.
    """
    release, findings = read_extension(folder, kind)
    findings.stop_on_errors()
    assert release is not None
    return release


def read_extension(folder: Path, kind: ExtensionKind) -> tuple[Release | None, Findings]:
    """The extension, or None with errors among the findings; warnings may come with either.

    Raises:
        DiagnosticsError: its ini file cannot be read at all.
    """
    path = folder / INI_OF_KIND[kind]
    source = read_source(path)
    findings = Findings()
    start = Place(str(path), 1, 1)
    ini = parse_ini(source.label, source.text, findings)
    if findings.all:
        return None, findings
    name = folder.absolute().name
    _check_name(name, folder, start, findings)
    _check_texts(ini, start, findings)
    _check_restriction(ini, findings)
    if kind is ExtensionKind.PLUGIN:
        _check_plugin_files(ini, folder, findings)
        version = _version(ini, start, findings)
        requires = _minimum(ini, findings)
    else:
        version, requires = UNVERSIONED, ()
        _check_brindille(ini, findings)
    if any(found.severity == "error" for found in findings.all):
        return None, findings
    return (
        Release(
            package=Package(PackageKind.EXTENSION, name),
            version=version,
            place=ini["version"].place if "version" in ini else start,
            origin=Origin(OriginKind.PAHEKO, str(folder)),
            label=str(ini["name"].value),
            description=str(ini["description"].value or "") if "description" in ini else "",
            requires=requires,
            extension_kind=kind,
        ),
        findings,
    )


def _check_name(name: str, folder: Path, start: Place, findings: Findings) -> None:
    try:
        ExtensionName(name)
    except InvalidNameError as error:
        findings.error(error.code, start, **error.facts)
    root = folder.absolute().parent.resolve()
    # Paheko raises a security alert for such a link, on every page that lists extensions.
    if folder.is_symlink() and not folder.resolve().is_relative_to(root):
        findings.error("RCY-M037", start, path=str(folder), target=str(folder.resolve()))


def _check_texts(ini: Ini, start: Place, findings: Findings) -> None:
    label = ini.get("name")
    if label is None or label.value in ("", None):
        findings.error("RCY-M020", label.place if label else start, key="name")
    for key in ("name", *_TEXTS):
        found = ini.get(key)
        if found is not None and isinstance(found.value, int):
            findings.error("RCY-M038", found.place, key=key)


def _check_restriction(ini: Ini, findings: Findings) -> None:
    """Section and level stand together and exist: else Paheko opens the pages to everybody."""
    section, level = ini.get("restrict_section"), ini.get("restrict_level")
    if section is None and level is None:
        return
    if section is None or level is None:
        alone = section or level
        assert alone is not None
        given = "restrict_level" if section is None else "restrict_section"
        missing = "restrict_section" if section is None else "restrict_level"
        findings.error("RCY-M039", alone.place, key=given, missing=missing)
        return
    known = LEVELS_OF_SECTION.get(str(section.value))
    if known is None:
        facts = {"found": str(section.value), "known": list(SECTIONS), "what": "section"}
        findings.error("RCY-M022", section.place, **facts)
    elif level.value is False or level.value == "none":
        findings.error("RCY-M040", level.place)
    elif level.value not in known:
        findings.error(
            "RCY-M031",
            level.place,
            section=str(section.value),
            level=str(level.value),
            known=list(known),
        )


def _check_plugin_files(ini: Ini, folder: Path, findings: Findings) -> None:
    needed = {"menu": ["admin/index.php"], "home_button": ["admin/index.php", "admin/icon.svg"]}
    for key, files in needed.items():
        found = ini.get(key)
        if found is None or not found.value:
            continue
        for file in files:
            if not (folder / file).is_file():
                findings.error("RCY-M041", found.place, key=key, file=file)


def _version(ini: Ini, start: Place, findings: Findings) -> Version:
    found = ini.get("version")
    if found is None:
        findings.error("RCY-M020", start, key="version")
    elif not isinstance(found.value, str):
        findings.error("RCY-M042", found.place)
    else:
        try:
            return Version(found.value)
        except (InvalidVersion, ValueError):
            findings.error("RCY-M024", found.place, key="version", text=found.value[:100])
    return UNVERSIONED


def _minimum(ini: Ini, findings: Findings) -> tuple[Requirement, ...]:
    """``min_version``; Paheko takes a text that is no version for "any", and so do we, aloud."""
    found = ini.get("min_version")
    if found is None or found.value in ("", None):
        return ()
    try:
        minimum = Version(str(found.value))
    except (InvalidVersion, ValueError):
        findings.warning("RCY-M043", found.place, text=str(found.value)[:100])
        return ()
    return (Requirement(PAHEKO, SpecifierSet(f">={minimum}"), found.place),)


def _check_brindille(ini: Ini, findings: Findings) -> None:
    if "min_version" in ini:
        findings.error("RCY-M044", ini["min_version"].place)
    url = ini.get("author_url")
    if url is not None and url.value and not _is_link(str(url.value)):
        findings.error("RCY-M045", url.place, text=str(url.value)[:100])


def _is_link(text: str) -> bool:
    return text.startswith(("http://", "https://", "mailto:"))


def check_extension(folder: Path, kind: ExtensionKind) -> list[Diagnostic]:
    """Everything wrong or odd about one extension."""
    return read_extension(folder, kind)[1].all
