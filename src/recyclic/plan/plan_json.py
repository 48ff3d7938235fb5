"""A plan as JSON: what ``--json`` prints, what ``-o`` writes, and what an approval is checked by.

There is no secret in it: settings hold references, and files stand as their hashes.
"""

import json
from dataclasses import dataclass
from typing import Any

from recyclic.plan.change import Change, SettingChange
from recyclic.plan.errors import ApprovalTooNewError, ApprovalUnreadableError, StalePlanError
from recyclic.plan.fingerprint import Fingerprint
from recyclic.plan.plain import plain
from recyclic.plan.plan import Plan

PLAN_FORMAT = 1


def plan_json(plan: Plan) -> dict[str, Any]:
    """Plain values; the same plan gives the same document. Unknown keys may be added later."""
    return {
        "format": PLAN_FORMAT,
        "kind": "plan",
        "site": plan.config.site,
        "bundle": plan.config.bundle,
        "bundle_version": plan.config.bundle_version,
        "base_generation": plan.base,
        "has_changes": plan.has_changes,
        "changes": [change_json(change) for change in plan.changes],
        "settings": [_setting(change) for change in plan.settings],
        "requirements_changed": plan.requirements_changed,
        "deferred": list(plan.deferred),
        "summary": plan.summary(),
        "point_of_no_return": point_of_no_return(plan),
        "expected_downtime_s": plan.expected_downtime_s,
        "fingerprint": plan.fingerprint.text(),
        "made_from": dict(sorted(plan.fingerprint.parts.items())),
        "config": plain(plan.config),
    }


def point_of_no_return(plan: Plan) -> str | None:
    """The step after which live things change; None when nothing does."""
    if not plan.has_changes:
        return None
    return "snapshot" if plan.changes_host else "switch"


def change_json(change: Change) -> dict[str, Any]:
    """One change as plain values."""
    document: dict[str, Any] = {
        "action": change.action.value,
        "kind": change.package.kind.value,
        "name": change.package.name,
        "old": change.old,
        "new": change.new,
        "reason": change.reason.value,
        "by": list(change.by),
        "reversibility": change.reversibility.value,
        "step": change.step,
        "deferred": change.deferred,
    }
    if change.snapshot_bytes:
        document["snapshot_bytes"] = change.snapshot_bytes
    if change.place is not None:
        document |= {"file": change.place.file, "line": change.place.line}
    return document


def _setting(change: SettingChange) -> dict[str, Any]:
    document: dict[str, Any] = {
        "path": list(change.path),
        "action": change.action.value,
        "old": change.old,
        "new": change.new,
    }
    if change.place is not None:
        document |= {"file": change.place.file, "line": change.place.line}
    return document


@dataclass(frozen=True, slots=True)
class Approval:
    """A plan somebody approved: enough to see whether another plan is the same.

    Attributes:
        site: The name of the site it is for.
        base: The generation it starts from.
        files: The files it was made from, as they were typed.
        accepted: The one-way steps that were accepted with it.
    """

    site: str
    base: int
    fingerprint: Fingerprint
    has_changes: bool
    files: tuple[str, ...]
    accepted: tuple[str, ...] = ()


def parse_approval(content: bytes, label: str) -> Approval:
    """The approval in a file that ``plan -o`` wrote.

    Raises:
        ApprovalUnreadableError: it is no such file, or was changed by hand.
        ApprovalTooNewError: its format is another.
    """
    try:
        document = json.loads(content)
        if document.get("kind") != "plan":
            raise ValueError("not a plan")
        if document["format"] != PLAN_FORMAT:
            raise ApprovalTooNewError(path=label, found=document["format"], known=PLAN_FORMAT)
        approval = _approval(document)
        if approval.fingerprint.text() != document["fingerprint"]:
            raise ValueError("its hashes and its fingerprint do not agree")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ApprovalUnreadableError(path=label, detail=str(error)) from error
    return approval


def _approval(document: dict[str, Any]) -> Approval:
    parts = {str(name): str(value) for name, value in document["made_from"].items()}
    files = [name.removeprefix("input:") for name in sorted(parts) if name.startswith("input:")]
    return Approval(
        site=str(document["site"]),
        base=int(document["base_generation"]),
        fingerprint=Fingerprint(parts),
        has_changes=bool(document["has_changes"]),
        files=tuple(files),
        accepted=tuple(str(step) for step in document.get("accepted", ())),
    )


def check_approval(approval: Approval, plan: Plan) -> None:
    """Return when ``plan``, made now, is the one that was approved.

    Raises:
        StalePlanError: it is not; ``moved`` names what differs.
    """
    moved = approval.fingerprint.moved(plan.fingerprint)
    if moved:
        raise StalePlanError(moved=list(moved), base=approval.base, now=plan.base)
