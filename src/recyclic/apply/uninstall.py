"""Taking a site away: its extensions disabled, its code gone, its data as one chooses."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.errors import NameNotConfirmedError
from recyclic.apply.history import append_history
from recyclic.apply.host import ExtensionHost
from recyclic.apply.listener import Listener
from recyclic.apply.materials import Materials
from recyclic.apply.paheko import observe_paheko
from recyclic.apply.steps.removal import DataFate, RemoveSite, clear_site, data_archive
from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, PackageKind
from recyclic.model.profile import Erasure
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.exact import exact_request, exact_resolution
from recyclic.plan.host_changes import HostChange
from recyclic.plan.plan import Plan, make_plan
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.site.lock import current_user, site_lock
from recyclic.site.observe import observe_site


@dataclass(frozen=True, slots=True)
class UninstallReport:
    """What is left.

    Attributes:
        disabled: Extensions that were disabled in Paheko; their data is Paheko's, and stays.
        erased: Extensions whose data was deleted in Paheko.
        data: Where the data is now; None when there is none any more.
        is_finished: False when it is decided, and files wait for the next run to be removed.
    """

    disabled: tuple[str, ...]
    data: Path | None
    erased: tuple[str, ...] = ()
    is_finished: bool = True


def uninstall(
    site: Site,
    fate: DataFate = DataFate.KEEP,
    *,
    confirmed: str = "",
    host: ExtensionHost | None = None,
    listener: Listener | None = None,
    lock_timeout_s: float = 0.0,
) -> UninstallReport:
    """Take a site away. The journal's history stays; the folder can be applied to again.

    An ordinary transaction leads to a site with nothing in it, and can fail and be undone; what
    nobody uses any more goes after its commit. Killed before, the site is as it was; killed
    after, the next run takes the rest away.

    Args:
        confirmed: The site's name, typed by a person, for PURGE.

    Raises:
        NameNotConfirmedError: PURGE, and ``confirmed`` is not the name; nothing changed.
        and everything that ``apply`` raises.
    """
    installed = read_installed(site)
    config = installed.config
    name = config.site if config else site.root.name
    if fate is DataFate.PURGE and confirmed != name:
        raise NameNotConfirmedError(site=name, given=confirmed)
    going: tuple[HostChange, ...] = ()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    report = None
    if config is not None:
        plan = plan_of_nothing(site, config, host, erases=fate is DataFate.PURGE)
        going = plan.host
        options = ApplyOptions(
            accepted=plan.one_way,  # the site's name was typed: that accepts every step of it
            lock_timeout_s=lock_timeout_s,
            about={"data": fate.value},
            last=(RemoveSite(fate.value, stamp),),
            outcome="uninstalled",
        )
        nothing = Materials(Artifacts())
        report = apply(plan, nothing, site, host=host, listener=listener, options=options)
    if report is None or not report.changed:
        _clear_leftovers(site, name, fate, stamp)
    return UninstallReport(
        tuple(change.name for change in going if change.disables and not change.erases),
        _remains(site, fate, stamp),
        tuple(change.name for change in going if change.erases),
        is_finished=report is None or report.is_finished,
    )


def plan_of_nothing(
    site: Site, config: SiteConfig, host: ExtensionHost | None, *, erases: bool = False
) -> Plan:
    """The plan to a site with no module and no extension. Reads only.

    Args:
        erases: What its extensions keep in Paheko is deleted.
    """
    empty = SiteConfig(config.site, "", "", hosts=config.hosts)
    place = Place("")
    observed = observe_site(site)
    if host is not None:
        observed = replace(observed, paheko=observe_paheko(host, config.paheko_versions))
    extensions = [Package(PackageKind.EXTENSION, name) for name in sorted(config.paheko_versions)]
    erasures = tuple(Erasure(each, place) for each in extensions) if erases else ()
    return make_plan(
        read_installed(site),
        exact_resolution(empty, place, {}),
        replace(exact_request(empty, place), erasures=erasures),
        observed,
        Artifacts(),
    )


def _remains(site: Site, fate: DataFate, stamp: str) -> Path | None:
    """Where the data is now."""
    kept = site.data if fate is DataFate.KEEP else data_archive(site, stamp)
    is_there = kept.is_dir() and any(kept.iterdir()) if fate is DataFate.KEEP else kept.is_file()
    return kept if is_there else None


def _clear_leftovers(site: Site, name: str, fate: DataFate, stamp: str) -> None:
    """Remove what is in a folder without a live generation, and say so in the history."""
    site.prepare()
    with site_lock(site) as lock:
        lock.tell("uninstall")
        last = max([0, *site.numbers()])
        clear_site(site, fate, stamp)
        entry = {
            "transaction": f"uninstall-{stamp}",
            "generation": last,
            "site": name,
            "who": current_user(),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "result": "uninstalled",
            "data": fate.value,
        }
        append_history(site, entry)
