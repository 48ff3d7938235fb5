"""What is done for a plan, in order: all that can fail harmlessly first, live things last."""

from collections.abc import Iterator

from recyclic.apply.step import Step
from recyclic.apply.steps.data import RestoreData, SnapshotData
from recyclic.apply.steps.environment import BuildEnvironment
from recyclic.apply.steps.generation import FlushGeneration, LinkCode, MakeGeneration
from recyclic.apply.steps.host import (
    CheckHost,
    CheckHostAgain,
    PlaceModule,
    ReloadBack,
    ReloadHost,
    SnapshotHost,
    StageExtension,
    VerifyHost,
)
from recyclic.apply.steps.host_change import ChangeHost, EraseExtensions
from recyclic.apply.steps.serving import BootBeside, HandOver, VerifyServing
from recyclic.apply.steps.store import StoreCode
from recyclic.apply.steps.switch import SwitchCurrent
from recyclic.model.package import ExtensionKind, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.plan.change import Action
from recyclic.plan.plan import Plan


def steps_of(plan: Plan, number: int) -> tuple[Step, ...]:
    """The steps that make generation ``number`` out of ``plan``."""
    changed = tuple(
        change.package.name
        for change in plan.changes_of(PackageKind.MODULE, Action.ADD, Action.UPDATE)
    )
    return (
        *_staging(plan, number),
        *_snapshots(plan, number),
        *_host_changes(plan, number),
        *_restores(plan, number),
        BootBeside(number, changed),
        SwitchCurrent(number),
        HandOver(number),
        *_verification(plan, number, changed),
    )


def _staging(plan: Plan, number: int) -> Iterator[Step]:
    config = plan.config
    if plan.changes_host:
        yield CheckHost()
    trees = [*_trees(config)]
    yield MakeGeneration(number)
    for package, _, _, content_hash in trees:
        yield StoreCode(package, content_hash)
    for _, place, name, content_hash in trees:
        yield LinkCode(number, place, name, content_hash)
    if config.requirements_hash:
        yield BuildEnvironment(number)
    yield FlushGeneration(number)
    for change in plan.host:
        if change.places_code:
            content_hash = config.paheko_hashes[change.name]
            yield StageExtension(change.name, change.kind.value, content_hash)


def _trees(config: SiteConfig) -> Iterator[tuple[str, str, str, str]]:
    """Every tree of code: its package, where it goes in the generation, its name, its hash."""
    for name, content_hash in config.module_hashes.items():
        yield f"module:{name}", "modules", name, content_hash
    for name, content_hash in config.paheko_hashes.items():
        yield f"paheko:{name}", "extensions", name, content_hash


def _snapshots(plan: Plan, number: int) -> Iterator[Step]:
    if plan.changes_host or plan.host_restore is not None:
        yield CheckHostAgain()
        yield SnapshotHost(number)
    changed = plan.changes_of(PackageKind.MODULE, Action.UPDATE, Action.REMOVE)
    for module in sorted({change.package.name for change in changed} | dict(plan.restores).keys()):
        yield SnapshotData(number, module)


def _host_changes(plan: Plan, number: int) -> Iterator[Step]:
    """Modules' code in its place, then plugins' code and all that the database says, at once."""
    placed = [change for change in plan.host if change.places_code]
    reloads = bool(placed and plan.config.hosts.get("paheko", {}).get("reload"))
    if reloads:
        yield ReloadBack()
    for change in placed:
        if change.kind is ExtensionKind.BRINDILLE:
            yield PlaceModule(change.name)
    step = ChangeHost(
        number,
        placed=tuple(each.name for each in placed if each.kind is ExtensionKind.PLUGIN),
        disabled=tuple(each.name for each in plan.host if each.disables),
        upgraded=tuple(each.name for each in plan.host if each.upgrades),
        registered=tuple(each.name for each in plan.host if each.registers),
        enabled=tuple(each.name for each in plan.host if each.enables),
        versions=_host_versions(plan),
        source=plan.host_restore,
    )
    comes = step.placed or step.upgraded or step.registered or step.enabled
    if comes or step.disabled or plan.host_restore is not None:
        yield step
    if reloads:
        yield ReloadHost()


def _host_versions(plan: Plan) -> dict[str, str]:
    """The extensions that are to be enabled in the end, to their versions."""
    return {each.name: each.version for each in plan.host if not each.goes}


def _restores(plan: Plan, number: int) -> Iterator[Step]:
    for module, source in plan.restores:
        yield RestoreData(number, module, source)


def _verification(plan: Plan, number: int, changed: tuple[str, ...]) -> Iterator[Step]:
    yield VerifyServing(number, changed)
    if plan.changes_host:
        yield VerifyHost(_host_versions(plan))
    if erased := tuple(each.name for each in plan.host if each.erases):
        yield EraseExtensions(number, erased, _host_versions(plan))
