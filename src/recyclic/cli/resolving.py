"""What ``resolve`` does: the chain, then the answer as TOML or JSON."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.apply.step import Wheels
from recyclic.cli import render, session
from recyclic.cli.options import EVERY_NAME, Asked
from recyclic.cli.resolution_json import resolution_json
from recyclic.model.package import CORE, PAHEKO, PYTHON, Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.resolve.preferences import ALL, Preferences, Strategy
from recyclic.site.config_file import write_config
from recyclic.workflow.exact import exact_answer, plan_config
from recyclic.workflow.inputs import read_inputs
from recyclic.workflow.planning import config_of
from recyclic.workflow.resolving import proof
from recyclic.workflow.target import TargetKind, Wanted


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How to print the answer, and what to check besides.

    Attributes:
        fix: Which suggested fix to write first, counted from 1.
    """

    as_json: bool = False
    check_python: bool = True
    offline: bool = False
    proof: Path | None = None
    fix: int | None = None


def wanted(site: str | None, instance: Path | None, catalogs: Sequence[Path] | None) -> Wanted:
    """The options every installer verb has, as one value."""
    return Wanted(site, instance, tuple(catalogs or ()))


def preferences(
    upgrade: Sequence[str] | None, *, lowest: bool = False, lowest_direct: bool = False
) -> Preferences:
    """``--upgrade [NAME]``, ``--lowest`` and ``--lowest-direct`` as preferences."""
    names = upgrade or ()
    strategy = Strategy.HIGHEST
    if lowest or lowest_direct:
        strategy = Strategy.LOWEST if lowest else Strategy.LOWEST_DIRECT
    if EVERY_NAME in names:
        return Preferences(upgrade=ALL, strategy=strategy)
    packages = frozenset(package for name in names for package in packages_named(name))
    return Preferences(upgrade=packages, strategy=strategy)


_PREFIXES = {
    "paheko:": PackageKind.EXTENSION,
    "bundle:": PackageKind.BUNDLE,
    "module:": PackageKind.MODULE,
}


def packages_named(text: str) -> tuple[Package, ...]:
    """What people may mean by a name: ``caisse`` the module, ``paheko:caisse`` the extension."""
    for prefix, kind in _PREFIXES.items():
        if text.startswith(prefix):
            return (Package(kind, text.removeprefix(prefix)),)
    for host in (CORE, PAHEKO, PYTHON):
        if text == host.name:
            return (host,)
    kinds = (PackageKind.MODULE, PackageKind.EXTENSION, PackageKind.BUNDLE)
    return tuple(Package(kind, text) for kind in kinds)


def resolve(asked: Asked, wanted: Wanted, preferences: Preferences, how: ResolveOptions) -> None:
    """Print the resolution on standard output, warnings on standard error."""
    target = session.target_of(asked, "resolve", wanted)
    wheels = Wheels(how.offline)
    if target.kind is TargetKind.CONFIG:
        found = plan_config(target, wanted, wheels, lock_python=how.check_python)
        _print(found.plan.config, resolution_json(exact_answer(target.path)), how)
        return
    if how.proof is not None:
        document = proof(read_inputs(target, wanted), preferences)
        how.proof.write_text(render.json_text(document) + "\n", encoding="utf-8")
    resolved = session.resolved_from(
        target, wanted, preferences, fix=how.fix, circles_stop=not how.as_json
    )
    config = config_of(resolved, wheels if how.check_python else None)
    document = resolution_json(resolved.resolution)
    if resolved.warnings:
        document["findings"] = [render.diagnostic_json(each) for each in resolved.warnings]
    _print(config, document, how)


def _print(config: SiteConfig, document: dict[str, Any], how: ResolveOptions) -> None:
    if how.as_json:
        print(render.json_text(document))
    else:
        sys.stdout.write(write_config(config).decode())
