"""An index.json: any number of releases, each decoded when it is asked for."""

from collections.abc import Iterable
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from packaging.version import Version
from pydantic_core import PydanticCustomError

from recyclic.manifest.decode import decode_bundle, decode_extension, decode_module
from recyclic.manifest.findings import Findings
from recyclic.manifest.index_cache import SMALLEST_BYTES, find_cached, write_cache
from recyclic.manifest.index_content import IndexContent, ParsedContent, entry_provides
from recyclic.manifest.json_file import parse_json
from recyclic.manifest.json_places import EntryPlaces, JsonPlaces
from recyclic.manifest.quick_entry import quick_module
from recyclic.manifest.source import INDEX_LIMIT_BYTES, read_source_bytes
from recyclic.manifest.texts import parse_version, require_text
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import BundleEntryWire, ExtensionEntryWire, ModuleEntryWire
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.names import BundleName, ExtensionName, InvalidNameError, ModuleName, Name
from recyclic.model.package import Origin, OriginKind, Package, PackageKind, Release

SECTIONS = {
    PackageKind.MODULE: "modules",
    PackageKind.EXTENSION: "extensions",
    PackageKind.BUNDLE: "bundles",
}

_NAMES: dict[PackageKind, type[Name]] = {
    PackageKind.MODULE: ModuleName,
    PackageKind.EXTENSION: ExtensionName,
    PackageKind.BUNDLE: BundleName,
}

INDEX_FORMAT = 1


class IndexCatalog:
    """A catalog of one index.

    Args:
        label: The file's path as it was given.
        content: What it says under ``modules``, ``extensions`` and ``bundles``.
    """

    def __init__(self, label: str, content: IndexContent, places: JsonPlaces) -> None:
        self._label = label
        self._origin = Origin(OriginKind.INDEX, label)
        self._content = content
        self._places = places
        self._versions: dict[Package, dict[Version, str]] = {}
        self._releases: dict[tuple[Package, Version], Release] = {}

    def _keys(self, package: Package) -> dict[Version, str]:
        """Each version of ``package`` with the key it is written under."""
        found = self._versions.get(package)
        if found is None:
            entries = self._entries(package)
            found = {} if entries is None else self._checked_keys(package, entries)
            self._versions[package] = found
        return found

    def _entries(self, package: Package) -> Any:
        section = SECTIONS.get(package.kind)
        return None if section is None else self._content.entries(section, package.name)

    def _checked_keys(self, package: Package, entries: object) -> dict[Version, str]:
        path = (SECTIONS[package.kind], package.name)
        findings = Findings()
        findings.extend(self._check_name(package))
        keys: dict[Version, str] = {}
        if not isinstance(entries, dict):
            place = self._places.value_place(path)
            findings.error("RCY-M021", place, key=package.name, expected="an object", found="-")
            entries = {}
        placed = EntryPlaces(self._places, path)
        for text in entries:
            version = _version(text)
            if version is None:
                place = placed.key_place((text,))
                findings.error("RCY-M024", place, key=package.name, text=text[:100])
            elif version in keys:
                facts = {"key": f"{package.name} {text}", "first": keys[version]}
                findings.error("RCY-M013", placed.key_place((text,)), **facts)
            else:
                keys[version] = text
        findings.stop_on_errors()
        return keys

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return tuple(sorted(self._keys(package)))

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        found = self._releases.get((package, version))
        if found is None:
            key = self._keys(package)[version]
            found = self._releases[package, version] = self._decode(package, version, key)
        return found

    def _decode(self, package: Package, version: Version, key: str) -> Release:
        path = (SECTIONS[package.kind], package.name, key)
        entry = self._entries(package)[key]
        placed = EntryPlaces(self._places, path)
        if package.kind is PackageKind.MODULE and isinstance(entry, dict):
            quick = quick_module(package, version, key, entry, placed, self._origin)
            if quick is not None:
                return quick
        findings = Findings()
        release = decode_entry(package, key, entry, placed, self._label, findings)
        findings.stop_on_errors()
        assert release is not None
        return release

    @cached_property
    def _provided(self) -> dict[str, list[tuple[Package, Version]]]:
        found: dict[str, list[tuple[Package, Version]]] = {}
        for package, version in self._providing():
            for capability in self.release(package, version).provides:
                found.setdefault(capability.name, []).append((package, version))
        return found

    def _providing(self) -> Iterable[tuple[Package, Version]]:
        """The releases whose entry says ``provides``; the others need not be decoded."""
        for name in self._content.providing():
            package = Package(PackageKind.MODULE, name)
            entries = self._entries(package)
            for version, key in self._keys(package).items():
                if entry_provides(entries[key]):
                    yield package, version

    def check(self) -> list[Diagnostic]:
        """Every finding in every entry: reads them all."""
        findings = Findings()
        for kind, section in SECTIONS.items():
            for name in self._content.names(section):
                findings.extend(self._check_package(Package(kind, name)))
        return findings.all

    def _check_package(self, package: Package) -> list[Diagnostic]:
        findings = Findings()
        try:
            keys = self._keys(package)
        except DiagnosticsError as error:
            return list(error.diagnostics)
        for version in keys:
            try:
                self.release(package, version)
            except DiagnosticsError as error:
                findings.extend(error.diagnostics)
        return findings.all

    def _check_name(self, package: Package) -> list[Diagnostic]:
        try:
            _NAMES[package.kind](package.name)
        except InvalidNameError as error:
            place = self._places.key_place((SECTIONS[package.kind], package.name))
            return [Diagnostic(error.code, place=place, facts=error.facts)]
        return []

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return tuple(sorted(self._provided.get(capability, ())))

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        section = SECTIONS.get(kind)
        return () if section is None else sorted(self._content.names(section))


