"""A catalog without mistakes, for saying why there is no answer.

A refusal is found before every release was read; to say why, others are. Where one of those is
malformed, nothing follows from what it would ask: what cannot be whatever that is cannot be.
"""

from collections.abc import Iterable

from packaging.version import Version

from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import DiagnosticsError, Place
from recyclic.model.package import Origin, OriginKind, Package, PackageKind, Release


class Readable:
    """The same as ``catalog``, but a release that cannot be read asks nothing.

    Attributes:
        mistaken: Those that were looked at and cannot be read: no answer may hold them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.mistaken: set[tuple[Package, Version]] = set()

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._catalog.versions(package)

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        try:
            return self._catalog.release(package, version)
        except DiagnosticsError:
            self.mistaken.add((package, version))
            return Release(package, version, Place(""), Origin(OriginKind.INDEX, ""))

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._catalog.providers(capability)

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._catalog.names(kind)
