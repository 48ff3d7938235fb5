"""A plan in words: a line a change, then what it costs and where it can be undone."""

from collections.abc import Iterator
from typing import Any

from recyclic.cli.language import _
from recyclic.cli.printable import printable
from recyclic.cli.words.entry import N_
from recyclic.model.package import PackageKind
from recyclic.plan.change import Action, Change, Reason, Reversibility, SettingChange
from recyclic.plan.plan import Plan

_SIGNS = {Action.ADD: "+", Action.UPDATE: "~", Action.REMOVE: "-", Action.KEEP: "="}

_KINDS = {
    PackageKind.MODULE: N_("module"),
    PackageKind.EXTENSION: N_("paheko"),
    PackageKind.BUNDLE: N_("bundle"),
}

_REASONS = {
    Reason.FIRST_INSTALL: N_("first install"),
    Reason.BUNDLE_CHANGED: N_("bundle changed"),
    Reason.ADDED_BY_PROFILE: N_("added by the profile"),
    Reason.NEEDED_BY: N_("needed by {by}"),
    Reason.OVERRIDDEN: N_("overridden by the profile"),
    Reason.CODE_CHANGED: N_("its code changed"),
    Reason.SETTING_CHANGED: N_("a setting changed"),
    Reason.DRIFT: N_("changed by hand since it was applied"),
    Reason.REMOVED_FROM_BUNDLE: N_("no longer in the bundle"),
    Reason.LEFT_OUT_BY_PROFILE: N_("left out by the profile"),
    Reason.DATA_DELETED: N_("its data is deleted"),
    Reason.NO_LONGER_NEEDED: N_("no longer needed"),
    Reason.ROLLBACK: N_("rollback"),
    Reason.UNCHANGED: N_("unchanged"),
}

_REVERSIBILITIES = {
    Reversibility.REVERSIBLE: N_("reversible"),
    Reversibility.RESTORABLE: N_("restorable ({size})"),
    Reversibility.ONE_WAY: N_("one-way: needs --accept {step}"),
}


def plan_text(plan: Plan, *, site: str) -> str:
    """The plan as people read it, without a final newline."""
    if not plan.has_changes:
        return "\n".join(
            [_head(plan, site), _("Nothing to do: the site is as asked."), *_foot(plan)]
        )
    shown = [change for change in plan.changes if change.action is not Action.KEEP]
    lines = [_head(plan, site), *(change_line(change) for change in shown)]
    lines += [setting_line(change) for change in plan.settings]
    if plan.requirements_changed:
        lines.append("  " + _("python   ~ requirements: a new env/ is built beside the old one"))
    return "\n".join([*lines, *_counts(plan), *_foot(plan)])


def _head(plan: Plan, site: str) -> str:
    head = _("site {site} · bundle {bundle} {version} · generation {base}")
    return head.format(
        site=site, bundle=plan.config.bundle, version=plan.config.bundle_version, base=plan.base
    )


def change_line(change: Change) -> str:
    """One change: kind, sign, name, versions, why, and how far it can be undone."""
    versions = " → ".join(version for version in (change.old, change.new) if version)
    reason = _(_REASONS[change.reason]).format(by=", ".join(change.by))
    undo = _(_REVERSIBILITIES[change.reversibility]).format(
        size=size_text(change.snapshot_bytes), step=change.step
    )
    if change.deferred:
        undo = _("deferred: no Paheko is named in the profile")
    kind = _(_KINDS.get(change.package.kind, change.package.kind.value))
    sign = _SIGNS[change.action]
    return printable(
        f"  {kind:<8} {sign} {change.package.name:<24} {versions:<18} {reason:<28} {undo}"
    ).rstrip()


def setting_line(change: SettingChange) -> str:
    """One value of config.toml, old and new, and the line that sets it."""
    shown = " → ".join(_value(value) for value in (change.old, change.new) if value is not None)
    where = f"  ({change.place})" if change.place else ""
    return printable(
        f"  {_('config'):<8} {_SIGNS[change.action]} {'.'.join(change.path)} {shown}{where}"
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def size_text(size_bytes: int) -> str:
    """``14 MB``: a size for people, in powers of 1,000."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _counts(plan: Plan) -> Iterator[str]:
    counts = plan.summary()
    told = _("Plan: {add} to add, {update} to update, {remove} to remove, {keep} unchanged.")
    yield told.format(**counts)
    if plan.expected_downtime_s:
        yield _("Expected downtime: about {seconds} s.").format(
            seconds=round(plan.expected_downtime_s, 1)
        )


def _foot(plan: Plan) -> Iterator[str]:
    """What nobody may overlook: overrides, deferred extensions."""
    for package, version in plan.config.overrides.items():
        told = _("OVERRIDE: {package} is held at {version} whatever anything requires.")
        yield told.format(package=package, version=version)
    if plan.deferred:
        told = _("Deferred, for want of [hosts.paheko]: {names}. They are recorded, not installed.")
        yield told.format(names=", ".join(plan.deferred))