@lru_cache(maxsize=4096)
def _version(text: str) -> Version | None:
    try:
        return parse_version(require_text(text))
    except PydanticCustomError:
        return None


def decode_entry(
    package: Package,
    key: str,
    entry: object,
    placed: EntryPlaces,
    label: str,
    findings: Findings,
) -> Release | None:
    """The release that one entry declares; its mistakes go to ``findings``."""
    if not isinstance(entry, dict):
        findings.error("RCY-M021", placed.value_place(()), key=key, expected="an object", found="-")
        return None
    origin = Origin(OriginKind.INDEX, label)
    table = {"name": package.name, "version": key, **entry}
    release = _decode_table(package, table, placed, origin, findings)
    if release is not None:
        _check_keys(package, key, release, placed, findings)
    return release


def _decode_table(
    package: Package,
    table: dict[str, Any],
    placed: EntryPlaces,
    origin: Origin,
    findings: Findings,
) -> Release | None:
    if package.kind is PackageKind.MODULE:
        module = validate(ModuleEntryWire, table, placed, findings)
        if module is None:
            return None
        return decode_module(package.name, module, placed, origin, findings)
    if package.kind is PackageKind.EXTENSION:
        extension = validate(ExtensionEntryWire, table, placed, findings)
        if extension is None:
            return None
        return decode_extension(package.name, extension, placed, origin)
    bundle = validate(BundleEntryWire, table, placed, findings)
    return None if bundle is None else decode_bundle(bundle, placed, origin)


def _check_keys(
    package: Package, key: str, release: Release, placed: EntryPlaces, findings: Findings
) -> None:
    """An entry does not contradict the name and version it stands under."""
    if release.version != _version(key):
        place = placed.value_place(("version",))
        findings.error("RCY-M052", place, found=str(release.version), expected=key)
    if release.package != package:
        place = placed.value_place(("name",))
        findings.error("RCY-M052", place, found=release.package.name, expected=package.name)


def load_index(path: Path) -> IndexCatalog:
    """The index in one file; its entries are looked at when they are asked for.

    A large one is kept in the user's cache, parsed: the next run with the same content reads
    only what it asks for.

    Raises:
        DiagnosticsError: it is not JSON, or not an index.
    """
    content = read_source_bytes(path, INDEX_LIMIT_BYTES)
    places = JsonPlaces(str(path), partial(read_source_bytes, path, INDEX_LIMIT_BYTES))
    is_large = len(content) >= SMALLEST_BYTES
    cached = find_cached(content) if is_large else None
    if cached is not None:
        return IndexCatalog(str(path), cached, places)
    document = parse_json(str(path), content)
    findings = Findings()
    sections = _sections(document, places, findings)
    findings.stop_on_errors()
    if is_large:
        write_cache(content, sections)
    return IndexCatalog(str(path), ParsedContent(sections), places)


def check_index(path: Path) -> list[Diagnostic]:
    """Every finding in an index, entry by entry.

    Raises:
        DiagnosticsError: it is no index at all.
    """
    return load_index(path).check()


def _sections(
    document: object, places: JsonPlaces, findings: Findings
) -> dict[str, dict[str, Any]]:
    if not isinstance(document, dict):
        findings.error(
            "RCY-M021", places.value_place(()), key="index", expected="an object", found="-"
        )
        return {}
    found = document.get("format")
    if type(found) is not int or found != INDEX_FORMAT:
        place = places.value_place(("format",))
        findings.error("RCY-M032", place, found=str(found)[:100], known=[INDEX_FORMAT])
    known = ["format", *SECTIONS.values()]
    for key in document:
        if key not in known:
            findings.unknown_key(places.key_place((key,)), key[:100], key, known)
    sections = {key: document.get(key, {}) for key in SECTIONS.values()}
    for key, section in sections.items():
        if not isinstance(section, dict):
            place = places.value_place((key,))
            findings.error("RCY-M021", place, key=key, expected="an object", found="-")
    return sections
