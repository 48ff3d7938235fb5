"""Applies that fail with a Paheko in them: nothing of the change stays, and nothing of people's
writes is lost."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fakes.apply_world import Wish, World
from tests.fakes.memory_folder import memory_folder
from tests.fakes.paheko_benches import KINDS, Bench, make_bench
from tests.fakes.paheko_extensions import sql, write_plugin
from tests.fakes.paheko_front import public_server, recorded_version
from tests.fakes.steady_writer import somebody_writing

from recyclic.apply.apply import apply
from recyclic.apply.errors import NewerDataError, StepFailedError, UndoFailedError
from recyclic.apply.host import ExtensionHost
from recyclic.apply.paheko import observe_paheko
from recyclic.apply.recover import recover
from recyclic.apply.rollback import DataChoice, losses, plan_rollback
from recyclic.errors import RecyclicError
from recyclic.model.profile import PahekoHost
from recyclic.paheko.command import Patience
from recyclic.paheko.database import content_digest
from recyclic.paheko.errors import ForeignWritesError
from recyclic.paheko.extension_host import PahekoExtensionHost
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.location import locate
from recyclic.site.tree import tree_hash

CREATE = sql("CREATE TABLE plugin_till_sale (id INTEGER PRIMARY KEY, what TEXT)")
OTHER = sql("CREATE TABLE plugin_other_visit (id INTEGER PRIMARY KEY, what TEXT)")
MIGRATE = sql("ALTER TABLE plugin_till_sale ADD COLUMN weight INTEGER")
BREAK = "throw new \\RuntimeException('no');"
FIRST = Wish({}, {"till": "1.0"})
SECOND = Wish({}, {"till": "2.0"})


@dataclass(frozen=True)
class Place:
    """A world with a Paheko in it, whose first till is installed."""

    world: World
    bench: Bench

    def write(self, version: str, *upgrade: str, install: str = CREATE) -> None:
        """The sources of one version of the till."""
        folder = self.world.folder / "sources" / f"paheko-{version}"
        write_plugin(folder, "till", version, install=[install], upgrade=upgrade, page=version)

    def with_host(self, **changes: object) -> "Place":
        """The same, its profile saying more of Paheko."""
        assert self.world.paheko is not None
        host: PahekoHost = replace(self.world.paheko, **changes)  # type: ignore[arg-type]
        return Place(replace(self.world, paheko=host), self.bench)

    def host(self, patience: Patience) -> ExtensionHost:
        """The driver, more or less patient."""
        assert self.world.paheko is not None
        return PahekoExtensionHost(
            PahekoInstallation(locate(self.world.paheko), patience), tree_hash
        )

    def apply(self, wish: Wish) -> None:
        """Plan and apply; public pages get a moment only."""
        plan, materials = self.world.plan(wish)
        apply(plan, materials, self.world.site, host=self.host(Patience(public=0.5)))

    def count(self, table: str) -> int:
        """The rows of a table."""
        with closing(sqlite3.connect(self.bench.database, timeout=10)) as database:
            (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
            return int(count)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one."""
    with memory_folder() as made:
        yield made


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, folder: Path) -> Place:
    """A site with the first version of the till."""
    bench = make_bench(request.param, folder)
    made = Place(World(folder, bench.host), bench)
    made.write("1.0")
    made.world.apply(FIRST)
    return made


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_no_write_is_lost_while_a_migration_fails(place: Place, mode: str) -> None:
    """Somebody commits every few milliseconds, to the table that is migrated; in the mode that
    YunoHost uses, too."""
    config = place.bench.config
    config.write_text(config.read_text() + f"const SQLITE_JOURNAL_MODE = '{mode}';\n")
    with closing(sqlite3.connect(place.bench.database)) as database:
        database.execute(f"PRAGMA journal_mode = {mode}")
    place.write("2.0", MIGRATE, BREAK)
    with (
        somebody_writing(place.bench.database, "plugin_till_sale (id, what)") as told,
        pytest.raises(StepFailedError) as failure,
    ):
        place.world.apply(SECOND)
    assert failure.value.exit_code == 3
    assert failure.value.facts["step"] == "change-host"
    assert place.count("plugin_till_sale") == told.value
    assert recorded_version(place.bench.database, "till") == "1.0"
    assert not list(place.bench.data.glob(".recyclic*"))


