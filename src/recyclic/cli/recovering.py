"""What ``recover`` does, and what ``serve`` does first."""

from pathlib import Path

from recyclic.apply.paheko import open_host
from recyclic.apply.recover import RecoveryReport, recover
from recyclic.apply.rollback import DataChoice
from recyclic.cli import render, session
from recyclic.cli.language import _
from recyclic.cli.moment import moment
from recyclic.cli.progress import listener_for
from recyclic.site.layout import Site
from recyclic.workflow.target import Wanted, find_site


def recover_site(
    wanted: Wanted, *, as_json: bool, lock_timeout_s: float, data: DataChoice = DataChoice.KEEP
) -> None:
    """Recover the site and say what was found."""
    site = Site(find_site(Path.cwd(), wanted.site, wanted.instance))
    report = recover_folder(site, as_json=as_json, lock_timeout_s=lock_timeout_s, data=data)
    if as_json:
        print(render.json_line(_document(report)))
    elif report is None:
        print(_("Nothing to recover."))


def recover_folder(
    site: Site,
    *,
    as_json: bool = False,
    lock_timeout_s: float = 0.0,
    data: DataChoice = DataChoice.KEEP,
) -> RecoveryReport | None:
    """Undo or finish what was interrupted in ``site``, telling about it; None without any."""
    listener = listener_for(as_json=as_json)
    try:
        report = recover(
            site,
            open_host,
            listener=listener,
            lock_timeout_s=lock_timeout_s,
            gives_up_writes=data is DataChoice.RESTORE,
        )
    finally:
        listener.ended("")
    if report is not None:
        told = _(
            "The interrupted run of {who} ({started}) was {result}: generation {live} is live."
        )
        results = {"undone": _("undone"), "finished": _("finished")}
        session.note(
            told.format(
                who=report.who,
                started=moment(report.started),
                result=results.get(report.result, report.result),
                live=report.live,
            )
        )
    return report


def _document(report: RecoveryReport | None) -> dict[str, object]:
    if report is None:
        return {"format": 1, "result": "nothing-to-do"}
    return {
        "format": 1,
        "result": report.result,
        "generation": report.generation,
        "live": report.live,
        "step": report.step,
    }
