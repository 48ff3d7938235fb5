"""A folder of bundles as a catalog."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.document import parse_toml
from recyclic.manifest.folder_catalog import all_findings
from recyclic.manifest.kind import ManifestKind, kind_by_content
from recyclic.manifest.source import read_source
from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place
from recyclic.model.package import Package, PackageKind, Release

_NAME_LINE = re.compile(r"^[ \t]*name[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']", re.MULTILINE)


class BundleFolder:
    """A catalog of the ``*.toml`` of one folder; several versions of a bundle may lie there.

    A bundle's name stands inside its file, so all are read on the first question. Files that
    say they are something else are passed over. One with mistakes troubles only those who ask
    for the bundle it claims to be; they are told the mistakes of all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _outcomes(self) -> dict[Path, Release | DiagnosticsError]:
        paths = sorted(self._folder.glob("*.toml"))
        return {path: found for path in paths if (found := _outcome(path)) is not None}

    @cached_property
    def _good(self) -> MemoryCatalog:
        return MemoryCatalog(each for each in self._outcomes.values() if isinstance(each, Release))

    @cached_property
    def _claimed(self) -> frozenset[str]:
        """The names of the bundles that have mistakes."""
        return frozenset(
            _claimed_name(path)
            for path, outcome in self._outcomes.items()
            if isinstance(outcome, DiagnosticsError)
        )

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`.

        Raises:
            DiagnosticsError: also when two files hold the same version of this very bundle.
        """
        if package.kind is not PackageKind.BUNDLE:
            return ()
        if package.name in self._claimed:
            raise all_findings(self._outcomes.values())
        good = (each for each in self._outcomes.values() if isinstance(each, Release))
        _refuse_twins(each for each in good if each.package == package)
        return self._good.versions(package)

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._good.release(package, version)

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:  # noqa: ARG002 - the protocol's
        """None: bundles provide nothing."""
        return ()

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._good.names(kind) if kind is PackageKind.BUNDLE else ()


_NO_BUNDLE = (ManifestKind.PROFILE, ManifestKind.CONFIG, ManifestKind.MODULE, None)


def _outcome(path: Path) -> Release | DiagnosticsError | None:
    """The bundle, its mistakes, or None for a file that says it is something else."""
    try:
        if kind_by_content(parse_toml(read_source(path)).values) in _NO_BUNDLE:
            return None
        return load_bundle(path)
    except DiagnosticsError as error:
        return error


def _claimed_name(path: Path) -> str:
    """The name in a file with mistakes, as far as one can be seen; else the file's own."""
    try:
        match = _NAME_LINE.search(read_source(path).text)
    except DiagnosticsError:
        match = None
    return match[1] if match else path.stem


def _refuse_twins(releases: Iterable[Release]) -> None:
    """Raises:
    DiagnosticsError: two files hold the same version of the same bundle.
    """
    seen: dict[tuple[Package, Version], Place] = {}
    findings = []
    for release in releases:
        first = seen.setdefault((release.package, release.version), release.place)
        if first is not release.place:
            facts = {"name": f"{release.package.name} {release.version}", "first": str(first)}
            findings.append(Diagnostic("RCY-M046", place=release.place, facts=facts))
    if findings:
        raise DiagnosticsError(findings)
