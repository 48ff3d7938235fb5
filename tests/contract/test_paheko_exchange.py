"""Changing Paheko's database while people write to it: nothing of theirs is lost, whatever fails.

On the stand-in always, on a real Paheko when one is named.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.paheko_benches import KINDS, Bench, make_bench
from tests.fakes.paheko_extensions import sql, write_module, write_plugin
from tests.fakes.steady_writer import somebody_writing

from recyclic.model.package import ExtensionKind
from recyclic.paheko.database import content_digest, list_tables
from recyclic.paheko.database_change import DatabaseChange
from recyclic.paheko.errors import (
    ExtensionNotUpgradedError,
    ForeignWritesError,
    PahekoRefusedError,
    UnexpectedStateError,
)
from recyclic.paheko.extension_host import PahekoExtensionHost

PLUGIN, MODULE = ExtensionKind.PLUGIN, ExtensionKind.BRINDILLE
CREATE = sql("CREATE TABLE plugin_till_sale (id INTEGER PRIMARY KEY, what TEXT)")
MIGRATE = sql("ALTER TABLE plugin_till_sale ADD COLUMN weight INTEGER")
BREAK = "throw new \\RuntimeException('half way');"
DROP = sql("DROP TABLE plugin_till_sale")


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """One fresh Paheko."""
    return make_bench(request.param, tmp_path)


@pytest.fixture
def host(bench: Bench) -> PahekoExtensionHost:
    """Its driver."""
    return bench.extensions()


@pytest.fixture
def kept(bench: Bench) -> Path:
    """The folder of a run's snapshot."""
    return bench.folder / "snapshot"


def put_code(host: PahekoExtensionHost, tree: Path, kind: ExtensionKind = PLUGIN) -> None:
    """Code in its place, unknown to Paheko yet."""
    host.stage(tree.name, tree)
    host.put_in_place(tree.name, kind)


def till(bench: Bench, version: str, *, breaks: bool = False) -> Path:
    """One version of a plugin with a table."""
    upgrade = [MIGRATE, *([BREAK] if breaks else [])] if version != "1.0" else []
    return write_plugin(
        bench.sources / version, "till", version, install=[CREATE], upgrade=upgrade, page=version
    )


def install_till(bench: Bench, host: PahekoExtensionHost, kept: Path) -> None:
    """The first version, installed."""
    put_code(host, till(bench, "1.0"))
    host.change(kept, DatabaseChange(enabled=("till",), versions={"till": "1.0"}))
    host.discard("till", PLUGIN)
    shutil.rmtree(kept)


def code_version(bench: Bench) -> str:
    """The version of the code that visitors reach."""
    ini = (bench.plugins / "till" / "plugin.ini").read_text()
    return ini.split('version="')[1].split('"')[0]


UPGRADE = DatabaseChange(placed=("till",), upgraded=("till",), versions={"till": "2.0"})


def write(bench: Bench, statement: str) -> None:
    """What a person's click does."""
    with closing(sqlite3.connect(bench.database, timeout=10)) as database, database:
        database.execute(statement)


