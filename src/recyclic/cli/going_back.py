"""What ``rollback`` does: a plan like any other, and what it would lose."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.history import last_entries
from recyclic.apply.paheko import open_host
from recyclic.apply.rollback import DataChoice, Loss, default_target, losses, plan_rollback
from recyclic.cli import session
from recyclic.cli.applying import ApplyChoices, carry_out, show, tell
from recyclic.cli.language import _
from recyclic.cli.moment import moment
from recyclic.cli.recovering import recover_folder
from recyclic.site.config_file import read_config
from recyclic.site.generations import find_generation
from recyclic.site.layout import Site
from recyclic.workflow.planning import Planned
from recyclic.workflow.target import Wanted, find_site


@dataclass(frozen=True, slots=True)
class RollbackChoices:
    """Where to go back to, and what becomes of the data written since."""

    to: int | None = None
    data: DataChoice = DataChoice.KEEP


def rollback(wanted: Wanted, back: RollbackChoices, how: ApplyChoices) -> None:
    """Make a new generation that equals an earlier one."""
    site = Site(find_site(Path.cwd(), wanted.site, wanted.instance))
    recover_folder(site)
    number = default_target(site) if back.to is None else back.to
    config = read_config(find_generation(site, number).config)
    host = open_host(config.hosts)
    plan, materials = plan_rollback(site, number, data=back.data, host=host)
    target = {"kind": "config", "path": str(site.generation(number).config)}
    found = Planned(plan, materials, site, target, host, about=_about(site, number))
    show(found, how)
    for line in _loss_lines(losses(site, plan, host)):
        session.note(line)
    if plan.has_changes and not session.consent(
        _("Go back to generation {number}? [y/N]").format(number=number),
        yes=how.yes,
        no_input=how.no_input,
        verb="rollback",
    ):
        session.note(_("Nothing was changed."))
        return
    tell(found, carry_out(found, how) if plan.has_changes else None, how)


def _about(site: Site, number: int) -> dict[str, str]:
    """What the history says besides: where it went back to, and the commit of that."""
    commits = {entry.get("generation"): entry.get("commit") for entry in last_entries(site)}
    commit = commits.get(number)
    return {"back_to": str(number), **({"commit": str(commit)} if commit else {})}


def _loss_lines(found: tuple[Loss, ...]) -> Iterator[str]:
    for loss in found:
        told = _("{module}: its data goes back to {since}; lost: {counts}")
        since = moment(loss.since) or "?"
        yield told.format(module=loss.module, since=since, counts=_counts(loss))


def _counts(loss: Loss) -> str:
    """``37 sales``; where nothing is lost, of everything 0."""
    if not loss.counts:
        return _("it does not say how much")
    gone = {name: number for name, number in loss.counts.items() if number > 0}
    shown = gone or dict.fromkeys(loss.counts, 0)
    return ", ".join(f"{number} {name}" for name, number in shown.items())
