"""``plan -o FILE`` and ``apply FILE``: what was asked, kept with the plan, and asked again."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.apply.step import Wheels
from recyclic.model.package import Package, PackageKind
from recyclic.plan.errors import ApprovalUnreadableError
from recyclic.plan.plan_json import Approval, parse_approval, plan_json
from recyclic.resolve.preferences import ALL, Preferences, Strategy
from recyclic.workflow.planning import Planned
from recyclic.workflow.target import Target, TargetKind, Wanted, project_of

LIMIT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Question:
    """Everything on a command line that decides a plan.

    Attributes:
        folder: Where it was asked; its paths are relative to this.
        lock_python: Python's requirements are locked with uv.
    """

    folder: Path
    target: Target
    wanted: Wanted
    preferences: Preferences
    wheels: Wheels
    lock_python: bool = True


def approval_document(
    question: Question, planned: Planned, accepted: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The plan as JSON, with the question it answers. There is no secret in it.

    Args:
        accepted: One-way steps that whoever approves it accepts.
    """
    preferences = question.preferences
    upgrade = (
        "all" if preferences.upgrade == ALL else sorted(str(each) for each in preferences.upgrade)
    )
    return {
        **plan_json(planned.plan),
        "target": planned.target,
        "accepted": sorted(set(accepted)),
        "question": {
            "folder": str(question.folder),
            "kind": question.target.kind.value,
            "path": str(question.target.path),
            "site": question.wanted.site,
            "instance": str(question.wanted.instance) if question.wanted.instance else None,
            "catalogs": [str(path) for path in question.wanted.catalogs],
            "upgrade": upgrade,
            "strategy": preferences.strategy.value,
            "offline": question.wheels.offline,
            "wheels": [str(path) for path in question.wheels.folders],
            "lock_python": question.lock_python,
        },
    }


def read_approval(path: Path) -> tuple[Approval, Question]:
    """The approval in a file, and the question to ask again.

    Raises:
        ApprovalUnreadableError, ApprovalTooNewError: it is no such file.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(LIMIT_BYTES)
    approval = parse_approval(content, str(path))
    try:
        return approval, _question(json.loads(content)["question"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ApprovalUnreadableError(path=str(path), detail=str(error)) from error


def _question(asked: Mapping[str, Any]) -> Question:
    path = Path(asked["path"])
    folder = Path(asked["folder"])
    upgrade = asked["upgrade"]
    return Question(
        folder=folder,
        target=Target(TargetKind(asked["kind"]), path, project_of(folder / path)),
        wanted=Wanted(
            asked["site"],
            Path(asked["instance"]) if asked["instance"] else None,
            tuple(Path(each) for each in asked["catalogs"]),
        ),
        preferences=Preferences(
            upgrade=ALL if upgrade == "all" else frozenset(_package(text) for text in upgrade),
            strategy=Strategy(asked["strategy"]),
        ),
        wheels=Wheels(bool(asked["offline"]), tuple(Path(each) for each in asked["wheels"])),
        lock_python=bool(asked["lock_python"]),
    )


def _package(text: str) -> Package:
    kind, _, name = text.partition(":")
    return Package(PackageKind(kind), name)


def stand_where_asked(question: Question) -> None:
    """Make the paths of ``question`` mean what they meant; places in the plan are written so."""
    if question.folder.is_dir():
        os.chdir(question.folder)