def ask(bench: Bench, query: str) -> list[tuple[object, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(bench.database, timeout=10)) as database:
        return database.execute(query).fetchall()


def sell(bench: Bench, what: str) -> None:
    """One sale at the till."""
    write(bench, f"INSERT INTO plugin_till_sale (what) VALUES ('{what}')")


def sales(bench: Bench) -> list[object]:
    """Everything that was sold."""
    return [what for (what,) in ask(bench, "SELECT what FROM plugin_till_sale ORDER BY id")]


def test_pages_show_the_code_that_is_live_whatever_was_tried(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """A draft that failed leaves nothing compiled of its code."""
    install_till(bench, host, kept)
    host.stage("till", till(bench, "2.0"))
    with pytest.raises(UnexpectedStateError):
        host.change(kept, replace(UPGRADE, versions={"till": "2.0", "missing": "1.0"}))
    host.discard("till", PLUGIN)
    assert "1.0" in bench.page("/admin/p/till/").text


def test_everything_changes_at_once(bench: Bench, host: PahekoExtensionHost, kept: Path) -> None:
    """A plugin and a module come, another plugin goes; nothing of the draft is left over."""
    install_till(bench, host, kept)
    put_code(host, write_plugin(bench.sources, "other", "1.0"))
    put_code(host, write_module(bench.sources, "scales"), MODULE)
    change = DatabaseChange(
        disabled=("till",),
        registered=("scales",),
        enabled=("other", "scales"),
        versions={"other": "1.0", "scales": ""},
    )
    host.change(kept, change)
    state = host.state()
    assert [state.plugins[name].enabled for name in ("till", "other")] == [False, True]
    assert state.modules["scales"].enabled
    assert not list(bench.data.glob(".recyclic*"))


def test_a_migration_that_fails_never_touched_what_is_live(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Though it had altered its tables before it failed; and taking it back does nothing."""
    install_till(bench, host, kept)
    before = content_digest(bench.database)
    host.stage("till", till(bench, "2.0", breaks=True))
    with pytest.raises(ExtensionNotUpgradedError) as failure:
        host.change(kept, UPGRADE)
    assert "half way" in failure.value.facts["said"]
    assert content_digest(bench.database) == before
    assert code_version(bench) == "1.0"
    host.take_back(kept)
    assert content_digest(bench.database) == before


@pytest.mark.parametrize("breaks", [False, True])
def test_nobody_loses_a_write_while_tables_are_migrated(
    bench: Bench, host: PahekoExtensionHost, kept: Path, breaks: bool
) -> None:
    """Somebody commits all the time, to the very table: every row is there afterwards."""
    install_till(bench, host, kept)
    host.stage("till", till(bench, "2.0", breaks=breaks))
    with somebody_writing(bench.database, "plugin_till_sale (id, what)") as told:
        if breaks:
            with pytest.raises(ExtensionNotUpgradedError):
                host.change(kept, UPGRADE)
        else:
            host.change(kept, UPGRADE)
    assert len(sales(bench)) == told.value
    columns = [row[1] for row in ask(bench, "PRAGMA table_info(plugin_till_sale)")]
    assert ("weight" in columns) is not breaks
    assert code_version(bench) == ("1.0" if breaks else "2.0")
    bench.installation().check_database()


def test_a_plugin_that_sleeps_is_woken_up_on_the_draft(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Paheko migrates only what is enabled: with its old code first, then with the new."""
    install_till(bench, host, kept)
    host.disable("till")
    host.stage("till", till(bench, "2.0"))
    host.change(kept, replace(UPGRADE, enabled=("till",)))
    row = host.state().plugins["till"]
    assert (row.enabled, row.version) == (True, "2.0")
    host.take_back(kept)
    host.undo_move("till", PLUGIN)
    row = host.state().plugins["till"]
    assert (row.enabled, row.version, code_version(bench)) == (False, "1.0", "1.0")


def test_a_change_is_taken_back_with_what_it_left_behind(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """A plugin without an uninstall script goes with its tables; to the byte, any number of
    times."""
    before = content_digest(bench.database)
    put_code(host, till(bench, "1.0"))
    host.change(kept, DatabaseChange(enabled=("till",), versions={"till": "1.0"}))
    assert "plugin_till_sale" in list_tables(bench.database)
    for _ in range(2):
        host.take_back(kept)
    found = ask(bench, "SELECT count(*) FROM plugins WHERE name = 'till'")
    assert found == [(0,)]
    assert "plugin_till_sale" not in list_tables(bench.database)
    assert content_digest(kept / "association.sqlite") == before


def test_what_people_wrote_since_stays_when_a_change_is_taken_back(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Rows added, changed and deleted in tables that the change had not altered."""
    install_till(bench, host, kept)
    for what in ("lamp", "chair", "table"):
        sell(bench, what)
    put_code(host, write_plugin(bench.sources, "other", "1.0", install=[CREATE_OTHER]))
    host.change(kept, DatabaseChange(enabled=("other",), versions={"other": "1.0"}))
    sell(bench, "sofa")
    write(bench, "UPDATE plugin_till_sale SET what = 'blue chair' WHERE what = 'chair'")
    write(bench, "DELETE FROM plugin_till_sale WHERE what = 'lamp'")
    host.take_back(kept)
    assert sales(bench) == ["blue chair", "table", "sofa"]
    assert "plugin_other" not in list_tables(bench.database)
    bench.installation().check_database()


CREATE_OTHER = sql("CREATE TABLE plugin_other (what TEXT)")


def test_what_rests_upon_the_change_is_never_thrown_away_unasked(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Rows in a migrated table: refused, nothing touched, both sides kept; at somebody's word it
    is taken back nevertheless, and what goes is kept aside."""
    install_till(bench, host, kept)
    host.stage("till", till(bench, "2.0"))
    host.change(kept, UPGRADE)
    write(bench, "INSERT INTO plugin_till_sale (what, weight) VALUES ('sofa', 40)")
    live = content_digest(bench.database)
    with pytest.raises(ForeignWritesError) as refused:
        host.take_back(kept)
    assert refused.value.facts["tables"] == ("plugin_till_sale",)
    assert content_digest(bench.database) == live
    host.take_back(kept, at_any_cost=True)
    assert sales(bench) == []
    assert content_digest(kept / "given-up.sqlite") == live


def test_data_is_deleted_all_of_it_or_nothing(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Where ``uninstall.php`` fails half way, Paheko alone would have dropped the table."""
    tree = write_plugin(
        bench.sources, "till", "1.0", install=[CREATE], uninstall=[DROP, BREAK], page="x"
    )
    put_code(host, tree)
    host.change(kept, DatabaseChange(enabled=("till",), versions={"till": "1.0"}))
    sell(bench, "lamp")
    with pytest.raises(PahekoRefusedError):
        host.change(kept, DatabaseChange(erased=("till",)))
    assert sales(bench) == ["lamp"]


def test_deleted_data_takes_its_tables_with_it_and_no_others(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """Without ``uninstall.php`` too; a plugin whose name merely begins so keeps its own."""
    install_till(bench, host, kept)
    create = sql("CREATE TABLE plugin_till_extra_row (what TEXT)")
    put_code(host, write_plugin(bench.sources, "till_extra", "1.0", install=[create]))
    host.change(kept, DatabaseChange(enabled=("till_extra",), versions={"till_extra": "1.0"}))
    sell(bench, "lamp")
    host.change(kept, DatabaseChange(erased=("till",), versions={"till_extra": "1.0"}))
    assert host.state().find("till") is None
    assert "plugin_till_sale" not in list_tables(bench.database)
    assert "plugin_till_extra_row" in list_tables(bench.database)
    host.take_back(kept)
    assert sales(bench) == ["lamp"]


def test_a_modules_data_is_deleted_and_comes_back(
    bench: Bench, host: PahekoExtensionHost, kept: Path
) -> None:
    """A Brindille module's table and configuration."""
    put_code(host, write_module(bench.sources, "scales"), MODULE)
    versions = {"scales": ""}
    change = DatabaseChange(registered=("scales",), enabled=("scales",), versions=versions)
    host.change(kept, change)
    write(bench, "CREATE TABLE module_data_scales (id INTEGER PRIMARY KEY, document TEXT)")
    write(bench, "INSERT INTO module_data_scales VALUES (1, '{}')")
    host.change(kept, DatabaseChange(erased=("scales",)))
    assert host.state().find("scales") is None
    assert "module_data_scales" not in list_tables(bench.database)
    host.take_back(kept)
    assert ask(bench, "SELECT document FROM module_data_scales") == [("{}",)]
    assert host.state().modules["scales"].enabled
