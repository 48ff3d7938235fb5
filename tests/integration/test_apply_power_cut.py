"""A power cut in the middle of an apply leaves the old site or the new one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fakes.apply_world import ApplyTrial, Wish, World
from tests.fakes.memory_folder import memory_folder
from tests.fakes.power_cut import DiskModel, Loss

from recyclic.apply.kill_test import Counter, Killer, Picture, Point, Side, differing, killed
from recyclic.apply.recover import recover
from recyclic.site.disk import Act, Disk, Operation
from recyclic.site.layout import Site

FIRST = Wish({"caisse": "1.0", "kpi": "1.0"})
UPDATE = Wish({"caisse": "1.1"})


class Cutter:
    """A witness that looks at what the disk may hold after every operation."""

    def __init__(self, model: DiskModel, look: Callable[[str], None]) -> None:
        self._model = model
        self._look = look

    def before(self, operation: Operation) -> None:
        """Nothing."""

    def after(self, operation: Operation) -> None:
        """Follow, then look."""
        self._model.after(operation)
        self._look(f"{operation.act} {operation.path.name}")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: the model does the forgetting, not the disk."""
    with memory_folder() as made:
        yield made


def picture(trial: ApplyTrial, root: Path) -> Picture:
    """What counts of the site in ``root``."""
    return ApplyTrial(World(root.parent), trial.wish, trial.pristine).picture()


def interrupt_after_the_switch(trial: ApplyTrial) -> None:
    """Kill the trial's run when ``current`` has just moved."""
    counter = Counter()
    trial.run(counter)
    trial.reset()
    number = max(
        at
        for at, operation in enumerate(counter.operations)
        if operation.act is Act.RENAME and operation.other == trial.world.site.current
    )
    assert killed(lambda: trial.run(Killer(Point(number, Side.AFTER))))


@pytest.mark.parametrize("before", [None, FIRST], ids=["first", "update"])
def test_after_a_power_cut_it_is_old_or_new(
    before: Wish | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever was not flushed is lost, in part or whole, at any moment: recovery, itself cut
    short the same way, leads to one generation."""
    world = World(folder)
    world.site.prepare()
    if before is not None:
        world.apply(before)
    trial = ApplyTrial(world, UPDATE, folder / "pristine").keep()
    old = trial.picture()
    trial.run(Counter())
    new = trial.picture()
    trial.reset()
    after_cut = folder / "cut" / "site"
    wrong: list[tuple[str, tuple[str, ...]]] = []
    seen = {"points": 0, "old": 0, "new": 0}
    model = DiskModel(world.site.root)

    def look(moment: str) -> None:
        for loss in Loss:
            model.write_disk(after_cut, loss, seed=seen["points"])
            recover(Site(after_cut))
            found = picture(trial, after_cut)
            seen["points"] += 1
            seen["old"] += found == old
            seen["new"] += found == new
            if found not in (old, new):
                wrong.append((f"{moment} {loss}", differing(found, old)))

    trial.run(Cutter(model, look))
    with capsys.disabled():
        print(f"\npower cut: {seen}")
    assert not wrong
    assert seen["old"] > 50
    assert seen["new"] > 5


def test_after_a_power_cut_while_undoing_it_is_old(folder: Path) -> None:
    """Recovery can lose what it had not flushed, at any moment, and is done again."""
    world = World(folder)
    world.apply(FIRST)
    old = ApplyTrial(world, UPDATE, folder / "pristine").keep()
    expected = old.picture()

    wrong: list[str] = []
    interrupt_after_the_switch(old)
    model = DiskModel(world.site.root)
    after_cut = folder / "cut" / "site"

    def look(moment: str) -> None:
        for loss in Loss:
            model.write_disk(after_cut, loss)
            recover(Site(after_cut))
            if picture(old, after_cut) != expected:
                wrong.append(f"{moment} {loss}")

    recover(Site(world.site.root, Disk(Cutter(model, look))))
    assert not wrong
    assert old.picture() == expected
