"""What ``fleet plan`` and ``fleet apply`` do."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.apply.step import Wheels
from recyclic.cli import render, session
from recyclic.cli.applying import ApplyChoices, carry_out
from recyclic.cli.errors import UsageError
from recyclic.cli.exit_codes import ExitCode, exit_code_of
from recyclic.cli.language import _
from recyclic.cli.output import say
from recyclic.cli.plan_words import change_line, setting_line
from recyclic.cli.planning import PlanOptions
from recyclic.errors import RecyclicError
from recyclic.plan.change import Action
from recyclic.plan.plan_json import plan_json
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.fleet import FleetPlan, SitePlan, plan_fleet, profiles_in
from recyclic.workflow.target import Wanted

WORST_FIRST = (
    ExitCode.PERSON_NEEDED,
    ExitCode.ROLLED_BACK,
    ExitCode.LOCKED,
    ExitCode.STALE,
    ExitCode.REFUSED,
    ExitCode.DONE,
)
"""Which site's result a fleet ends with."""


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """What a script wants to know of a fleet's plan."""

    blocked: bool
    has_changes: bool


@dataclass(frozen=True, slots=True)
class FleetChoices:
    """What the command line says about how to apply to a fleet."""

    yes: bool = False
    no_input: bool = False
    as_json: bool = False
    offline: bool = False


def _planned(folder: Path, wanted: Wanted, preferences: Preferences, offline: bool) -> FleetPlan:
    profiles = profiles_in(_folder(folder))
    if not profiles:
        message = _("there is no profile in {folder}").format(folder=folder)
        raise UsageError(message=message, verb="fleet")
    told = _("planning {site}")
    return plan_fleet(
        profiles,
        wanted,
        preferences,
        Wheels(offline),
        lambda site: session.note(told.format(site=site)),
    )


def _folder(folder: Path) -> Path:
    """``profiles/``, or ``bundles/profiles/`` where the project keeps them there."""
    beside = Path("bundles") / folder
    return beside if not folder.exists() and beside.is_dir() else folder


def show_fleet(
    folder: Path, wanted: Wanted, preferences: Preferences, *, as_json: bool, offline: bool
) -> FleetOutcome:
    """Print the plan of every profile in ``folder``."""
    fleet = _planned(folder, wanted, preferences, offline)
    if as_json:
        print(render.json_text(_document(fleet)))
    else:
        print("\n".join(_lines(fleet)))
    return FleetOutcome(bool(fleet.blocked), any(_changes(group[0]) for group in fleet.groups))


def _changes(site: SitePlan) -> bool:
    return site.planned is not None and site.planned.plan.has_changes


def _names(group: tuple[SitePlan, ...]) -> str:
    return ", ".join(site.name for site in group)


def _lines(fleet: FleetPlan) -> Iterator[str]:
    for group in fleet.groups:
        yield _("Sites: {names}").format(names=_names(group))
        planned = group[0].planned
        if planned is None or not planned.plan.has_changes:
            yield "  " + _("Nothing to do: the site is as asked.")
            continue
        for change in planned.plan.changes:
            if change.action is not Action.KEEP:
                yield change_line(change)
        yield from (setting_line(change) for change in planned.plan.settings)
    for site in fleet.blocked:
        yield _("blocked: {name}").format(name=site.name)
        if site.error is not None:
            yield from (f"  {line}" for line in render.render_error(site.error).splitlines())
    total = sum(len(group) for group in fleet.groups) + len(fleet.blocked)
    told = _("Sites: {total}; distinct plans: {plans}; blocked: {blocked}.")
    yield told.format(total=total, plans=len(fleet.groups), blocked=len(fleet.blocked))


def _document(fleet: FleetPlan) -> dict[str, Any]:
    return {
        "format": 1,
        "groups": [
            {
                "sites": [site.name for site in group],
                "plan": plan_json(group[0].planned.plan) if group[0].planned else None,
            }
            for group in fleet.groups
        ],
        "blocked": [
            {"site": site.name, **render.error_json(site.error)}
            for site in fleet.blocked
            if site.error is not None
        ],
    }


def apply_fleet(
    folder: Path, wanted: Wanted, preferences: Preferences, how: FleetChoices
) -> ExitCode:
    """Plan all, ask once, apply one after another; the worst result is the answer."""
    fleet = _planned(folder, wanted, preferences, how.offline)
    text = "\n".join(_lines(fleet))
    if how.as_json:
        session.note(text)
    else:
        say(text)
    todo = [site for group in fleet.groups for site in group if _changes(site)]
    codes = {ExitCode.REFUSED} if fleet.blocked else {ExitCode.DONE}
    if todo and session.consent(
        _("Apply these plans? [y/N]"), yes=how.yes, no_input=how.no_input, verb="fleet apply"
    ):
        codes |= {_apply_site(site, how) for site in todo}
    return next(code for code in WORST_FIRST if code in codes)


def _apply_site(site: SitePlan, how: FleetChoices) -> ExitCode:
    assert site.planned is not None
    session.note(_("applying {site}").format(site=site.name))
    choices = ApplyChoices(yes=True, plan=PlanOptions(as_json=how.as_json, offline=how.offline))
    try:
        report = carry_out(site.planned, choices)
    except RecyclicError as error:
        session.note(render.render_error(error))
        return exit_code_of(error)
    told = _("{site}: generation {number} is live")
    say(told.format(site=site.name, number=report.generation))
    return ExitCode.DONE
