"""A catalog in which some releases cannot be read."""

from collections.abc import Iterable, Set

from packaging.version import Version

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.package import Package, Release


class MistakenCatalog(MemoryCatalog):
    """``releases``, of which reading those ``mistaken`` ends in a finding."""

    def __init__(self, releases: Iterable[Release], mistaken: Set[tuple[Package, Version]]) -> None:
        super().__init__(releases)
        self._mistaken = mistaken

    def release(self, package: Package, version: Version) -> Release:
        if (package, version) in self._mistaken:
            raise DiagnosticsError([Diagnostic("RCY-C001")])
        return super().release(package, version)
