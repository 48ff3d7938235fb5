"""The config.toml that a resolution amounts to."""

from collections.abc import Mapping
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.lock import steps_back, stood_of
from recyclic.model.package import PackageKind
from recyclic.model.profile import PahekoHost, Request
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts


def site_config(resolution: Resolution, request: Request, artifacts: Artifacts) -> SiteConfig:
    """What the site's config.toml will say; equal input gives an equal value."""
    bundle = request.bundle.package if request.bundle else None
    bundles = _versions(resolution, PackageKind.BUNDLE)
    name = bundle.name if bundle else ""
    return SiteConfig(
        site=request.site,
        bundle=name,
        bundle_version=bundles.get(name, ""),
        modules=resolution.order,
        module_versions=_versions(resolution, PackageKind.MODULE),
        paheko_versions=_versions(resolution, PackageKind.EXTENSION),
        bundle_versions=bundles,
        module_hashes=dict(sorted(artifacts.modules.items())),
        paheko_hashes=dict(sorted(artifacts.paheko.items())),
        requirements_hash=artifacts.requirements,
        settings={
            module: {key: layered.value for key, layered in sorted(values.items())}
            for module, values in sorted(resolution.settings.items())
            if values
        },
        hosts={"paheko": host_table(request.paheko)} if request.paheko else {},
        events=_events(request),
        displaced=stood_of(resolution.displaced),
        before=steps_back(resolution.before, resolution.versions),
        overrides={str(each.package): str(each.version) for each in resolution.overrides},
    )


def _versions(resolution: Resolution, kind: PackageKind) -> dict[str, str]:
    return {
        package.name: str(version)
        for package, version in sorted(resolution.versions.items())
        if package.kind is kind
    }


def host_table(host: PahekoHost) -> dict[str, Any]:
    """``[hosts.paheko]`` as it stands in a profile."""
    table = {
        "root": host.root,
        "config": host.config,
        "user": host.user,
        "php": host.php,
        "url": host.url,
        "site": host.site,
        "reload": list(host.reload) or None,
    }
    return {key: value for key, value in table.items() if value is not None}


def host_from(table: Mapping[str, Any], place: Place) -> PahekoHost:
    """What ``host_table`` made into a table."""
    return PahekoHost(**{**table, "reload": tuple(table.get("reload", ())), "place": place})


def _events(request: Request) -> Mapping[str, Any]:
    options = dict(request.events)
    if request.events_url is not None:
        options["url"] = request.events_url
    return options
