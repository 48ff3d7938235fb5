"""What ``plan`` does, and the part of ``apply`` that comes before any change."""

from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.step import Wheels
from recyclic.cli import render, session
from recyclic.cli.options import Asked
from recyclic.cli.plan_words import plan_text
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.approval import Question, approval_document
from recyclic.workflow.exact import plan_config
from recyclic.workflow.planning import Planned, plan_resolution
from recyclic.workflow.target import TargetKind, Wanted


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to plan, and where the plan goes.

    Attributes:
        output: The file to write as an approval.
        fix: Which suggested fix to write first, counted from 1.
        accepted: One-way steps that the approval accepts.
    """

    as_json: bool = False
    output: Path | None = None
    check_python: bool = True
    offline: bool = False
    find_links: Path | None = None
    fix: int | None = None
    accepted: tuple[str, ...] = ()

    def wheels(self) -> Wheels:
        """Where Python distributions may come from."""
        return Wheels(self.offline, (self.find_links.absolute(),) if self.find_links else ())


def question_of(
    asked: Asked, wanted: Wanted, preferences: Preferences, how: PlanOptions, verb: str
) -> Question:
    """Everything on the command line that decides the plan."""
    target = session.target_of(asked, verb, wanted)
    return Question(Path.cwd(), target, wanted, preferences, how.wheels(), how.check_python)


def planned(question: Question, fix: int | None = None) -> Planned:
    """Read, resolve and plan; a config.toml is taken as it is. Warnings go to standard error."""
    if question.target.kind is TargetKind.CONFIG:
        return plan_config(
            question.target,
            question.wanted,
            question.wheels,
            lock_python=question.lock_python,
        )
    resolved = session.resolved_from(
        question.target, question.wanted, question.preferences, fix=fix
    )
    return plan_resolution(resolved, question.wheels, lock_python=question.lock_python)


def show_plan(asked: Asked, wanted: Wanted, preferences: Preferences, how: PlanOptions) -> bool:
    """Print the plan, write the approval; True when there is something to do."""
    question = question_of(asked, wanted, preferences, how, "plan")
    found = planned(question, how.fix)
    document = approval_document(question, found, how.accepted)
    if how.output is not None:
        how.output.write_text(render.json_text(document) + "\n", encoding="utf-8")
    if how.as_json:
        print(render.json_text(document))
    else:
        print(plan_text(found.plan, site=found.plan.config.site))
    return found.plan.has_changes
