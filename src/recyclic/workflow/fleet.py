"""Every profile of a folder, planned one by one; a site that cannot be planned stops no other."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.step import Wheels
from recyclic.errors import RecyclicError
from recyclic.plan.change import Action
from recyclic.plan.plan import Plan
from recyclic.plan.plan_json import change_json
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.inputs import read_inputs
from recyclic.workflow.planning import Planned, plan_resolution
from recyclic.workflow.resolving import preferring_installed, resolve_inputs
from recyclic.workflow.target import Target, TargetKind, Wanted, project_of


@dataclass(frozen=True, slots=True)
class SitePlan:
    """One profile's plan, or why there is none.

    Attributes:
        name: The profile's file name without its ending: how people call the site.
    """

    name: str
    profile: Path
    planned: Planned | None = None
    error: RecyclicError | None = None


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """All sites of a folder.

    Attributes:
        groups: Sites whose plans make the same changes, together; the largest group first.
        blocked: Sites that cannot be planned.
    """

    groups: tuple[tuple[SitePlan, ...], ...]
    blocked: tuple[SitePlan, ...]


def profiles_in(folder: Path) -> list[Path]:
    """The profiles of a folder that name a site of their own; shared layers are left out."""
    return [path for path in sorted(folder.glob("*.toml")) if _names_a_site(path)]


def _names_a_site(path: Path) -> bool:
    """True for a profile with ``site``, and for a file that cannot be read: that is to be told."""
    import tomllib

    try:
        return "site" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True


def plan_fleet(
    profiles: list[Path],
    wanted: Wanted,
    preferences: Preferences,
    wheels: Wheels,
    told: Callable[[str], None],
) -> FleetPlan:
    """Plan every profile; ``told`` hears the name of each before it is planned."""
    plans = []
    for profile in profiles:
        told(profile.stem)
        plans.append(plan_site(profile, wanted, preferences, wheels))
    groups: dict[str, list[SitePlan]] = {}
    for site in plans:
        if site.planned is not None:
            groups.setdefault(signature(site.planned.plan), []).append(site)
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0].name))
    return FleetPlan(
        tuple(tuple(group) for group in ordered),
        tuple(site for site in plans if site.planned is None),
    )


def plan_site(profile: Path, wanted: Wanted, preferences: Preferences, wheels: Wheels) -> SitePlan:
    """One profile's plan; what makes it impossible is kept, not raised."""
    target = Target(TargetKind.PROFILE, profile, project_of(profile))
    try:
        inputs = read_inputs(target, wanted)
        resolved = resolve_inputs(inputs, preferring_installed(inputs, preferences))
        return SitePlan(profile.stem, profile, plan_resolution(resolved, wheels))
    except RecyclicError as error:
        return SitePlan(profile.stem, profile, error=error)


def signature(plan: Plan) -> str:
    """The same text for plans that make the same changes, whatever the site and its lines."""
    if not plan.has_changes:
        return ""
    changes = [
        {key: value for key, value in change_json(change).items() if key not in ("file", "line")}
        for change in plan.changes
        if change.action is not Action.KEEP
    ]
    settings = [[list(each.path), str(each.old), str(each.new)] for each in plan.settings]
    return json.dumps([changes, settings, plan.requirements_changed], default=str)