def test_no_write_is_lost_when_something_fails_after_the_migration(place: Place) -> None:
    """The public page breaks once the new version is live: everything goes back, and what people
    wrote to other tables meanwhile is carried over."""
    write_plugin(place.world.folder / "sources" / "paheko-7.0", "other", "7.0", install=[OTHER])
    both = Wish({}, {"till": "1.0", "other": "7.0"})
    place.world.apply(both)
    place.write("2.0", MIGRATE)
    database = place.bench.database
    with public_server(lambda: recorded_version(database, "till") == "1.0") as url:
        named = place.with_host(url=url)
        named.apply(both)
        with (
            somebody_writing(database, "plugin_other_visit (id, what)") as told,
            pytest.raises(StepFailedError) as failure,
        ):
            named.apply(Wish({}, {"till": "2.0", "other": "7.0"}))
    assert _codes(failure.value) >= {"RCY-H025"}
    assert place.count("plugin_other_visit") == told.value
    assert recorded_version(database, "till") == "1.0"
    place.bench.installation().check_database()


def _codes(error: BaseException | None) -> set[str]:
    found = set()
    while error is not None:
        found |= {error.code} if isinstance(error, RecyclicError) else set()
        error = error.__cause__
    return found


def test_what_cannot_be_carried_over_is_left_to_a_person(place: Place) -> None:
    """Rows in the migrated table: exit 4, both states kept; recovering again says the same, until
    somebody gives them up."""
    place.write("2.0", MIGRATE)
    database = place.bench.database

    def sell_and_break() -> bool:
        if recorded_version(database, "till") == "1.0":
            return True
        with closing(sqlite3.connect(database, timeout=10)) as opened, opened:
            opened.execute("INSERT INTO plugin_till_sale (what, weight) VALUES ('sofa', 40)")
        return False

    with public_server(sell_and_break) as url:
        named = place.with_host(url=url)
        with pytest.raises(UndoFailedError) as failure:
            named.apply(SECOND)
    assert failure.value.exit_code == 4
    assert "RCY-H023" in _codes(failure.value)
    assert place.count("plugin_till_sale") >= 1
    site = place.world.site
    assert (site.snapshots / "000002" / "paheko" / "association.sqlite").is_file()
    with pytest.raises(UndoFailedError) as again:
        recover(site)
    assert isinstance(again.value.__cause__, ForeignWritesError)
    report = recover(site, gives_up_writes=True)
    assert report is not None
    assert report.result == "undone"
    assert place.count("plugin_till_sale") == 0
    assert recorded_version(database, "till") == "1.0"
    (kept,) = site.failed.rglob("paheko-given-up.sqlite")
    with closing(sqlite3.connect(kept)) as opened:
        assert opened.execute("SELECT weight FROM plugin_till_sale").fetchone() == (40,)


INSTALLS = {
    "throws": (f"{OTHER}\n{BREAK}", "RCY-H004"),
    "exits": (f"{OTHER}\nexit(0);", "RCY-H010"),
    "hangs": (f"{OTHER}\nsleep(300);", "RCY-H005"),
}


@pytest.mark.parametrize("how", INSTALLS)
def test_an_install_script_that_fails_undoes_the_whole_apply(place: Place, how: str) -> None:
    """One that throws, exits 0 half way, or hangs: exit 3, the former till untouched."""
    script, code = INSTALLS[how]
    folder = place.world.folder / "sources" / "paheko-8.0"
    write_plugin(folder, "other", "8.0", install=[script])
    before = content_digest(place.bench.database)
    with pytest.raises(StepFailedError) as failure:
        _apply_with(place, Wish({}, {"till": "1.0", "other": "8.0"}), Patience(command=5))
    assert code in _codes(failure.value)
    assert content_digest(place.bench.database) == before
    assert not (place.bench.plugins / "other").exists()


