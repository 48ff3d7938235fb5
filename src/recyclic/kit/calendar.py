"""A module's clock: instants in UTC, days where the site is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of the clock."""

    instant: datetime
    local: datetime

    @property
    def text(self) -> str:
        """``2026-11-20T18:45:02.123Z``: sorts as it is."""
        return self.instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def day(self) -> date:
        """The date on the wall."""
        return self.local.date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Time in ``zone``, from a clock that tests replace."""

    zone: ZoneInfo
    clock: Callable[[], datetime] = _now

    def read(self) -> Moment:
        """Now."""
        instant = self.clock()
        return Moment(instant, instant.astimezone(self.zone))
