"""A resolution as the JSON that ``resolve --format json`` prints."""

from typing import Any

from recyclic.model.package import PackageKind
from recyclic.model.resolution import Resolution
from recyclic.resolve.relation import name_of

_KINDS = {
    "modules": PackageKind.MODULE,
    "paheko": PackageKind.EXTENSION,
    "bundles": PackageKind.BUNDLE,
}


def resolution_json(resolution: Resolution) -> dict[str, Any]:
    """Versions by kind, the boot order, and who asked for each; keys sorted."""
    document: dict[str, Any] = {"format": 1, "versions": {}}
    for key, kind in _KINDS.items():
        document["versions"][key] = {
            package.name: str(version)
            for package, version in sorted(resolution.versions.items())
            if package.kind is kind
        }
    document["order"] = list(resolution.order)
    document["required_by"] = {
        name_of(package): sorted({name_of(reason.depender) for reason in reasons})
        for package, reasons in sorted(resolution.required_by.items())
    }
    if resolution.chosen_providers:
        document["providers"] = {
            asked: name_of(package) for asked, package in resolution.chosen_providers.items()
        }
    if resolution.overrides:
        document["overrides"] = {
            name_of(override.package): str(override.version) for override in resolution.overrides
        }
    return document
