"""One change: what is done to what, why, and how far it can be undone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.package import Package


class Action(StrEnum):
    """What is done."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"
    KEEP = "keep"


class Reason(StrEnum):
    """Why; never translated, for scripts."""

    FIRST_INSTALL = "first_install"
    BUNDLE_CHANGED = "bundle_changed"
    ADDED_BY_PROFILE = "added_by_profile"
    NEEDED_BY = "needed_by"
    OVERRIDDEN = "overridden"
    CODE_CHANGED = "code_changed"
    SETTING_CHANGED = "setting_changed"
    DRIFT = "drift"
    REMOVED_FROM_BUNDLE = "removed_from_bundle"
    LEFT_OUT_BY_PROFILE = "left_out_by_profile"
    DATA_DELETED = "data_deleted"
    NO_LONGER_NEEDED = "no_longer_needed"
    ROLLBACK = "rollback"
    UNCHANGED = "unchanged"


class Reversibility(StrEnum):
    """How far a change can be undone after it was committed."""

    REVERSIBLE = "reversible"
    RESTORABLE = "restorable"
    ONE_WAY = "one-way"


@dataclass(frozen=True, slots=True)
class Change:
    """One change on one package.

    Attributes:
        old, new: Versions; None for absent.
        by: Who asks: the packages for NEEDED_BY, the bundle for BUNDLE_CHANGED.
        snapshot_bytes: What is kept to restore, for RESTORABLE.
        place: The line that asks for it.
        deferred: An extension of a site without a Paheko: recorded, not done.
    """

    action: Action
    package: Package
    old: str | None
    new: str | None
    reason: Reason
    by: tuple[str, ...] = ()
    reversibility: Reversibility = Reversibility.REVERSIBLE
    snapshot_bytes: int = 0
    place: Place | None = None
    deferred: bool = False

    @property
    def step(self) -> str:
        """How ``--accept`` names it: ``paheko:caisse``."""
        return str(self.package)


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One value of config.toml that changes: a setting, a host, an option of the bus.

    Attributes:
        path: ``("settings", "caisse", "currency")``.
        old, new: Raw TOML values, secrets as references; None for absent.
    """

    path: tuple[str, ...]
    action: Action
    old: Any
    new: Any
    place: Place | None = None
