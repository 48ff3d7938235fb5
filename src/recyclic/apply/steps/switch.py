"""The moment of the new generation."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.site import atomic
from recyclic.site.layout import Site, link_target


@dataclass(frozen=True, slots=True)
class SwitchCurrent:
    """Let ``current`` point at the new generation."""

    kind: ClassVar[str] = "switch-current"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, bench: Bench) -> Facts:
        """Which one is live now."""
        return {"before": bench.site.current_number()}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Switch, in one rename, once the way back lies ready: a full disk must not block it."""
        site, before = bench.site, int(facts["before"])
        if before:
            site.disk.remove(_way_back(site))
            site.disk.symlink(link_target(before), _way_back(site))
        atomic.point_link(site.disk, site.current, link_target(self.number))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Switch back; a first install leaves no link."""
        site, before = bench.site, int(facts["before"])
        site.disk.remove(atomic.beside(site.current))
        if site.current_number() == before:
            site.disk.remove(_way_back(site))
        elif not before:
            site.disk.remove(site.current)
        elif _way_back(site).is_symlink():
            site.disk.rename(_way_back(site), site.current)
        else:
            atomic.point_link(site.disk, site.current, link_target(before))
        site.disk.flush_folder(site.root)

    def finish(self, bench: Bench, _facts: Facts) -> None:
        """The way back is not needed any more."""
        bench.site.disk.remove(_way_back(bench.site))
        bench.site.disk.flush_folder(bench.site.root)


def _way_back(site: Site) -> Path:
    return site.current.with_name(".current.back")
