"""From what is installed and what was resolved to changes, each with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.observed import Observed
from recyclic.model.package import ROOT, Package, PackageKind
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.change import Action, Change, Reason, Reversibility, SettingChange

_EMPTY = SiteConfig("", "", "")
_KINDS = (PackageKind.EXTENSION, PackageKind.MODULE, PackageKind.BUNDLE)


def package_changes(
    old: SiteConfig | None,
    new: SiteConfig,
    resolution: Resolution,
    request: Request,
    observed: Observed,
    moved: frozenset[str] = frozenset(),
    erased: frozenset[str] = frozenset(),
) -> tuple[Change, ...]:
    """One change for every package that is, or will be, in; kept ones included.

    Args:
        moved: Extensions that are not as they should be inside Paheko.
        erased: Extensions whose data Paheko has, and is to have no more.

    Removals come first, then what is added, updated and kept: extensions, modules in boot
    order, bundles.
    """
    why = _Why(old, resolution, request, observed, moved, erased)
    changes = [change for kind in _KINDS for change in _changes_of(kind, old or _EMPTY, new, why)]
    return tuple(sorted(changes, key=lambda change: change.action is not Action.REMOVE))


def _changes_of(
    kind: PackageKind, old: SiteConfig, new: SiteConfig, why: "_Why"
) -> Iterator[Change]:
    before, after = versions(old, kind), versions(new, kind)
    leftover = why.leftover() if kind is PackageKind.EXTENSION else {}
    gone = {**leftover, **before}
    for name in sorted(gone.keys() - after.keys(), reverse=True):
        yield why.removed(Package(kind, name), gone[name])
    for name in _in_order(kind, new, after):
        package = Package(kind, name)
        same_code = _hash(old, package) == _hash(new, package)
        if name not in before:
            yield why.added(package, after[name])
        elif before[name] != after[name] or not same_code:
            yield why.updated(package, before[name], after[name])
        else:
            yield why.kept(package, after[name])


def versions(config: SiteConfig, kind: PackageKind) -> Mapping[str, str]:
    """The versions of one kind of package."""
    if kind is PackageKind.MODULE:
        return config.module_versions
    return config.paheko_versions if kind is PackageKind.EXTENSION else config.bundle_versions


def _hash(config: SiteConfig, package: Package) -> str | None:
    if package.kind is PackageKind.MODULE:
        return config.module_hashes.get(package.name)
    if package.kind is PackageKind.EXTENSION:
        return config.paheko_hashes.get(package.name)
    return None


def _in_order(kind: PackageKind, config: SiteConfig, names: Mapping[str, str]) -> list[str]:
    if kind is not PackageKind.MODULE:
        return sorted(names)
    return [*config.modules, *sorted(names.keys() - set(config.modules))]


class _Why:
    """Gives changes their reasons, and says how far each can be undone."""

    def __init__(
        self,
        old: SiteConfig | None,
        resolution: Resolution,
        request: Request,
        observed: Observed,
        moved: frozenset[str],
        erased: frozenset[str],
    ) -> None:
        self._old = old
        self._resolution = resolution
        self._request = request
        self._observed = observed
        self._erased = erased
        extensions = {str(Package(PackageKind.EXTENSION, name)) for name in moved}
        self._drifted = {drift.subject for drift in observed.drift} | extensions
        self._omitted = {omission.package: omission.place for omission in request.omissions}
        self._overridden = {each.package: each.place for each in resolution.overrides}
        self._profile = {
            requirement.package: requirement.place for requirement in request.requirements
        }

    def leftover(self) -> dict[str, str]:
        """The extensions whose data is to be deleted, to the version that Paheko has recorded."""
        known = self._observed.paheko.extensions if self._observed.paheko else {}
        return {name: known[name].version for name in self._erased}

    def removed(self, package: Package, version: str) -> Change:
        place = self._omitted.get(package)
        if self._is_erased(package):
            reason = Reason.DATA_DELETED
        elif place is not None:
            reason = Reason.LEFT_OUT_BY_PROFILE
        elif self._old is not None and self._old.bundle != self._bundle_name():
            reason = Reason.BUNDLE_CHANGED
        else:
            reason = Reason.REMOVED_FROM_BUNDLE
        return self._change(Action.REMOVE, package, version, None, reason, place)

    def added(self, package: Package, version: str) -> Change:
        if self._old is None:
            _, by, place = self._asked(package)
            return self._change(Action.ADD, package, None, version, Reason.FIRST_INSTALL, place, by)
        reason, by, place = self._asked(package)
        return self._change(Action.ADD, package, None, version, reason, place, by)

    def updated(self, package: Package, before: str, after: str) -> Change:
        reason, by, place = self._asked(package)
        if before == after:
            reason = Reason.CODE_CHANGED
        return self._change(Action.UPDATE, package, before, after, reason, place, by)

    def kept(self, package: Package, version: str) -> Change:
        _, by, place = self._asked(package)
        if str(package) in self._drifted:
            return self._change(Action.UPDATE, package, version, version, Reason.DRIFT, place, by)
        return self._change(Action.KEEP, package, version, version, Reason.UNCHANGED, place, by)

    def _asked(self, package: Package) -> tuple[Reason, tuple[str, ...], Place | None]:
        if package in self._overridden:
            return Reason.OVERRIDDEN, (), self._overridden[package]
        if package in self._profile:
            return Reason.ADDED_BY_PROFILE, (), self._profile[package]
        asked = self._resolution.required_by.get(package, ())
        roots = [each for each in asked if each.depender == ROOT or _is_bundle(each.depender)]
        if roots or not asked:
            place = roots[0].requirement.place if roots else None
            return Reason.BUNDLE_CHANGED, (self._bundle_name(),), place
        by = tuple(sorted({str(each.depender) for each in asked}))
        return Reason.NEEDED_BY, by, asked[0].requirement.place

    def _bundle_name(self) -> str:
        return self._request.bundle.package.name if self._request.bundle else ""

    def _change(
        self,
        action: Action,
        package: Package,
        old: str | None,
        new: str | None,
        reason: Reason,
        place: Place | None,
        by: tuple[str, ...] = (),
    ) -> Change:
        is_extension = package.kind is PackageKind.EXTENSION
        deferred = is_extension and self._request.paheko is None
        changes_data = action is not Action.KEEP and not deferred
        size = self._snapshot_bytes(package) if changes_data else 0
        return Change(
            action,
            package,
            old,
            new,
            reason,
            by,
            self._reversibility(package, changes_data and (is_extension or size > 0)),
            size,
            place,
            deferred,
        )

    def _reversibility(self, package: Package, restorable: bool) -> Reversibility:
        if self._is_erased(package):
            return Reversibility.ONE_WAY
        return Reversibility.RESTORABLE if restorable else Reversibility.REVERSIBLE

    def _is_erased(self, package: Package) -> bool:
        return package.kind is PackageKind.EXTENSION and package.name in self._erased

    def _snapshot_bytes(self, package: Package) -> int:
        if package.kind is PackageKind.EXTENSION:
            return self._observed.paheko.database_bytes if self._observed.paheko else 0
        if package.kind is PackageKind.MODULE:
            return self._observed.data_bytes.get(package.name, 0)
        return 0


def _is_bundle(package: Package) -> bool:
    return package.kind is PackageKind.BUNDLE


def setting_changes(
    old: SiteConfig | None, new: SiteConfig, resolution: Resolution
) -> tuple[SettingChange, ...]:
    """Every value of config.toml that changes, sorted by path; none on a first install."""
    if old is None:
        return ()
    before, after = _values(old), _values(new)
    return tuple(
        SettingChange(
            path,
            _action(path, before, after),
            before.get(path),
            after.get(path),
            _place(path, resolution),
        )
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def _action(path: tuple[str, ...], before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Action:
    if path not in before:
        return Action.ADD
    return Action.UPDATE if path in after else Action.REMOVE


def _values(config: SiteConfig) -> dict[tuple[str, ...], Any]:
    values: dict[tuple[str, ...], Any] = {
        ("events", key): value for key, value in config.events.items()
    }
    for section, tables in (("settings", config.settings), ("hosts", config.hosts)):
        for name, table in tables.items():
            values |= {(section, name, key): value for key, value in table.items()}
    return values


def _place(path: tuple[str, ...], resolution: Resolution) -> Place | None:
    if path[0] != "settings":
        return None
    layered = resolution.settings.get(path[1], {}).get(path[2])
    return layered.place if layered else None
