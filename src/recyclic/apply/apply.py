"""Plan and site in; the state that is now true out."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from recyclic.apply.errors import QuarantinedPlanError
from recyclic.apply.history import last_entries, next_number
from recyclic.apply.host import ExtensionHost
from recyclic.apply.interruption import interruptible
from recyclic.apply.journal import Beginning, is_in_flight
from recyclic.apply.listener import Listener, Silence
from recyclic.apply.log import LogFile, Together
from recyclic.apply.materials import Materials
from recyclic.apply.serving import ServedSite
from recyclic.apply.step import Bench, Step, Wheels, step_json
from recyclic.apply.step_list import steps_of
from recyclic.apply.transaction import Transaction
from recyclic.plan.errors import StalePlanError
from recyclic.plan.plan import Plan, check_accepted
from recyclic.plan.plan_json import plan_json
from recyclic.site.config_file import write_config
from recyclic.site.layout import Site
from recyclic.site.lock import Holder, SiteLock, current_user, site_lock


@dataclass(frozen=True)
class ApplyOptions:
    """How an apply behaves.

    Attributes:
        accepted: One-way steps that may be done, as the plan names them.
        lock_timeout_s: How long to wait for another run.
        waiting: Told who holds the lock, once, when there is someone to wait for.
        about: More facts for the receipt: the profile's commit, say.
        target: The file it was planned from, ``{"kind": "bundle", "path": ...}``, for plan.json.
        retry: Try a plan that failed before, though nothing changed.
        wheels: Where Python distributions come from.
        last: Steps after all that the plan asks for.
        outcome: What receipt and history call the result.
    """

    accepted: tuple[str, ...] = ()
    lock_timeout_s: float = 0.0
    waiting: Callable[[Holder], None] = lambda _holder: None
    about: dict[str, str] = field(default_factory=dict)
    target: dict[str, str] = field(default_factory=dict)
    retry: bool = False
    wheels: Wheels = field(default_factory=Wheels)
    last: tuple[Step, ...] = ()
    outcome: str = "applied"


@dataclass(frozen=True, slots=True)
class AppliedReport:
    """What is true after an apply.

    Attributes:
        changed: False when there was nothing to do, and not a byte was written.
        generation: The live one.
        base: The one before it.
        is_finished: False when the commit stands and its paperwork waits for the next run.
    """

    changed: bool
    generation: int
    base: int
    seconds: float = 0.0
    live_seconds: float = 0.0
    is_finished: bool = True
    deferred: tuple[str, ...] = ()


def apply(
    plan: Plan,
    materials: Materials,
    site: Site,
    *,
    host: ExtensionHost | None = None,
    listener: Listener | None = None,
    options: ApplyOptions = ApplyOptions(),
) -> AppliedReport:
    """Carry out ``plan``: all of it, or nothing.

    Raises:
        OneWayStepError, QuarantinedPlanError: refused; nothing changed.
        SiteLockedError: another run holds the site.
        StalePlanError: the site is no longer at the plan's base generation, or an interrupted run
            waits to be recovered.
        StepFailedError, ApplyInterruptedError: it was begun, and all of it was undone.
        UndoFailedError: it could not all be undone.
    """
    if not plan.has_changes:
        return AppliedReport(False, plan.base, plan.base, deferred=plan.deferred)
    check_accepted(plan, options.accepted)
    site.prepare()
    limit = options.lock_timeout_s
    with interruptible(), ExitStack() as held:
        lock = held.enter_context(site_lock(site, timeout_s=limit, waiting=options.waiting))
        _check_base(plan, site)
        if host is not None:
            held.enter_context(host.hold(limit))
        if not options.retry:
            check_quarantine(plan, site)
        bench = Bench(
            site,
            ServedSite(site.run),
            host=host,
            sources=materials.sources(),
            files={},
            listener=listener or Silence(),
            wheels=options.wheels,
        )
        return _run(plan, materials, bench, lock, options)


def _check_base(plan: Plan, site: Site) -> None:
    live = site.current_number()
    if is_in_flight(site):
        raise StalePlanError(moved=["journal"], base=plan.base, now=live)
    if live != plan.base:
        raise StalePlanError(moved=["generation"], base=plan.base, now=live)


def check_quarantine(plan: Plan, site: Site) -> None:
    """Return unless this plan failed before for a lasting reason, and nothing moved since.

    Raises:
        QuarantinedPlanError: it did.
    """
    name = plan.fingerprint.text()
    for entry in reversed(last_entries(site)):
        if entry.get("plan") == name and entry.get("quarantined"):
            raise QuarantinedPlanError(
                generation=entry.get("generation"),
                failed_at=entry.get("ended"),
                because=entry.get("because"),
            )


def _run(
    plan: Plan, materials: Materials, bench: Bench, lock: SiteLock, options: ApplyOptions
) -> AppliedReport:
    number = next_number(bench.site)
    steps = (*steps_of(plan, number), *options.last)
    log = LogFile(bench.site.generation(number).log)
    bench = replace(
        bench,
        files=generation_files(plan, materials, options.target),
        listener=Together((bench.listener, log)),
    )
    beginning = begin(plan, number, steps, options)
    ending = Transaction(bench, lock, beginning, steps, options.outcome).run()
    return AppliedReport(
        True,
        number,
        plan.base,
        ending.receipt["seconds"],
        ending.receipt["live_seconds"],
        ending.is_finished,
        plan.deferred,
    )


def begin(plan: Plan, number: int, steps: tuple[Step, ...], options: ApplyOptions) -> Beginning:
    """The journal's first record for ``plan``."""
    return Beginning(
        transaction=secrets.token_hex(8),
        generation=number,
        base=plan.base,
        who=current_user(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        plan=plan.fingerprint.text(),
        about={
            "site": plan.config.site,
            "bundle": plan.config.bundle,
            "bundle_version": plan.config.bundle_version,
            **({"paheko": plan.paheko_version} if plan.paheko_version else {}),
            **options.about,
        },
        hosts=plan.config.hosts,
        steps=[step_json(step) for step in steps],
    )


def generation_files(
    plan: Plan, materials: Materials, target: Mapping[str, str]
) -> dict[str, bytes]:
    """The small files of the new generation, by name."""
    files = {
        "config.toml": write_config(plan.config),
        "config.provenance.json": _json(plan.provenance),
        "plan.json": _json({**plan_json(plan), "target": dict(target)}),
    }
    if materials.requirements is not None:
        files["requirements.lock"] = materials.requirements.encode()
    return files


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str).encode() + b"\n"
