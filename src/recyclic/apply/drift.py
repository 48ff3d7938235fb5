"""What of a site is no longer as it was applied: a path through the code that cannot write.

Three ways out: take it over into the profile, undo it by planning and applying, or leave it be
until a day that is named.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from recyclic.apply.history import last_entries
from recyclic.model.observed import Drift, DriftKind, ObservedPaheko
from recyclic.model.settings import is_secret_reference
from recyclic.model.site_config import SiteConfig
from recyclic.site.atomic import replace_file
from recyclic.site.generations import applied_config, live_config
from recyclic.site.layout import Site
from recyclic.site.lock import site_lock
from recyclic.site.observe import leaves, observe_site, secret_settings


@dataclass(frozen=True, slots=True)
class Ignored:
    """Drift somebody decided to live with. It comes back on the day ``until`` (ISO 8601)."""

    subject: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What differs, and what is ignored with whose reason."""

    drift: tuple[Drift, ...]
    ignored: tuple[tuple[Drift, Ignored], ...]


def find_drift(site: Site, paheko: ObservedPaheko | None, today: date) -> DriftReport:
    """Everything that differs, on disk and inside Paheko. Writes nothing, holds no lock.

    Args:
        paheko: What was observed there; None to look at the site alone.
    """
    number = site.current_number()
    if not number:
        return DriftReport((), ())
    found = list(observe_site(site).drift)
    if paheko is not None:
        generation = site.generation(number)
        config = applied_config(generation) or live_config(generation)
        found += paheko_drift(config, paheko, _applied_core(site))
    ignored = {each.subject: each for each in read_ignored(site) if each.until > today.isoformat()}
    return DriftReport(
        tuple(sorted(each for each in found if each.subject not in ignored)),
        tuple((each, ignored[each.subject]) for each in sorted(found) if each.subject in ignored),
    )


def _applied_core(site: Site) -> str:
    """Paheko's version when the live generation was applied, empty when nobody noted it."""
    for entry in reversed(last_entries(site)):
        if entry.get("result") == "applied":
            return str(entry.get("paheko", ""))
    return ""


def paheko_drift(config: SiteConfig, now: ObservedPaheko, core: str) -> Iterable[Drift]:
    """What differs inside Paheko: extensions off, gone, changed or moved on by somebody else."""
    if core and core != now.version:
        yield Drift("paheko-core", DriftKind.MOVED_UPSTREAM, core, now.version)
    for name, version in config.paheko_versions.items():
        subject = f"paheko:{name}"
        found = now.extensions.get(name)
        if found is None:
            yield Drift(subject, DriftKind.MISSING, version)
        elif not found.enabled:
            yield Drift(subject, DriftKind.MODIFIED, "enabled", "disabled")
        elif found.code_hash and found.code_hash != config.paheko_hashes.get(name, found.code_hash):
            moved = found.version not in ("", version)
            kind = DriftKind.MOVED_UPSTREAM if moved else DriftKind.MODIFIED
            yield Drift(subject, kind, version, found.version or found.code_hash)


def read_ignored(site: Site) -> tuple[Ignored, ...]:
    """Everything that is ignored, expired entries too. Reads only."""
    try:
        entries = json.loads((site.journal / "ignored.json").read_text(encoding="utf-8"))
        return tuple(Ignored(**entry) for entry in entries)
    except (OSError, ValueError, TypeError):
        return ()


def ignore_drift(site: Site, ignored: Ignored) -> None:
    """Leave one thing be until a day; an entry for it is replaced.

    Raises:
        SiteLockedError: another run holds the site.
    """
    with site_lock(site):
        kept = [each for each in read_ignored(site) if each.subject != ignored.subject]
        entries = [asdict(each) for each in sorted((*kept, ignored), key=lambda e: e.subject)]
        content = json.dumps(entries, indent=2, ensure_ascii=False).encode() + b"\n"
        replace_file(site.disk, site.journal / "ignored.json", content)


@dataclass(frozen=True, slots=True)
class EditedSetting:
    """A setting that somebody changed in the live config.toml.

    Attributes:
        path: The module, then keys: ``("caisse", "tax", "rate")``.
        applied: What apply wrote there; None when it wrote nothing.
        is_secret: Its module says so, or its value was a reference.
    """

    path: tuple[str, ...]
    applied: Any
    live: Any
    is_secret: bool = False

    @property
    def key(self) -> str:
        """``caisse.tax.rate``."""
        return ".".join(self.path)


def edited_settings(site: Site) -> tuple[EditedSetting, ...]:
    """Every setting that was changed or added by hand, by path; what was taken out is not among
    them: a profile cannot say "not"."""
    number = site.current_number()
    generation = site.generation(number)
    applied = applied_config(generation) if number else None
    if applied is None:
        return ()
    before = dict(leaves(applied.settings))
    secrets = secret_settings(generation)
    return tuple(
        EditedSetting(path, before.get(path), live, path in secrets or is_secret_reference(live))
        for path, live in sorted(leaves(live_config(generation).settings))
        if before.get(path) != live
    )
