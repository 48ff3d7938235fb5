"""The kill test on people's own bundle, in a sandbox: crash-safety as a number, not a claim."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.kill_test import (
    KillReport,
    Picture,
    Point,
    kill_at_every_operation,
    picture_of,
)
from recyclic.apply.materials import Materials
from recyclic.apply.recover import recover
from recyclic.plan.plan import Plan
from recyclic.site.disk import Disk, Witness
from recyclic.site.layout import Site


@dataclass(frozen=True)
class SandboxTrial:
    """A first install of a plan in a folder where nothing matters."""

    plan: Plan
    materials: Materials
    root: Path
    options: ApplyOptions

    def reset(self) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        shutil.rmtree(self.root, ignore_errors=True)
        Site(self.root).prepare()

    def run(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        apply(self.plan, self.materials, Site(self.root, Disk(witness)), options=self.options)

    def recover(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        recover(Site(self.root, Disk(witness)))

    def picture(self) -> Picture:
        """See :class:`recyclic.apply.kill_test.Trial`: what uv built counts as one thing."""
        found = picture_of(self.root)
        return {path: what for path, what in found.items() if "/env/" not in path}


def kill_every_step(
    plan: Plan,
    materials: Materials,
    sandbox: Path,
    options: ApplyOptions,
    told: Callable[[Point, int], None] = lambda _point, _total: None,
) -> KillReport:
    """Kill an install of ``plan`` at every operation; ``sandbox`` is a folder of its own.

    Paheko takes no part: it is the one thing there that cannot be copied at will. The contract
    suite of its driver does the same to a stand-in.
    """
    alone = replace(plan, base=0, host=(), restores=(), host_restore=None, config_changed=True)
    trial = SandboxTrial(alone, materials, sandbox / "site", options)
    return kill_at_every_operation(trial, told=told)
