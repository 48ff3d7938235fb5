"""The moment of the new generation."""

from dataclasses import dataclass
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts
from recyclic.site import atomic
from recyclic.site.layout import link_target


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

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Switch, in one rename."""
        atomic.point_link(bench.site.disk, bench.site.current, link_target(self.number))

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Switch back; a first install leaves no link."""
        site, before = bench.site, int(facts["before"])
        site.disk.remove(atomic.beside(site.current))
        if before:
            atomic.point_link(site.disk, site.current, link_target(before))
        else:
            site.disk.remove(site.current)
            site.disk.flush_folder(site.root)

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""
