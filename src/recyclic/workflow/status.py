"""What is true of one site now. Reads only."""

from dataclasses import dataclass, field
from typing import Any

from recyclic.apply.history import last_entries
from recyclic.apply.journal import is_in_flight
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import read_config
from recyclic.site.layout import Site
from recyclic.workflow.counts import site_counts


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """One site, looked at.

    Attributes:
        generation: The live one; 0 when nothing was ever applied.
        interrupted: An apply was cut short, and the next changing command will put it right.
        last: The newest line of the history, or None.
        counts: Module to name to number, as modules declare them.
    """

    site: Site
    generation: int
    config: SiteConfig | None
    interrupted: bool = False
    last: dict[str, Any] | None = None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def deferred(self) -> tuple[str, ...]:
        """Extensions that are recorded and not installed, for want of a Paheko."""
        if self.config is None or "paheko" in self.config.hosts:
            return ()
        return tuple(sorted(self.config.paheko_versions))


def site_status(site: Site) -> SiteStatus:
    """The site's live generation, its last transaction, what its modules keep.

    Raises:
        ConfigUnreadableError: its config.toml is no such file.
    """
    number = site.current_number()
    entries = last_entries(site)
    return SiteStatus(
        site=site,
        generation=number,
        config=read_config(site.generation(number).config) if number else None,
        interrupted=is_in_flight(site),
        last=entries[-1] if entries else None,
        counts=site_counts(site) if number else {},
    )
