"""What ``drift``, ``prune`` and ``uninstall`` do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from recyclic.apply.drift import (
    DriftReport,
    Ignored,
    edited_settings,
    find_drift,
    ignore_drift,
)
from recyclic.apply.paheko import observe_paheko, open_host
from recyclic.apply.prune import prune
from recyclic.apply.steps.removal import DataFate
from recyclic.apply.uninstall import UninstallReport, uninstall
from recyclic.cli import render, session
from recyclic.cli.errors import UsageError
from recyclic.cli.language import _
from recyclic.cli.output import say
from recyclic.cli.plan_words import size_text
from recyclic.cli.printable import printable
from recyclic.cli.progress import listener_for
from recyclic.cli.recovering import recover_folder
from recyclic.cli.words.entry import N_
from recyclic.model.observed import Drift, DriftKind
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.site.observe import HIDDEN
from recyclic.workflow.target import Wanted, find_site

_KINDS = {
    DriftKind.MODIFIED: N_("modified"),
    DriftKind.MISSING: N_("missing"),
    DriftKind.EXTRA: N_("extra"),
    DriftKind.MOVED_UPSTREAM: N_("moved upstream"),
}


def _site(wanted: Wanted) -> Site:
    return Site(find_site(Path.cwd(), wanted.site, wanted.instance))


def show_drift(wanted: Wanted, *, as_json: bool) -> bool:
    """Print what is no longer as it was applied; True when there is anything. Cannot write."""
    site = _site(wanted)
    report = _drift_of(site)
    if as_json:
        print(render.json_text(_document(report, site)))
    else:
        print("\n".join(_lines(report, site)))
    return bool(report.drift)


def _drift_of(site: Site) -> DriftReport:
    config = read_installed(site).config
    host = open_host(config.hosts) if config else None
    paheko = observe_paheko(host, config.paheko_versions) if host and config else None
    return find_drift(site, paheko, date.today())


def _lines(report: DriftReport, site: Site) -> Iterator[str]:
    for drift in report.drift:
        yield _line(drift)
    for drift, ignored in report.ignored:
        told = _("ignored until {until}: {subject} ({reason})")
        yield printable(
            told.format(until=ignored.until, subject=drift.subject, reason=ignored.reason)
        )
    if not report.drift:
        yield _("No drift.")
        return
    for edited in edited_settings(site):
        yield printable(_("Adopt: recyclic drift --adopt {key}").format(key=edited.key))
    yield _("Revert: recyclic apply")
    yield _("Leave it be: recyclic drift --ignore SUBJECT --reason TEXT --until DAY")


def _line(drift: Drift) -> str:
    versions = " → ".join(each for each in (drift.expected, drift.found) if each)
    return printable(f"  {_(_KINDS[drift.kind]):<16} {drift.subject:<32} {versions}".rstrip())


def _document(report: DriftReport, site: Site) -> dict[str, Any]:
    return {
        "format": 1,
        "drift": [_drift_json(each) for each in report.drift],
        "ignored": [
            {**_drift_json(drift), "reason": ignored.reason, "until": ignored.until}
            for drift, ignored in report.ignored
        ],
        "adoptable": {
            each.key: HIDDEN if each.is_secret else each.live for each in edited_settings(site)
        },
    }


def _drift_json(drift: Drift) -> dict[str, Any]:
    return {
        "kind": drift.kind.value,
        "subject": drift.subject,
        "expected": drift.expected,
        "found": drift.found,
    }


def adopt(wanted: Wanted, keys: list[str], *, as_json: bool) -> None:
    """Take settings edited by hand over into the profile, and print what changed there."""
    from recyclic.workflow.adopt import adopt as adopt_settings

    adoption = adopt_settings(_site(wanted), keys)
    if as_json:
        document = {
            "format": 1,
            "profile": str(adoption.profile),
            "adopted": list(adoption.keys),
            "diff": adoption.diff,
        }
        print(render.json_text(document))
        return
    print("\n".join(map(printable, adoption.diff.splitlines())))
    session.note(_("adopted into {profile}").format(profile=adoption.profile))
    session.note(_("Next: look at it, commit it, then recyclic apply"))


def ignore(wanted: Wanted, subject: str, reason: str, until: str) -> None:
    """Leave one drift be until a day.

    Raises:
        UsageError: no reason, ``until`` is no day to come, or nothing of that name has drifted.
    """
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        message = _("--until takes a day such as 2026-12-31")
        raise UsageError(message=message, verb="drift") from error
    if not reason.strip():
        raise UsageError(message=_("--ignore needs a --reason"), verb="drift")
    if day <= date.today():
        raise UsageError(message=_("--until takes a day to come"), verb="drift")
    site = _site(wanted)
    report = _drift_of(site)
    known = sorted({*(d.subject for d in report.drift), *(d.subject for d, _by in report.ignored)})
    if subject not in known:
        message = _("nothing named {subject} has drifted; there is: {known}")
        told = message.format(subject=subject, known=", ".join(known) or "-")
        raise UsageError(message=told, verb="drift")
    ignore_drift(site, Ignored(subject, reason, day.isoformat()))
    session.note(_("ignored until {day}: {subject}").format(day=day, subject=subject))


def prune_site(wanted: Wanted, keep: int, *, as_json: bool, lock_timeout_s: float) -> None:
    """Remove old generations and code that none uses, and say what that gave back."""
    site = _site(wanted)
    recover_folder(site)
    report = prune(site, keep=keep, lock_timeout_s=lock_timeout_s)
    if as_json:
        document = {
            "format": 1,
            "generations": report.generations,
            "trees": report.trees,
            "freed_bytes": report.freed_bytes,
        }
        print(render.json_text(document))
        return
    told = _("Removed: generations {generations}; trees of code: {trees}; freed: {size}.")
    numbers = ", ".join(str(number) for number in report.generations) or "-"
    print(told.format(generations=numbers, trees=report.trees, size=size_text(report.freed_bytes)))


@dataclass(frozen=True, slots=True)
class UninstallChoices:
    """What the command line says about taking a site away."""

    data: DataFate = DataFate.KEEP
    confirmed: str = ""
    yes: bool = False
    no_input: bool = False
    as_json: bool = False
    lock_timeout_s: float = 0.0


def uninstall_site(wanted: Wanted, how: UninstallChoices) -> None:
    """Disable the extensions, remove the code, settle the data."""
    site = _site(wanted)
    recover_folder(site)
    config = read_installed(site).config
    name = config.site if config else site.root.name
    told = _("Take the site {site} away, data: {data}? [y/N]").format(
        site=name, data=how.data.value
    )
    if not session.consent(told, yes=how.yes, no_input=how.no_input, verb="uninstall"):
        session.note(_("Nothing was changed."))
        return
    listener = listener_for(as_json=how.as_json)
    host = open_host(config.hosts) if config else None
    try:
        report = uninstall(
            site,
            how.data,
            confirmed=how.confirmed,
            host=host,
            listener=listener,
            lock_timeout_s=how.lock_timeout_s,
        )
    finally:
        listener.ended("")
    if how.as_json:
        say(render.json_line(_gone_document(name, report)))
    else:
        say("\n".join(_gone_lines(name, report)))
    if not report.is_finished:
        session.note(_("Some of its files are still there: recyclic recover removes them."))


def _gone_document(name: str, report: UninstallReport) -> dict[str, object]:
    return {
        "format": 1,
        "event": "result",
        "result": "uninstalled",
        "site": name,
        "finished": report.is_finished,
        "disabled": list(report.disabled),
        "erased": list(report.erased),
        "data": str(report.data) if report.data is not None else None,
    }


def _gone_lines(name: str, report: UninstallReport) -> Iterator[str]:
    yield _("The site {site} is gone.").format(site=name)
    if report.disabled:
        names = ", ".join(report.disabled)
        yield _("Disabled in Paheko, their data kept there: {names}").format(names=names)
    if report.erased:
        names = ", ".join(report.erased)
        yield _("Deleted in Paheko, with all their data: {names}").format(names=names)
    if report.data is not None:
        yield _("Its data is in {path}").format(path=report.data)
