"""The plan: ordered changes, what they lead to, and what they were made from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recyclic.model.installed import Installed
from recyclic.model.observed import Observed
from recyclic.model.package import PackageKind
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.change import Action, Change, Reason, Reversibility, SettingChange
from recyclic.plan.diff import package_changes, setting_changes
from recyclic.plan.downtime import expected_downtime_s
from recyclic.plan.errors import OneWayStepError
from recyclic.plan.fingerprint import Fingerprint, digest, fingerprint
from recyclic.plan.host_changes import HostChange, host_changes
from recyclic.plan.plain import plain
from recyclic.plan.provenance import provenance
from recyclic.plan.target import site_config


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do.

    Attributes:
        base: The generation it starts from; 0 for none.
        config: What config.toml will say.
        changes: Packages, removals first; kept ones are among them.
        settings: Values that change.
        host: What has to be done inside Paheko; empty for a site without one.
        requirements_changed: The Python requirements get a new ``env/``.
        is_repair: Something of the live generation is not as it was applied.
        expected_downtime_s: How long the site does not serve; 0 when it need not stop.
        provenance: What config.provenance.json will say.
        paheko_version: Of the Paheko it was made for; empty without one.
        restores: Modules whose data is put back, each from the copy taken before that generation.
        host_restore: The same for Paheko's database.
    """

    base: int
    config: SiteConfig
    changes: tuple[Change, ...]
    settings: tuple[SettingChange, ...]
    fingerprint: Fingerprint
    host: tuple[HostChange, ...] = ()
    requirements_changed: bool = False
    is_repair: bool = False
    config_changed: bool = True
    expected_downtime_s: float = 0.0
    provenance: Mapping[str, Any] = field(default_factory=dict)
    paheko_version: str = ""
    restores: tuple[tuple[str, int], ...] = ()
    host_restore: int | None = None

    @property
    def restores_data(self) -> bool:
        """True when data is put back from copies."""
        return bool(self.restores) or self.host_restore is not None

    @property
    def has_changes(self) -> bool:
        """False when an apply would do nothing at all."""
        changed = self.config_changed or self.is_repair or self.changes_host
        return changed or self.restores_data

    @property
    def changes_host(self) -> bool:
        """True when something has to be done inside Paheko."""
        return any(change.is_needed for change in self.host)

    @property
    def deferred(self) -> tuple[str, ...]:
        """Extensions that are recorded and not installed, for want of a Paheko; sorted."""
        return tuple(
            sorted(
                change.package.name
                for change in self.changes
                if change.deferred and change.action is not Action.REMOVE
            )
        )

    @property
    def one_way(self) -> tuple[str, ...]:
        """The steps that ``--accept`` has to name."""
        return tuple(
            change.step for change in self.changes if change.reversibility is Reversibility.ONE_WAY
        )

    def summary(self) -> dict[str, int]:
        """How many packages are added, updated, removed and kept, and values changed."""
        counts = Counter(change.action.value for change in self.changes)
        return {action.value: counts[action.value] for action in Action} | {
            "settings": len(self.settings),
            "one_way": len(self.one_way),
            "deferred": len(self.deferred),
        }

    def changes_of(self, kind: PackageKind, *actions: Action) -> tuple[Change, ...]:
        """The changes on one kind of package, those of ``actions`` when any is given."""
        return tuple(
            change
            for change in self.changes
            if change.package.kind is kind and (not actions or change.action in actions)
        )


def make_plan(
    installed: Installed,
    resolution: Resolution,
    request: Request,
    observed: Observed,
    artifacts: Artifacts,
) -> Plan:
    """What gets a site from ``installed`` to ``resolution``; the same input, the same plan."""
    config = site_config(resolution, request, artifacts)
    old = installed.config
    erasures = frozenset(each.package.name for each in request.erasures)
    host = host_changes(old, config, resolution, observed.paheko, erasures)
    moved = frozenset(change.name for change in host if change.is_needed)
    erased = frozenset(change.name for change in host if change.erases)
    changes = package_changes(old, config, resolution, request, observed, moved, erased)
    before = old.requirements_hash if old else None
    return Plan(
        base=installed.generation,
        config=config,
        changes=changes,
        settings=setting_changes(old, config, resolution),
        fingerprint=fingerprint(installed.generation, digest(config), observed, artifacts),
        host=host,
        requirements_changed=before != config.requirements_hash,
        is_repair=any(change.reason is Reason.DRIFT for change in changes) or bool(observed.drift),
        config_changed=old is None or plain(old) != plain(config),
        expected_downtime_s=expected_downtime_s(host, observed),
        paheko_version=observed.paheko.version if observed.paheko else "",
        provenance=provenance(resolution, request, config),
    )


def check_accepted(plan: Plan, accepted: tuple[str, ...]) -> None:
    """Return when every one-way step of ``plan`` is among ``accepted``.

    Raises:
        OneWayStepError: it is not; the facts name the steps.
    """
    missing = sorted(set(plan.one_way) - set(accepted))
    if missing:
        raise OneWayStepError(
            steps=missing,
            accepted=sorted(accepted),
            options=" ".join(f"--accept {step}" for step in missing),
        )