def test_a_database_that_stays_locked_undoes_the_whole_apply(place: Place) -> None:
    """Somebody's transaction does not end in time; the plan is not set aside for that."""
    place.write("2.0", MIGRATE)
    before = content_digest(place.bench.database)
    with (
        closing(sqlite3.connect(place.bench.database, isolation_level=None)) as somebody,
        pytest.raises(StepFailedError) as failure,
    ):
        somebody.execute("BEGIN IMMEDIATE")
        _apply_with(place, SECOND, Patience(busy=1))
    assert "RCY-H006" in _codes(failure.value)
    assert not failure.value.facts["quarantined"]
    assert content_digest(place.bench.database) == before


def _apply_with(place: Place, wish: Wish, patience: Patience) -> None:
    plan, materials = place.world.plan(wish)
    apply(plan, materials, place.world.site, host=place.host(patience))


def test_a_public_page_that_never_opened_is_told(place: Place) -> None:
    """The profile says it has to: everything is undone."""
    write_plugin(place.world.folder / "sources" / "paheko-9.0", "other", "9.0")
    named = place.with_host(url="http://127.0.0.1:9/")
    with pytest.raises(StepFailedError) as failure:
        named.apply(Wish({}, {"till": "1.0", "other": "9.0"}))
    assert "RCY-H025" in _codes(failure.value)
    assert recorded_version(place.bench.database, "other") is None


def test_the_web_server_is_reloaded_after_code_came_and_after_it_went_back(place: Place) -> None:
    """Once for an update; twice when it is undone, the last time with the old code in place."""
    seen = place.world.folder / "seen"
    command = place.world.folder / "reload"
    ini = place.bench.plugins / "till" / "plugin.ini"
    command.write_text(f"#!/bin/sh\ngrep version {ini} >> {seen}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    named = place.with_host(reload=(str(command),))
    place.write("2.0", MIGRATE)
    named.apply(SECOND)
    assert seen.read_text().split() == ['version="2.0"']
    seen.unlink()
    place.write("3.0", MIGRATE.replace("weight", "height"))
    database = place.bench.database
    with public_server(lambda: recorded_version(database, "till") != "3.0") as url:
        broken = named.with_host(url=url)
        with pytest.raises(StepFailedError):
            broken.apply(Wish({}, {"till": "3.0"}))
    assert seen.read_text().split() == ['version="3.0"', 'version="2.0"']


def test_a_reload_that_fails_undoes_the_apply(place: Place) -> None:
    """The command's words are told."""
    command = place.world.folder / "reload"
    place.write("2.0", MIGRATE)
    ini = place.bench.plugins / "till" / "plugin.ini"
    command.write_text(f"#!/bin/sh\nif grep -q 2.0 {ini}; then echo no unit >&2; exit 5; fi\n")
    command.chmod(0o755)
    named = place.with_host(reload=(str(command),))
    with pytest.raises(StepFailedError) as failure:
        named.apply(SECOND)
    assert "RCY-H024" in _codes(failure.value)
    assert recorded_version(place.bench.database, "till") == "1.0"


def test_a_plugin_goes_back_with_its_data_or_not_at_all(place: Place) -> None:
    """Older code would migrate newer tables: keeping data is refused, and the way out is told."""
    place.write("2.0", MIGRATE)
    place.world.apply(SECOND)
    host = place.world.host()
    with pytest.raises(NewerDataError) as refused:
        plan_rollback(place.world.site, 1, host=host)
    assert refused.value.facts == {"generation": 1, "names": ["paheko:till"]}
    with closing(sqlite3.connect(place.bench.database)) as database, database:
        database.executemany("INSERT INTO plugin_till_sale (what) VALUES (?)", [("a",), ("b",)])
    plan, materials = plan_rollback(place.world.site, 1, data=DataChoice.RESTORE, host=host)
    (loss,) = losses(place.world.site, plan, host)
    assert (loss.module, dict(loss.counts)) == ("paheko", {"plugin_till_sale": 2})
    apply(plan, materials, place.world.site, host=host)
    assert recorded_version(place.bench.database, "till") == "1.0"
    assert host is not None
    assert observe_paheko(host, ["till"]).extensions["till"].enabled
