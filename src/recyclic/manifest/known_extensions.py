"""What is known about Paheko's official extensions, shipped with the package.

Paheko's own files state no dependencies. These facts are the last to be asked: an extension
that a folder, a Paheko or an index knows is taken from there.
"""

from dataclasses import replace
from functools import cache
from importlib.resources import files

from recyclic.manifest.decode import decode_extension
from recyclic.manifest.document import TablePlaces, TomlDocument, parse_toml
from recyclic.manifest.findings import Findings
from recyclic.manifest.source import SourceText
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import ExtensionEntryWire
from recyclic.model.catalog import MemoryCatalog
from recyclic.model.package import Origin, OriginKind, Release

FACTS = "paheko_facts.toml"


@cache
def known_extensions() -> MemoryCatalog:
    """The official extensions at the versions they were last seen at."""
    text = (files("recyclic.catalog") / FACTS).read_text(encoding="utf-8")
    document = parse_toml(SourceText(f"<recyclic>/{FACTS}", text))
    findings = Findings()
    releases = [_release(name, document, findings) for name in document.values["extensions"]]
    findings.stop_on_errors()
    return MemoryCatalog(release for release in releases if release is not None)


def _release(name: str, document: TomlDocument, findings: Findings) -> Release | None:
    placed = TablePlaces(document, ("extensions", name))
    table = document.values["extensions"][name]
    wire = validate(ExtensionEntryWire, table, placed, findings)
    return None if wire is None else decode_extension(name, wire, placed, Origin(OriginKind.HOST))


def with_known_relations(release: Release) -> Release:
    """``release`` with the optional dependencies that only we know of added."""
    known = known_extensions()
    versions = known.versions(release.package)
    if not versions:
        return release
    told = {each.package for each in release.optional}
    more = known.release(release.package, versions[-1]).optional
    added = tuple(each for each in more if each.package not in told)
    return replace(release, optional=(*release.optional, *added))
