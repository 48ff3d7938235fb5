"""Every way to change a site, each ready to be interrupted: what tests of crashes share."""

import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.fakes.apply_world import ApplyTrial, Wish, World

from recyclic.apply.apply import apply
from recyclic.apply.kill_test import Picture
from recyclic.apply.rollback import DataChoice, plan_rollback
from recyclic.apply.steps.removal import DataFate
from recyclic.apply.uninstall import uninstall
from recyclic.site.disk import Disk, Witness
from recyclic.site.layout import Site
from recyclic.site.snapshot import is_database

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
