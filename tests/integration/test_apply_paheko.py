"""Modules and Paheko's extensions in one transaction: all of it, or nothing of it."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fakes.apply_world import LINE, ApplyTrial, Wish, World
from tests.fakes.memory_folder import memory_folder
from tests.fakes.paheko_benches import KINDS, Bench, make_bench
from tests.fakes.paheko_extensions import sql, write_module, write_plugin

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.errors import StepFailedError
from recyclic.apply.kill_test import Picture, kill_at_every_operation
from recyclic.apply.materials import gather
from recyclic.apply.rollback import DataChoice, plan_rollback
from recyclic.model.package import Package, PackageKind
from recyclic.model.profile import Erasure
from recyclic.paheko.database import content_digest, read_state
from recyclic.plan.plan import make_plan
from recyclic.site.disk import Disk, Witness
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site

CREATE = sql("CREATE TABLE plugin_till_sale (what TEXT)")
MIGRATE = sql("ALTER TABLE plugin_till_sale ADD COLUMN weight INTEGER")
BREAK = "throw new \\RuntimeException('no');"
FIRST = Wish({"caisse": "1.0"}, {"till": "1.0", "scales": "0"})
SECOND = Wish({"caisse": "1.1"}, {"till": "2.0", "scales": "0"})


@dataclass(frozen=True)
class Place:
    """A world with a Paheko in it."""

    world: World
    bench: Bench

    def write(self, version: str, *, breaks: bool = False) -> None:
        """Write the sources of one version of the extensions."""
        folder = self.world.folder / "sources" / f"paheko-{version}"
        upgrade = [] if version == "1.0" else [BREAK if breaks else MIGRATE]
        write_plugin(folder, "till", version, install=[CREATE], upgrade=upgrade, page=version)

    def columns(self) -> list[str]:
        """The columns of the plugin's table; none when there is no table."""
        with contextlib.closing(sqlite3.connect(self.bench.database)) as database:
            rows = database.execute("PRAGMA table_info(plugin_till_sale)").fetchall()
            return [str(row[1]) for row in rows]

    def sell(self, what: str) -> None:
        """Write what a user would write."""
        with contextlib.closing(sqlite3.connect(self.bench.database)) as database, database:
            database.execute("INSERT INTO plugin_till_sale (what) VALUES (?)", (what,))

    def sales(self) -> list[str]:
        """What users wrote."""
        with contextlib.closing(sqlite3.connect(self.bench.database)) as database:
            return [row[0] for row in database.execute("SELECT what FROM plugin_till_sale")]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one."""
    with memory_folder() as made:
        yield made


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, folder: Path) -> Place:
    """A fresh Paheko, two versions of a plugin, and a Brindille module."""
    bench = make_bench(request.param, folder)
    made = Place(World(folder, bench.host), bench)
    write_module(folder / "sources" / "paheko-0", "scales")
    made.write("1.0")
    made.write("2.0")
    return made


def test_extensions_are_put_in_place_and_enabled(place: Place) -> None:
    """After an apply Paheko itself has both enabled; a second apply does nothing."""
    report = place.world.apply(FIRST)
    state = read_state(place.bench.database)
    assert report.deferred == ()
    assert state.plugins["till"].enabled
    assert state.modules["scales"].enabled
    assert place.columns() == ["what"]
    assert not place.world.apply(FIRST).changed


def test_an_update_migrates_and_keeps_the_data(place: Place) -> None:
    """``upgrade.php`` runs once, inside the transaction."""
    place.world.apply(FIRST)
    place.sell("lamp")
    place.world.apply(SECOND)
    assert read_state(place.bench.database).plugins["till"].version == "2.0"
    assert place.columns() == ["what", "weight"]
    assert place.sales() == ["lamp"]


def test_a_removal_keeps_the_data(place: Place) -> None:
    """An extension that goes is disabled; its table stays, and it can come back."""
    place.world.apply(FIRST)
    place.sell("lamp")
    place.world.apply(Wish({"caisse": "1.0"}, {"scales": "0"}))
    assert not read_state(place.bench.database).plugins["till"].enabled
    assert place.sales() == ["lamp"]
    place.world.apply(FIRST)
    assert read_state(place.bench.database).plugins["till"].enabled
    assert place.sales() == ["lamp"]


def test_a_migration_that_fails_takes_everything_back(place: Place) -> None:
    """Modules, code and database: as before, to the byte."""
    place.world.apply(FIRST)
    place.write("3.0", breaks=True)
    before = content_digest(place.bench.database)
    with pytest.raises(StepFailedError) as caught:
        place.world.apply(Wish({"caisse": "1.1"}, {"till": "3.0", "scales": "0"}))
    assert caught.value.exit_code == 3
    assert content_digest(place.bench.database) == before
    assert "1.0" in (place.bench.plugins / "till" / "plugin.ini").read_text()
    assert place.world.site.current_number() == 1
    assert [kept.name for kept in place.world.site.snapshots.iterdir()] == ["000001"]


def test_an_extension_switched_off_by_hand_is_drift_and_is_repaired(place: Place) -> None:
    """The same wish is applied again when Paheko is not as it was left."""
    place.world.apply(FIRST)
    with contextlib.closing(sqlite3.connect(place.bench.database)) as database, database:
        database.execute("UPDATE plugins SET enabled = 0")
    plan, _ = place.world.plan(FIRST)
    assert plan.has_changes
    assert [
        change.reason.value for change in plan.changes if str(change.package) == ("paheko:till")
    ] == ["drift"]
    place.world.apply(FIRST)
    assert read_state(place.bench.database).plugins["till"].enabled


@dataclass(frozen=True)
class PahekoTrial(ApplyTrial):
    """An apply on a site with a Paheko; its code and its database count."""

    database: Path = Path()
    code: Path = Path()

    def picture(self) -> Picture:
        """The site, the database's content, the extensions' code."""
        found = dict(super().picture())
        found = {path: what for path, what in found.items() if not path.startswith("snapshots/")}
        found["database"] = content_digest(self.database)
        for path in sorted(self.code.rglob("*")):
            if path.is_file() and "cache" not in path.parts:
                found[str(path)] = path.read_bytes().hex()[:2000]
        return found


@dataclass(frozen=True)
class RollbackTrial(PahekoTrial):
    """Going back a generation, Paheko's data too."""

    def run(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        site, host = Site(self.world.site.root, Disk(witness)), self.world.host()
        plan, materials = plan_rollback(site, 1, data=DataChoice.RESTORE, host=host)
        apply(plan, materials, site, host=host)


@dataclass(frozen=True)
class EraseTrial(PahekoTrial):
    """An apply of a wish without the extension, whose data is to be deleted."""

    def run(self, witness: Witness) -> None:
        """See :class:`recyclic.apply.kill_test.Trial`."""
        site, host, world = Site(self.world.site.root, Disk(witness)), self.world.host(), self.world
        resolution = world.resolution(self.wish)
        materials = gather(resolution)
        erasure = Erasure(Package(PackageKind.EXTENSION, "till"), LINE)
        plan = make_plan(
            read_installed(site),
            resolution,
            replace(world.request, erasures=(erasure,)),
            world.observe(self.wish),
            materials.artifacts,
        )
        options = ApplyOptions(accepted=("paheko:till",))
        apply(plan, materials, site, host=host, options=options)


_WITHOUT_TILL = Wish({"caisse": "1.0"}, {"scales": "0"})
_CHANGES: dict[str, tuple[type[PahekoTrial], Wish]] = {
    "add": (PahekoTrial, FIRST),
    "update": (PahekoTrial, SECOND),
    "remove": (PahekoTrial, _WITHOUT_TILL),
    "rollback": (RollbackTrial, FIRST),
    "erase": (EraseTrial, _WITHOUT_TILL),
}


def prepared_trial(change: str, place: Place, folder: Path) -> PahekoTrial:
    """The trial of one kind of change, on a site as it is before that."""
    kind, wish = _CHANGES[change]
    if change != "add":
        place.world.apply(FIRST)
        place.sell("lamp")
    if change == "rollback":
        place.world.apply(SECOND)
        place.sell("chair")
    bench = place.bench
    # The driver looks for the installation anew each time, so folders may come and go under it.
    kept = (bench.root.parent,) if bench.root.parent != folder else (bench.root, bench.data)
    trial = kind(
        place.world, wish, folder / "pristine", kept, database=bench.database, code=bench.plugins
    )
    trial.keep()
    return trial


@pytest.mark.parametrize("change", _CHANGES)
def test_killed_anywhere_everything_is_old_or_new(
    change: str, place: Place, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a Paheko in the transaction: site, plugin code and database belong together.

    ``RECYCLIC_EVERY_POINT`` tries all points; by default, some.
    """
    trial = prepared_trial(change, place, folder)
    every = 1 if "RECYCLIC_EVERY_POINT" in os.environ else 37
    report = kill_at_every_operation(trial, every=every)
    with capsys.disabled():
        print(f"\npaheko {change}: {report.points} points, {report.old} old, {report.new} new")
    assert not report.failures
    assert report.points > 3
