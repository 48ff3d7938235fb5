"""Going back to a generation: a plan like any other, and what it would lose."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from recyclic.apply.errors import NewerDataError, NoEarlierGenerationError, RollbackImpossibleError
from recyclic.apply.host import ExtensionHost
from recyclic.apply.materials import Materials
from recyclic.apply.paheko import observe_paheko
from recyclic.apply.steps.data import data_snapshot
from recyclic.apply.steps.host import snapshot_folder
from recyclic.model.diagnostic import Place
from recyclic.model.installed import Installed
from recyclic.model.observed import Observed
from recyclic.model.package import ExtensionKind, Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.paheko.extension_code import read_code
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.exact import as_rollback, exact_request, exact_resolution
from recyclic.plan.host_changes import HostChange
from recyclic.plan.plan import Plan, make_plan
from recyclic.site import store
from recyclic.site.generations import applied_config, find_generation, live_config, read_installed
from recyclic.site.layout import Generation, Site
from recyclic.site.observe import observe_site
from recyclic.site.snapshot import count_rows


class DataChoice(StrEnum):
    """What happens to data that was written since."""

    KEEP = "keep"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Loss:
    """What restoring one module's data would lose, in its own terms.

    Attributes:
        counts: Name to how many more there are now than in the copy: ``{"sales": 37}``.
        since: When the copy was taken, ISO 8601.
    """

    module: str
    counts: Mapping[str, int]
    since: str


def default_target(site: Site) -> int:
    """The generation that was live before the current one.

    Raises:
        NoEarlierGenerationError: there is none.
    """
    current = site.current_number()
    earlier = [n for n in site.numbers() if n < current and site.generation(n).config.is_file()]
    if not earlier:
        raise NoEarlierGenerationError(generation=current)
    return earlier[-1]


def plan_rollback(
    site: Site,
    number: int,
    *,
    data: DataChoice = DataChoice.KEEP,
    host: ExtensionHost | None = None,
) -> tuple[Plan, Materials]:
    """The plan for a new generation equal to ``number``. Reads only.

    Raises:
        NoGenerationError: there is no such generation.
        RollbackImpossibleError: its code or the copy of its data is gone.
        NewerDataError: old code would meet newer data that is to be kept.
    """
    generation = find_generation(site, number)
    config = applied_config(generation) or live_config(generation)
    materials = stored_materials(site, generation, config)
    installed = read_installed(site)
    observed = _observe(site, config, installed, host)
    place = Place(str(generation.config))
    kinds = {name: _kind(site, config, name) for name in config.paheko_versions}
    plan = make_plan(
        installed,
        exact_resolution(config, place, kinds),
        exact_request(config, place),
        observed,
        materials.artifacts,
    )
    plan = as_rollback(plan)
    return (
        _with_data(plan, site, number) if data is DataChoice.RESTORE else _kept(plan, number)
    ), (materials)


def _observe(
    site: Site, config: SiteConfig, installed: Installed, host: ExtensionHost | None
) -> Observed:
    observed = observe_site(site)
    if host is None:
        return observed
    before = installed.config.paheko_versions if installed.config else {}
    names = {*config.paheko_versions, *before}
    return replace(observed, paheko=observe_paheko(host, names))


def stored_materials(site: Site, generation: Generation, config: SiteConfig) -> Materials:
    """A generation's code out of the store.

    Raises:
        RollbackImpossibleError: a part of it was pruned.
    """
    folders: dict[Package, Path] = {}
    for kind, hashes in (
        (PackageKind.MODULE, config.module_hashes),
        (PackageKind.EXTENSION, config.paheko_hashes),
    ):
        for name, content_hash in hashes.items():
            folders[Package(kind, name)] = store.stored(site, content_hash)
    missing = [str(package) for package, folder in folders.items() if not folder.is_dir()]
    lock = generation.requirements
    if config.requirements_hash and not lock.is_file():
        missing.append(lock.name)
    if missing:
        raise RollbackImpossibleError(generation=generation.number, missing=missing)
    return Materials(
        Artifacts(config.module_hashes, config.paheko_hashes, config.requirements_hash),
        folders,
        lock.read_text(encoding="utf-8") if config.requirements_hash else None,
    )


def _kind(site: Site, config: SiteConfig, name: str) -> ExtensionKind:
    content_hash = config.paheko_hashes.get(name)
    if content_hash is None:
        return ExtensionKind.PLUGIN
    return read_code(name, store.stored(site, content_hash)).kind


def _kept(plan: Plan, number: int) -> Plan:
    """``plan`` with all data as it is now; refused where old code cannot live with it.

    Source: Paheko runs a plugin's ``upgrade.php`` whenever the versions differ, so that older code
    would migrate newer tables.
    """
    stuck = [f"paheko:{change.name}" for change in plan.host if change.upgrades]
    if stuck:
        raise NewerDataError(generation=number, names=stuck)
    return plan


def _with_data(plan: Plan, site: Site, number: int) -> Plan:
    """``plan`` with the data as it was when ``number`` ceased to be live."""
    later = [each for each in _snapshot_numbers(site) if each > number]
    restores: dict[str, int] = {}
    for each in reversed(later):
        folder = data_snapshot(site, each, "x").parent
        for child in sorted(folder.iterdir()) if folder.is_dir() else ():
            restores[child.name] = each
    hosts = [each for each in later if snapshot_folder(site, each).is_dir()]
    upgrades = [change for change in plan.host if change.upgrades]
    host_restore = hosts[0] if hosts and plan.host else None
    if upgrades and host_restore is None:
        raise RollbackImpossibleError(
            generation=number, missing=[f"data of paheko:{each.name}" for each in upgrades]
        )
    host = tuple(_restored(change) for change in plan.host) if host_restore else plan.host
    return replace(
        plan,
        restores=tuple(sorted(restores.items())),
        host_restore=host_restore,
        host=host,
    )


def _restored(change: HostChange) -> HostChange:
    """``change`` on a host whose records come back from a copy: nothing to migrate."""
    return replace(change, upgrades=False)


def _snapshot_numbers(site: Site) -> list[int]:
    if not site.snapshots.is_dir():
        return []
    return sorted(int(child.name) for child in site.snapshots.iterdir() if child.name.isdigit())


def losses(site: Site, plan: Plan, host: ExtensionHost | None = None) -> tuple[Loss, ...]:
    """What a plan that restores data would lose, for Paheko and each module. Reads only."""
    found = []
    if host is not None and plan.host_restore is not None:
        since = host.rows_since(snapshot_folder(site, plan.host_restore))
        if since:
            found.append(Loss("paheko", since, _taken_at(site, plan.host_restore)))
    for module, number in plan.restores:
        counts = declared_counts(site, module)
        copy = data_snapshot(site, number, module)
        before = count_rows(copy, counts, is_copy=True)
        now = count_rows(site.data / module, counts)
        gone = {name: now[name] - before.get(name, 0) for name in sorted(now)}
        found.append(Loss(module, gone, _taken_at(site, number)))
    return tuple(found)


def _taken_at(site: Site, number: int) -> str:
    try:
        return str(json.loads(site.generation(number).receipt.read_text())["started"])
    except (OSError, ValueError, KeyError):
        return ""


def declared_counts(site: Site, module: str) -> dict[str, str]:
    """``[counts]`` of a module of the live generation: name to query; empty when it has none."""
    manifest = site.generation(site.current_number()).modules / module / "module.toml"
    try:
        counts = tomllib.loads(manifest.read_text(encoding="utf-8")).get("counts", {})
    except (OSError, ValueError):
        return {}
    return {str(name): str(query) for name, query in counts.items()}
