"""What ``plan`` does, and the part of ``apply`` that comes before any change."""

from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.step import Wheels
from recyclic.cli import render, session
from recyclic.cli.options import Asked
from recyclic.cli.plan_words import plan_text
from recyclic.plan.plan_json import plan_json
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.planning import Planned, plan_resolution
from recyclic.workflow.target import Wanted


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to plan, and where the plan goes.

    Attributes:
        output: The file to write as an approval.
        fix: Which suggested fix to write first, counted from 1.
    """

    as_json: bool = False
    output: Path | None = None
    check_python: bool = True
    offline: bool = False
    find_links: Path | None = None
    fix: int | None = None

    def wheels(self) -> Wheels:
        """Where Python distributions may come from."""
        return Wheels(self.offline, (self.find_links,) if self.find_links else ())


def planned(
    asked: Asked, wanted: Wanted, preferences: Preferences, how: PlanOptions, verb: str
) -> Planned:
    """Read, resolve and plan; warnings go to standard error."""
    resolved = session.resolved_of(asked, verb, wanted, preferences, fix=how.fix)
    return plan_resolution(resolved, how.wheels(), lock_python=how.check_python)


def show_plan(asked: Asked, wanted: Wanted, preferences: Preferences, how: PlanOptions) -> bool:
    """Print the plan, write the approval; True when there is something to do."""
    found = planned(asked, wanted, preferences, how, "plan")
    document = {**plan_json(found.plan), "target": found.target}
    if how.output is not None:
        how.output.write_text(render.json_text(document) + "\n", encoding="utf-8")
    if how.as_json:
        print(render.json_text(document))
    else:
        print(plan_text(found.plan, site=found.plan.config.site))
    return found.plan.has_changes
