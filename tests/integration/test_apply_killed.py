"""Whatever changes a site, killed at any operation it leaves the old site or the new one."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fakes.apply_world import Wish
from tests.fakes.memory_folder import memory_folder
from tests.fakes.site_changes import CHANGES, EMPTY, FIRST, SECOND, Change, SiteTrial, made

from recyclic.apply.kill_test import kill_at_every_operation
from recyclic.apply.prune import prune
from recyclic.site.disk import Disk, Witness
from recyclic.site.layout import Site

STRIDE = 1 if "RECYCLIC_EVERY_POINT" in os.environ else 7
"""One point of so many; an update is always killed at every one."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill, unlike a power cut, loses no write."""
    with memory_folder() as made:
        yield made


@pytest.mark.parametrize(
    ("name", "twice"),
    [
        *((name, False) for name in CHANGES),
        *((name, True) for name in ("update", "rollback with data", "uninstall, data archived")),
    ],
)
def test_killed_anywhere_it_is_old_or_new(
    name: str, twice: bool, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed before or after any file operation, a site recovers to one generation, byte for
    byte; killed again while it recovers, too."""
    every = 1 if name == "update" and not twice else STRIDE
    report = kill_at_every_operation(made(folder, CHANGES[name]), twice=twice, every=every)
    with capsys.disabled():
        print(f"\n{name}: {report.points} points, {report.old} old, {report.new} new")
    assert not report.failures
    assert report.old > 50 // every
    assert report.new > 10 // every


@dataclass(frozen=True)
class PruneTrial(SiteTrial):
    """Pruning is called again; what was to stay has to be whole before that as well."""

    def recover(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        site = self.world.site
        kept = tuple(str(site.generation(number).folder.name) for number in (2, 3))
        was = self.pristine / site.root.name / "generations"
        for path in (path for number in kept for path in (was / number).rglob("*")):
            if path.is_file() and path.name not in ("log.ndjson", "receipt.json"):
                now = site.generations / path.relative_to(was)
                assert now.read_bytes() == path.read_bytes(), now
        assert site.current_number() == 3
        prune(Site(site.root, Disk(witness)), keep=2)


def test_a_prune_that_was_killed_is_simply_done_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At every moment what was to stay is whole; the next prune does the rest."""
    third = Wish({"caisse": "1.2"})
    before = made(folder, Change(lambda _world, site: prune(site, keep=2), (FIRST, SECOND, third)))
    trial = PruneTrial(before.world, EMPTY, before.pristine, act=before.act)
    report = kill_at_every_operation(trial)
    with capsys.disabled():
        print(f"\nprune: {report.points} points, {report.new} new")
    assert not report.failures
    assert report.new == report.points > 30
