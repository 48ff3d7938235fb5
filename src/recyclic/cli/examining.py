"""What ``doctor`` does: every external thing looked at, and the kill test on one's own bundle."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from recyclic.apply.apply import ApplyOptions
from recyclic.apply.doctor import Finding, examine
from recyclic.apply.kill_test import KillReport, Point, Side
from recyclic.apply.rehearsal import kill_every_step
from recyclic.cli import render, session
from recyclic.cli.events_examining import examine_events
from recyclic.cli.language import _
from recyclic.cli.options import Asked
from recyclic.cli.planning import PlanOptions, planned, question_of
from recyclic.cli.printable import printable
from recyclic.cli.words import words_for
from recyclic.model.diagnostic import Place
from recyclic.model.profile import PahekoHost
from recyclic.resolve.preferences import Preferences
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.workflow.target import NoSiteError, Wanted, find_site


def show_health_of_machine(wanted: Wanted, *, as_json: bool) -> bool:
    """Print each finding with what to do; True when all is well."""
    site = _site(wanted)
    config = read_installed(site).config
    table = config.hosts.get("paheko") if config else None
    host = PahekoHost(**{**table, "place": Place("config.toml")}) if table else None
    findings = (*examine(site, host), *examine_events(site, config))
    well = all(found.is_well for found in findings)
    if as_json:
        shown = [_finding_json(found) for found in findings]
        print(render.json_text({"format": 1, "ok": well, "findings": shown}))
    else:
        print("\n".join(_finding_lines(findings)))
    return well


def _site(wanted: Wanted) -> Site:
    """The site, or the place where the first one would be: a machine can be looked at before."""
    try:
        return Site(find_site(Path.cwd(), wanted.site, wanted.instance))
    except NoSiteError:
        return Site(wanted.instance or Path.cwd() / ".recyclic" / "new")


def _finding_lines(findings: Iterable[Finding]) -> Iterable[str]:
    for found in findings:
        facts = " ".join(f"{key}={value}" for key, value in found.facts.items())
        if found.is_well:
            yield printable(f"  {_('ok'):<8} {found.name:<12} {facts}".rstrip())
            continue
        words = words_for(found.code)
        title = render.fill(words.title, found.facts) if words else found.code
        yield printable(f"  {_('NOT OK'):<8} {found.name:<12} {found.code}  {title}")
        if words and words.fix:
            yield printable(f"  {'':<8} {'':<12} {_('fix')}  {render.fill(words.fix, found.facts)}")


def _finding_json(found: Finding) -> dict[str, object]:
    words = words_for(found.code) if found.code else None
    return {
        "name": found.name,
        "ok": found.is_well,
        "code": found.code or None,
        "message": render.fill(words.title, found.facts) if words else None,
        "fix": render.fill(words.fix, found.facts) if words else None,
        "facts": dict(found.facts),
    }


def kill_test(asked: Asked, wanted: Wanted, *, as_json: bool) -> bool:
    """Install what was asked for in a sandbox, killed at every operation; True when none hurt."""
    question = question_of(asked, wanted, Preferences(), PlanOptions(), "doctor")
    with tempfile.TemporaryDirectory(prefix="recyclic-kill-") as folder:
        elsewhere = Wanted(question.wanted.site, Path(folder) / "unused", question.wanted.catalogs)
        sandboxed = question_of(asked, elsewhere, Preferences(), PlanOptions(), "doctor")
        found = planned(sandboxed)
        report = kill_every_step(
            found.plan, found.materials, Path(folder), ApplyOptions(), _tell_point
        )
    _tell_report(report, as_json=as_json)
    return not report.failures


def _tell_point(point: Point, total: int) -> None:
    if point.number % 10 == 0 and point.side is Side.BEFORE:
        session.note(
            _("killed at {what}; points in all: {total}").format(what=point.operation, total=total)
        )


def _tell_report(report: KillReport, *, as_json: bool) -> None:
    failures = [f"{point}: {', '.join(paths[:5])}" for point, paths in report.failures]
    if as_json:
        print(
            render.json_text(
                {
                    "format": 1,
                    "points": report.points,
                    "old": report.old,
                    "new": report.new,
                    "failures": failures,
                }
            )
        )
        return
    told = _("Killed at {points} points: {old} times the old site, {new} times the new, {bad} bad.")
    print(told.format(points=report.points, old=report.old, new=report.new, bad=len(failures)))
    for line in failures:
        print(printable(f"  {line}"))
