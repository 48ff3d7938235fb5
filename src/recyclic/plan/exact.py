"""A config.toml as the answer of a resolution: what it names is taken, nothing is resolved."""

from collections.abc import Mapping
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.diagnostic import Place
from recyclic.model.lock import before_of, displaced_of
from recyclic.model.package import (
    ROOT,
    ExtensionKind,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
    package_from,
)
from recyclic.model.profile import Override, Request
from recyclic.model.resolution import RequiredBy, Resolution
from recyclic.model.settings import LayeredValue
from recyclic.model.site_config import SiteConfig
from recyclic.plan.change import Action, Reason
from recyclic.plan.diff import versions
from recyclic.plan.plan import Plan
from recyclic.plan.target import host_from

_KINDS = (PackageKind.BUNDLE, PackageKind.EXTENSION, PackageKind.MODULE)


def exact_resolution(
    config: SiteConfig, place: Place, kinds: Mapping[str, ExtensionKind]
) -> Resolution:
    """The resolution that ``config`` was made from, as far as it can be known.

    Args:
        place: The file, for reasons and provenance.
        kinds: Of each extension.
    """
    releases = {
        Package(kind, name): Release(
            package=Package(kind, name),
            version=Version(version),
            place=place,
            origin=Origin(OriginKind.HOST),
            extension_kind=kinds.get(name) if kind is PackageKind.EXTENSION else None,
        )
        for kind in _KINDS
        for name, version in versions(config, kind).items()
    }
    versions_now = {package: release.version for package, release in releases.items()}
    return Resolution(
        versions=versions_now,
        releases=releases,
        required_by={
            package: (RequiredBy(ROOT, Requirement(package, SpecifierSet(), place)),)
            for package in sorted(releases)
        },
        order=config.modules,
        displaced=displaced_of(config.displaced),
        before=before_of(config, versions_now),
        overrides=tuple(
            Override(package_from(text), Version(version), place)
            for text, version in config.overrides.items()
        ),
        settings={
            module: {key: LayeredValue(value, place, "config") for key, value in table.items()}
            for module, table in config.settings.items()
        },
    )


def exact_request(config: SiteConfig, place: Place) -> Request:
    """The request that asks for ``config`` as it is."""
    bundle = Package(PackageKind.BUNDLE, config.bundle)
    events = {key: value for key, value in config.events.items() if key != "url"}
    host = config.hosts.get("paheko")
    return Request(
        site=config.site,
        bundle=Requirement(bundle, SpecifierSet(), place) if config.bundle else None,
        paheko=host_from(host, place) if host else None,
        events_url=config.events.get("url"),
        events=events,
        files=(place.file,) if place.file else (),
    )


def as_rollback(plan: Plan) -> Plan:
    """``plan`` with going back as the reason of every change."""
    changes = tuple(
        change if change.action is Action.KEEP else replace(change, reason=Reason.ROLLBACK)
        for change in plan.changes
    )
    return replace(plan, changes=changes)
