"""A folder of manifests, one version each, read when asked for."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from packaging.version import Version

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import Package, PackageKind, Release

Reader = Callable[[], Release]


class FolderCatalog:
    """A catalog of manifests that are each named by their folder.

    A manifest is read when it is asked for, so one with mistakes troubles only those who need
    it. When it does, the mistakes of all manifests of the folder are told together.

    Args:
        readers: By name, in any order; each raises DiagnosticsError for its mistakes.
        may_provide: Cheaply, whether a manifest might provide capabilities.
    """

    def __init__(
        self,
        kind: PackageKind,
        readers: Mapping[str, Reader],
        may_provide: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        self._kind = kind
        self._readers = dict(sorted(readers.items()))
        self._may_provide = may_provide
        self._read: dict[str, Release | DiagnosticsError] = {}

    def _outcome(self, name: str) -> Release | DiagnosticsError:
        found = self._read.get(name)
        if found is None:
            try:
                found = self._readers[name]()
            except DiagnosticsError as error:
                found = error
            self._read[name] = found
        return found

    def _get(self, name: str) -> Release:
        found = self._outcome(name)
        if isinstance(found, DiagnosticsError):
            raise all_findings(self._outcome(each) for each in self._readers) from found
        return found

    def versions(self, package: Package) -> tuple[Version, ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        if package.kind is not self._kind or package.name not in self._readers:
            return ()
        return (self._get(package.name).version,)

    def release(self, package: Package, version: Version) -> Release:
        """See :class:`recyclic.model.catalog.Catalog`."""
        if version not in self.versions(package):
            raise KeyError((package, version))
        return self._get(package.name)

    @cached_property
    def _providing(self) -> MemoryCatalog:
        return MemoryCatalog(
            release
            for name in self._readers
            if self._may_provide(name) and isinstance(release := self._outcome(name), Release)
        )

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return self._providing.providers(capability)

    def names(self, kind: PackageKind) -> Iterable[str]:
        """See :class:`recyclic.model.catalog.Catalog`."""
        return tuple(self._readers) if kind is self._kind else ()


def all_findings(outcomes: Iterable[Release | DiagnosticsError]) -> DiagnosticsError:
    """The findings of everything that could not be read, as one error."""
    return DiagnosticsError(
        finding
        for outcome in outcomes
        if isinstance(outcome, DiagnosticsError)
        for finding in outcome.diagnostics
    )
