"""An apply that is killed at any operation leaves the old site or the new one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.apply_world import ApplyTrial, Wish, World
from tests.fakes.memory_folder import memory_folder

from recyclic.apply.kill_test import kill_at_every_operation

FIRST = Wish({"caisse": "1.0", "kpi": "1.0"}, settings={"caisse": {"currency": "EUR"}})
CHANGES = {
    "add": (None, FIRST),
    "update": (FIRST, Wish({"caisse": "1.1", "kpi": "1.0"})),
    "remove": (FIRST, Wish({"caisse": "1.0"})),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill, unlike a power cut, loses no write."""
    with memory_folder() as made:
        yield made


@pytest.mark.parametrize(
    ("change", "twice"),
    [("add", False), ("update", False), ("remove", False), ("update", True)],
)
def test_killed_anywhere_it_is_old_or_new(
    change: str, twice: bool, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed before or after any file operation, a site recovers to one generation, byte for
    byte; killed again while it recovers, too."""
    before, after = CHANGES[change]
    world = World(folder)
    if before is not None:
        world.apply(before)
    trial = ApplyTrial(world, after, folder / "pristine").keep()
    report = kill_at_every_operation(trial, twice=twice)
    with capsys.disabled():
        print(f"\n{change}: {report.points} points, {report.old} old, {report.new} new")
    assert not report.failures
    assert report.old > 20
    assert report.new > 2
