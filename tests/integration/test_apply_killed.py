"""Whatever changes a site, killed at any operation it leaves the old site or the new one."""

import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.fakes.apply_world import ApplyTrial, Wish, World
from tests.fakes.memory_folder import memory_folder

from recyclic.apply.apply import apply
from recyclic.apply.kill_test import Picture, kill_at_every_operation
from recyclic.apply.prune import prune
from recyclic.apply.rollback import DataChoice, plan_rollback
from recyclic.apply.steps.removal import DataFate
from recyclic.apply.uninstall import uninstall
from recyclic.site.disk import Disk, Witness
from recyclic.site.layout import Site
from recyclic.site.snapshot import is_database

STRIDE = 1 if "RECYCLIC_EVERY_POINT" in os.environ else 7
"""One point of so many; an update is always killed at every one."""

EMPTY = Wish()
FIRST = Wish({"caisse": "1.0", "kpi": "1.0"}, settings={"caisse": {"currency": "EUR"}})
SECOND = Wish({"caisse": "1.1", "kpi": "1.0"}, settings={"caisse": {"currency": "CHF"}})

Act = Callable[[World, Site], object]
"""What is done to a site, on a disk that is watched."""


@dataclass(frozen=True)
class Change:
    """One way to change a site.

    Attributes:
        before: What is applied first, one generation each.
        meddle: What somebody does by hand before it.
    """

    act: Act
    before: tuple[Wish, ...] = (FIRST,)
    meddle: Callable[[World], None] = lambda _world: None


@dataclass(frozen=True)
class SiteTrial(ApplyTrial):
    """Any change of a site; a database counts by what is in it, not by how it lies on disk."""

    act: Act = lambda _world, _site: None

    def run(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        self.act(self.world, Site(self.world.site.root, Disk(witness)))

    def picture(self) -> Picture:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        found = dict(super().picture())
        for path in self.world.site.root.rglob("*"):
            name = str(path.relative_to(self.world.site.root))
            if path.name.startswith("data-"):
                del found[name]
                with tarfile.open(path) as archive:
                    found["the data's archive"] = " ".join(archive.getnames())
            elif is_database(path):
                found[name] = rows(path)
        return found


def rows(database: Path) -> str:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        return "\n".join(opened.iterdump())


def sell(world: World, what: str) -> None:
    """Something that people wrote into the till."""
    folder = world.site.data / "caisse"
    folder.mkdir(exist_ok=True)
    (folder / "receipt.txt").write_text(what)
    with closing(sqlite3.connect(folder / "till.sqlite")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS sale (what TEXT)")
        database.execute("INSERT INTO sale VALUES (?)", (what,))


def meddle(world: World) -> None:
    """Code and configuration edited by hand, and something that nobody put there."""
    live = world.site.generation(world.site.current_number())
    code = live.modules / "caisse" / "__init__.py"
    text = code.read_text()
    code.unlink()
    code.write_text(text + "# edited\n")
    live.config.write_text(live.config.read_text().replace('"EUR"', '"USD"'))
    (live.modules / "mine").mkdir()


def applies(wish: Wish, world: World, site: Site) -> None:
    plan, materials = world.plan(wish)
    apply(plan, materials, site)


def goes_back(data: DataChoice, _world: World, site: Site) -> None:
    plan, materials = plan_rollback(site, 1, data=data)
    apply(plan, materials, site)


def takes_away(fate: DataFate, _world: World, site: Site) -> None:
    uninstall(site, fate, confirmed="lyon")


CHANGES = {
    "add": Change(partial(applies, FIRST), ()),
    "update": Change(partial(applies, SECOND)),
    "remove": Change(partial(applies, Wish({"caisse": "1.0"}))),
    "rollback": Change(partial(goes_back, DataChoice.KEEP), (FIRST, SECOND)),
    "rollback with data": Change(partial(goes_back, DataChoice.RESTORE), (FIRST, SECOND)),
    "drift undone": Change(partial(applies, FIRST), (FIRST,), meddle),
    "uninstall": Change(partial(takes_away, DataFate.KEEP)),
    "uninstall, data archived": Change(partial(takes_away, DataFate.ARCHIVE)),
    "uninstall, data deleted": Change(partial(takes_away, DataFate.PURGE)),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill, unlike a power cut, loses no write."""
    with memory_folder() as made:
        yield made


def made(folder: Path, change: Change) -> SiteTrial:
    """The site before the change, with sales between its generations."""
    world = World(folder)
    world.site.prepare()
    for number, wish in enumerate(change.before):
        world.apply(wish)
        sell(world, f"sale {number}")
    change.meddle(world)
    trial = SiteTrial(world, EMPTY, folder / "pristine", act=change.act)
    trial.keep()
    return trial


@pytest.mark.parametrize(
    ("name", "twice"),
    [*((name, False) for name in CHANGES), ("update", True), ("uninstall, data archived", True)],
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
