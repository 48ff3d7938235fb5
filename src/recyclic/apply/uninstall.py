"""Taking a site away: its extensions disabled, its code gone, its data as one chooses."""

import tarfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.errors import NameNotConfirmedError
from recyclic.apply.history import append_history
from recyclic.apply.host import ExtensionHost
from recyclic.apply.listener import Listener
from recyclic.apply.materials import Materials
from recyclic.apply.paheko import observe_paheko
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


class DataFate(StrEnum):
    """What happens to what modules kept."""

    KEEP = "keep"
    ARCHIVE = "archive"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class UninstallReport:
    """What is left.

    Attributes:
        disabled: Extensions that were disabled in Paheko; their data is Paheko's, and stays.
        erased: Extensions whose data was deleted in Paheko.
        data: Where the data is now; None when there is none any more.
    """

    disabled: tuple[str, ...]
    data: Path | None
    erased: tuple[str, ...] = ()


def uninstall(
    site: Site,
    fate: DataFate = DataFate.KEEP,
    *,
    confirmed: str = "",
    host: ExtensionHost | None = None,
    listener: Listener | None = None,
) -> UninstallReport:
    """Take a site away. The journal's history stays; the folder can be applied to again.

    First an ordinary transaction leads to a site with nothing in it: that can fail and be undone.
    Then files go that nobody uses any more, which can be killed and called again.

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
    if config is not None:
        plan = plan_of_nothing(site, config, host, erases=fate is DataFate.PURGE)
        going = plan.host
        # The site's name was typed: that accepts every step of it.
        options = ApplyOptions(accepted=plan.one_way)
        apply(plan, Materials(Artifacts()), site, host=host, listener=listener, options=options)
    with site_lock(site) as lock:
        lock.tell("uninstall")
        data = _settle_data(site, fate)
        _remove_code(site, name, fate)
    return UninstallReport(
        tuple(change.name for change in going if change.disables and not change.erases),
        data,
        tuple(change.name for change in going if change.erases),
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


def _settle_data(site: Site, fate: DataFate) -> Path | None:
    has_data = site.data.is_dir() and any(site.data.iterdir())
    if fate is DataFate.KEEP:
        return site.data if has_data else None
    archive = None
    if fate is DataFate.ARCHIVE and has_data:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        archive = site.root / f"data-{stamp}.tar.gz"
        partial = archive.with_name(f".{archive.name}.new")
        with tarfile.open(partial, "w:gz") as file:
            file.add(site.data, "data")
        site.disk.flush(partial)
        site.disk.rename(partial, archive)
        site.disk.flush_folder(site.root)
    site.disk.remove_tree(site.data)
    return archive


def _remove_code(site: Site, name: str, fate: DataFate) -> None:
    site.disk.remove(site.current)
    site.disk.flush_folder(site.root)
    last = max([0, *site.numbers()])
    for folder in (site.generations, site.store, site.snapshots, site.run):
        site.disk.remove_tree(folder)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    append_history(
        site,
        {
            "transaction": f"uninstall-{now}",
            "generation": last,
            "site": name,
            "who": current_user(),
            "ended": now,
            "result": "uninstalled",
            "data": fate.value,
        },
    )
