"""What ``apply`` does: plan, ask, carry out, say what is true now."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recyclic.apply.interruption import undisturbed
from recyclic.apply.journal import is_in_flight
from recyclic.apply.step import Wheels
from recyclic.cli import render, session
from recyclic.cli.language import _
from recyclic.cli.moment import moment
from recyclic.cli.options import told_apart
from recyclic.cli.output import say
from recyclic.cli.plan_words import plan_text
from recyclic.cli.planning import PlanOptions, planned, question_of
from recyclic.cli.progress import listener_for
from recyclic.plan.errors import StalePlanError
from recyclic.plan.plan import check_accepted
from recyclic.plan.plan_json import check_approval, plan_json
from recyclic.resolve.preferences import Preferences
from recyclic.site.layout import Site
from recyclic.site.lock import Holder
from recyclic.workflow.approval import Question, read_approval, stand_where_asked
from recyclic.workflow.inputs import site_root
from recyclic.workflow.planning import Planned
from recyclic.workflow.target import Wanted

if TYPE_CHECKING:
    from recyclic.apply.apply import AppliedReport

ARCHIVE_ENDINGS = (".rcy", ".tar.gz", ".tgz", ".tar", ".zip")
"""How the name of an archive ends; ``pack`` writes ``.rcy``."""


@dataclass(frozen=True, slots=True)
class ApplyChoices:
    """What the command line says about how to apply."""

    yes: bool = False
    no_input: bool = False
    accepted: tuple[str, ...] = ()
    lock_timeout_s: float = 0.0
    retry: bool = False
    plan: PlanOptions = field(default_factory=PlanOptions)


def apply(words: list[str], wanted: Wanted, preferences: Preferences, how: ApplyChoices) -> None:
    """Apply what the words name: a bundle, a profile, a config, or an approved plan."""
    if len(words) == 1 and Path(words[0]).suffix == ".json":
        _apply_approved(Path(words[0]), how)
        return
    if len(words) == 1 and words[0].endswith(ARCHIVE_ENDINGS):
        _apply_archive(Path(words[0]), wanted, how)
        return
    question = question_of(told_apart(words, "apply"), wanted, preferences, how.plan, "apply")
    _recover_first(question)
    try:
        _agree_and_carry_out(planned(question, how.plan.fix), how)
    except StalePlanError:
        # Nothing was approved in a file: what another run did meanwhile is simply planned upon.
        session.note(_("Another run changed the site meanwhile; planning again."))
        _recover_first(question)
        _agree_and_carry_out(planned(question), how)


def _agree_and_carry_out(found: Planned, how: ApplyChoices, wheels: Wheels | None = None) -> None:
    show(found, how)
    check_accepted(found.plan, how.accepted)
    if found.plan.has_changes and not session.consent(
        _("Apply this plan? [y/N]"), yes=how.yes, no_input=how.no_input, verb="apply"
    ):
        session.note(_("Nothing was changed."))
        return
    tell(found, carry_out(found, how, wheels) if found.plan.has_changes else None, how)


def _apply_archive(path: Path, wanted: Wanted, how: ApplyChoices) -> None:
    from recyclic.cli.recovering import recover_folder
    from recyclic.workflow.archive import planned_archive

    with planned_archive(path, wanted) as (found, wheels):
        if recover_folder(found.site) is None:
            _agree_and_carry_out(found, how, wheels)
            return
    _apply_archive(path, wanted, how)  # what was interrupted is put right: plan from what is now


def _apply_approved(path: Path, how: ApplyChoices) -> None:
    """Plan again, and go on without asking when that is still the plan that was approved.

    Raises:
        StalePlanError: something it was made from has moved since.
    """
    approval, question = read_approval(path)
    stand_where_asked(question)
    _recover_first(question)
    found = planned(question)
    check_approval(approval, found.plan)
    how = replace(how, accepted=(*approval.accepted, *how.accepted))
    show(found, how)
    tell(found, carry_out(found, how) if found.plan.has_changes else None, how)


def _recover_first(question: Question) -> None:
    """What an earlier run left half done is put right before anything is planned."""
    root = site_root(question.target, question.wanted)
    if root is not None and is_in_flight(Site(root)):
        from recyclic.cli.recovering import recover_folder

        recover_folder(Site(root))


def show(found: Planned, how: ApplyChoices) -> None:
    """The plan: on standard output, or beside NDJSON on standard error."""
    text = plan_text(found.plan, site=found.plan.config.site)
    if how.plan.as_json:
        session.note(text)
    else:
        say(text)


def carry_out(found: Planned, how: ApplyChoices, wheels: Wheels | None = None) -> "AppliedReport":
    """Apply a plan that was agreed to, showing progress.

    Args:
        wheels: Where Python distributions come from, when not from where the command line says.
    """
    from recyclic.apply.apply import ApplyOptions
    from recyclic.apply.apply import apply as apply_plan

    listener = listener_for(as_json=how.plan.as_json)
    try:
        return apply_plan(
            found.plan,
            found.materials,
            found.site,
            host=found.host,
            listener=listener,
            options=ApplyOptions(
                accepted=how.accepted,
                lock_timeout_s=how.lock_timeout_s,
                waiting=_waiting,
                about=found.about,
                target=found.target,
                retry=how.retry,
                wheels=wheels or how.plan.wheels(),
            ),
        )
    finally:
        listener.ended("")


def _waiting(holder: Holder) -> None:
    told = _("waits for the run of {who} (process {pid}, since {since}, at {step})")
    session.note(
        told.format(
            who=holder.who, pid=holder.pid, since=moment(holder.since), step=holder.step or "-"
        )
    )


def tell(found: Planned, report: "AppliedReport | None", how: ApplyChoices) -> None:
    """What is true now; without a report there was nothing to do, and nothing was written."""
    with undisturbed():  # it is done: nothing may turn that into "interrupted and undone"
        _tell(found, report, how)


def _tell(found: Planned, report: "AppliedReport | None", how: ApplyChoices) -> None:
    if how.plan.as_json:
        say(render.json_line(_document(found, report)))
        return
    if report is None:
        return
    told = _("Applied. Generation {number} is live, after {seconds} s.")
    say(told.format(number=report.generation, seconds=round(report.seconds, 1)))
    if report.base:
        say(_undo_words(found).format(base=report.base))
    say(_("Next: recyclic serve"))


def _undo_words(found: Planned) -> str:
    """What takes the apply back; deleted data only comes with everything else as it was then."""
    if found.plan.one_way:
        return _(
            "Undo: recyclic rollback --to {base} --data restore (what is written from now on goes)"
        )
    return _("Undo: recyclic rollback --to {base}")


def _document(found: Planned, report: "AppliedReport | None") -> dict[str, object]:
    base = found.plan.base
    return {
        "format": 1,
        "event": "result",
        "result": "applied" if report else "nothing-to-do",
        "generation": report.generation if report else base,
        "base": base,
        "seconds": round(report.seconds, 3) if report else 0.0,
        "deferred": list(found.plan.deferred),
        "plan": plan_json(found.plan)["summary"],
    }
