"""What has to change inside Paheko: from what was observed there to what the config wants."""

from collections.abc import Collection
from dataclasses import dataclass

from recyclic.model.observed import ObservedExtension, ObservedPaheko
from recyclic.model.package import ExtensionKind, Package, PackageKind
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.errors import ExtensionCodeMissingError

_ABSENT = ObservedExtension("", enabled=False, is_recorded=False)


@dataclass(frozen=True, slots=True)
class HostChange:
    """What has to be done to one extension; all false for one that is as it should be.

    Attributes:
        places_code: Its code has to be put in place.
        upgrades: It has data that its new code has to migrate.
        registers: Paheko has to be told of it (Brindille modules).
        disables: It goes: its code and data stay.
        erases: It goes with all its data; its code stays.
        version: What Paheko is to record for it; empty for a Brindille module.
    """

    name: str
    kind: ExtensionKind
    places_code: bool = False
    upgrades: bool = False
    registers: bool = False
    enables: bool = False
    disables: bool = False
    erases: bool = False
    version: str = ""

    @property
    def goes(self) -> bool:
        """True when it is not to be enabled in the end."""
        return self.disables or self.erases

    @property
    def is_needed(self) -> bool:
        """False when nothing has to be done."""
        comes = self.places_code or self.registers or self.enables or self.upgrades
        return comes or self.goes


def host_changes(
    old: SiteConfig | None,
    new: SiteConfig,
    resolution: Resolution,
    observed: ObservedPaheko | None,
    erased: Collection[str] = (),
) -> tuple[HostChange, ...]:
    """One for every extension that is in or goes: those that go first, then in the order in which
    they need each other. Empty for a site without Paheko.

    Args:
        erased: Those whose data is to be deleted, if Paheko has any.

    Raises:
        ExtensionCodeMissingError: nobody has the files of one that is to be enabled.
    """
    if observed is None:
        return ()
    before = old.paheko_versions if old else {}
    leaving = (before.keys() | set(erased)) - new.paheko_versions.keys()
    going = [_going(name, observed, name in erased) for name in sorted(leaving, reverse=True)]
    wanted = [_wanted(name, new, resolution, observed) for name in extension_order(resolution)]
    return (*(change for change in going if change.goes), *wanted)


def _going(name: str, observed: ObservedPaheko, is_erased: bool) -> HostChange:
    now = observed.extensions.get(name, _ABSENT)
    erases = is_erased and now.is_recorded
    return HostChange(name, ExtensionKind.PLUGIN, disables=now.enabled, erases=erases)


def _wanted(
    name: str, new: SiteConfig, resolution: Resolution, observed: ObservedPaheko
) -> HostChange:
    release = resolution.releases[Package(PackageKind.EXTENSION, name)]
    kind = release.extension_kind or ExtensionKind.PLUGIN
    now = observed.extensions.get(name, _ABSENT)
    code = new.paheko_hashes.get(name)
    if code is None and not now.code_hash:
        raise ExtensionCodeMissingError(name=name, version=str(release.version))
    is_plugin = kind is ExtensionKind.PLUGIN
    version = new.paheko_versions[name] if is_plugin else ""
    return HostChange(
        name,
        kind,
        places_code=code is not None and code != now.code_hash,
        upgrades=is_plugin and now.is_recorded and now.version != version,
        registers=not is_plugin and not now.is_recorded,
        enables=not now.enabled,
        version=version,
    )


def extension_order(resolution: Resolution) -> tuple[str, ...]:
    """The extensions, those that others need first, else by name."""
    needs = {
        package.name: sorted(
            requirement.package.name
            for requirement in (*release.requires, *release.optional)
            if requirement.package.kind is PackageKind.EXTENSION
        )
        for package, release in resolution.releases.items()
        if package.kind is PackageKind.EXTENSION
    }
    ordered: dict[str, None] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in ordered or name not in needs or name in above:
            return
        for needed in needs[name]:
            visit(needed, above | {name})
        ordered[name] = None

    for name in sorted(needs):
        visit(name, frozenset())
    return tuple(ordered)
