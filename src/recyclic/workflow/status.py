"""What is true of one site now. Reads only."""

from dataclasses import dataclass, field
from typing import Any

from recyclic.apply.history import last_entries
from recyclic.apply.journal import is_in_flight
from recyclic.apply.rollback import declared_counts
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import read_config
from recyclic.site.layout import Site
from recyclic.site.snapshot import count_rows


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
    config = read_config(site.generation(number).config) if number else None
    return SiteStatus(
        site=site,
        generation=number,
        config=config,
        interrupted=is_in_flight(site),
        last=entries[-1] if entries else None,
        counts=_counts(site, config.modules) if config else {},
    )


def _counts(site: Site, modules: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """What modules keep, in the site's own terms: "37 sales"."""
    counted = {
        module: count_rows(site.data / module, declared_counts(site, module)) for module in modules
    }
    return {module: counts for module, counts in counted.items() if counts}
