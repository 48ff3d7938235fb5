"""A folder of bundles as a catalog."""

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


class BundleFolder:
    """A catalog of the ``*.toml`` of one folder; several versions of a bundle may lie there.

    A bundle's name stands inside its file. So all are read on the first question, and mistakes
    are told when a bundle is asked for that none of the good files holds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _outcomes(self) -> tuple[Release | DiagnosticsError, ...]:
        outcomes = (_outcome(path) for path in sorted(self._folder.glob("*.toml")))
        return tuple(outcome for outcome in outcomes if outcome is not None)

    @cached_property
    def _good(self) -> MemoryCatalog:
        _refuse_twins(each for each in self._outcomes if isinstance(each, Release))
        return MemoryCatalog(each for each in self._outcomes if isinstance(each, Release))

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        if package.kind is not PackageKind.BUNDLE:
            return ()
        found = self._good.versions(package)
        if not found and any(isinstance(each, DiagnosticsError) for each in self._outcomes):
            raise all_findings(self._outcomes)
        return found

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._good.release(package, version)

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """None: bundles provide nothing."""
        return self._good.providers(capability)

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._good.names(kind) if kind is PackageKind.BUNDLE else ()


def _outcome(path: Path) -> Release | DiagnosticsError | None:
    """The bundle, its mistakes, or None for a file that says it is something else."""
    try:
        if kind_by_content(parse_toml(read_source(path)).values) in _NO_BUNDLE:
            return None
        return load_bundle(path)
    except DiagnosticsError as error:
        return error


_NO_BUNDLE = (ManifestKind.PROFILE, ManifestKind.CONFIG, ManifestKind.MODULE, None)


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
