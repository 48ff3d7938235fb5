"""What was found on the machine when a plan was made, besides what the site's config says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_SIZES: Mapping[str, int] = MappingProxyType({})


class DriftKind(StrEnum):
    """How something differs from what was applied."""

    MODIFIED = "modified"
    MISSING = "missing"
    EXTRA = "extra"
    MOVED_UPSTREAM = "moved-upstream"


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One thing that is no longer as apply left it.

    Attributes:
        subject: What, as ``module:caisse``, ``config:config.toml``, ``paheko:caisse`` or
            ``paheko-core``.
        expected, found: Versions, hashes or ``enabled`` / ``disabled``; empty for nothing.
    """

    subject: str
    kind: DriftKind
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class ObservedExtension:
    """One extension that Paheko knows now.

    Attributes:
        version: As recorded by Paheko, or of its code; empty for a Brindille module.
        code_hash: ``sha256:HEX`` of its code tree, empty when there is no code.
        is_recorded: Paheko has it in its tables, so that its data is kept.
    """

    version: str
    enabled: bool
    code_hash: str = ""
    is_recorded: bool = True


@dataclass(frozen=True, slots=True)
class ObservedPaheko:
    """One Paheko, looked at without touching it.

    Attributes:
        version: Of Paheko itself.
        extensions: By name, those that have code or a record.
        database_bytes: What a snapshot of its database would take.
    """

    version: str
    extensions: Mapping[str, ObservedExtension] = field(
        default_factory=lambda: MappingProxyType({})
    )
    database_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What a plan is made against.

    Attributes:
        config_hash: ``sha256:HEX`` of the live config.toml, empty without one.
        drift: Everything of the live generation that is not as it was applied, sorted.
        paheko: None when the site has no Paheko, or the run may not look at it.
        data_bytes: By module, how much data it keeps.
        last_downtime_s: What the last apply needed between freezing and serving again, or None.
    """

    config_hash: str = ""
    drift: tuple[Drift, ...] = ()
    paheko: ObservedPaheko | None = None
    data_bytes: Mapping[str, int] = field(default_factory=lambda: _NO_SIZES)
    last_downtime_s: float | None = None
