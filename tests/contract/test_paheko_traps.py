"""The surprises a careless driver meets: the stand-in has every one of them, as the real one does.

Each test does what would be natural, with Paheko's own commands and pages, and shows the harm. Were
one to fail on a newer Paheko, the driver's care could be less; were one to fail on the stand-in
alone, the driver's tests would prove nothing.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.paheko_benches import KINDS, Bench, make_bench, without_colours
from tests.fakes.paheko_extensions import sql, write_module, write_plugin

CREATE = sql("CREATE TABLE plugin_lab_one (what TEXT)")
ADD_ROW = sql("INSERT INTO plugin_lab_one VALUES ('upgraded')")
PAGE = "/admin/config/ext/"


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """One fresh Paheko."""
    return make_bench(request.param, tmp_path)


def enabled_plugin(bench: Bench, *, newer: bool = False) -> None:
    """Plugin ``lab_one`` 1.0 enabled; with ``newer``, the code of 1.1 in its place."""
    write_plugin(bench.plugins, "lab_one", "1.0", install=[CREATE])
    assert bench.run("ext", "lab_one", "enable").status == 0
    if newer:
        shutil.rmtree(bench.plugins / "lab_one")
        write_plugin(bench.plugins, "lab_one", "1.1", upgrade=[ADD_ROW])


def rows(bench: Bench, query: str) -> list[tuple[object, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(bench.database)) as database:
        return database.execute(query).fetchall()


def test_1_enabling_newer_code_forgets_its_upgrade(bench: Bench) -> None:
    """The version is recorded, the script never ran, and the page that runs it finds nothing."""
    enabled_plugin(bench, newer=True)
    assert bench.run("ext", "lab_one", "enable").status == 0
    bench.page(PAGE)
    assert rows(bench, "SELECT version FROM plugins WHERE name = 'lab_one'") == [("1.1",)]
    assert rows(bench, "SELECT * FROM plugin_lab_one") == []


def test_2_the_install_page_forgets_waiting_upgrades(bench: Bench) -> None:
    """The plain page would have run the script; with ``?install=1`` it never runs."""
    enabled_plugin(bench, newer=True)
    bench.page(f"{PAGE}?install=1")
    bench.page(PAGE)
    assert rows(bench, "SELECT version FROM plugins WHERE name = 'lab_one'") == [("1.1",)]
    assert rows(bench, "SELECT * FROM plugin_lab_one") == []


def test_3_the_install_page_erases_modules_without_folder(bench: Bench) -> None:
    """With their table of data."""
    write_module(bench.modules, "lab_mod")
    bench.page(f"{PAGE}?install=1")
    with closing(sqlite3.connect(bench.database)) as database:
        database.execute("CREATE TABLE module_data_lab_mod (id INTEGER)")
    shutil.rmtree(bench.modules / "lab_mod")
    bench.page(f"{PAGE}?install=1")
    assert rows(bench, "SELECT name FROM modules WHERE name = 'lab_mod'") == []
    assert rows(bench, "SELECT 1 FROM sqlite_master WHERE name = 'module_data_lab_mod'") == []


def test_4_disabling_first_spoils_a_plugin(bench: Bench) -> None:
    """Enabled afterwards, it says yes and has no tables."""
    write_plugin(bench.plugins, "lab_one", "1.0", install=[CREATE])
    assert bench.run("ext", "lab_one", "disable").status == 0
    assert bench.run("ext", "lab_one", "enable").status == 0
    assert "Enabled: yes" in bench.run("ext", "lab_one").output
    assert rows(bench, "SELECT 1 FROM sqlite_master WHERE name = 'plugin_lab_one'") == []


def test_5_a_new_module_is_unknown_until_the_install_page(bench: Bench) -> None:
    """No command registers it."""
    write_module(bench.modules, "lab_mod")
    said = bench.run("ext", "lab_mod", "enable")
    assert (said.status, without_colours(said.output).strip()) == (
        1,
        "This extension does not exist",
    )
    bench.page(f"{PAGE}?install=1")
    assert bench.run("ext", "lab_mod", "enable").status == 0


def test_6_listing_disables(bench: Bench) -> None:
    """Asked for one, it says enabled though the code is gone; asked for all, it disables it."""
    enabled_plugin(bench)
    (bench.plugins / "lab_one").rename(bench.folder / "lab_one")
    assert "Enabled: yes" in bench.run("ext", "lab_one").output
    assert "lab_one" not in bench.run("ext", "list").output
    (bench.folder / "lab_one").rename(bench.plugins / "lab_one")
    assert "Enabled: no" in bench.run("ext", "lab_one").output


def test_7_a_good_status_proves_nothing(bench: Bench) -> None:
    """An install script that exits leaves status 0 and nothing else."""
    write_plugin(bench.plugins, "lab_one", "1.0", install=[CREATE, "exit(0);"])
    assert bench.run("ext", "lab_one", "enable").status == 0
    assert rows(bench, "SELECT 1 FROM plugins WHERE name = 'lab_one'") == []


@pytest.mark.parametrize("manifest", ['name="X"\n', 'name="X"\nversion="2"\n'])
def test_8_one_bad_manifest_breaks_the_list_for_all(bench: Bench, manifest: str) -> None:
    """Without a version, or with one that reads as a number."""
    tree = write_plugin(bench.plugins, "lab_bad", "1.0")
    assert bench.run("ext", "list", "--disabled").status == 0
    (tree / "plugin.ini").write_text(manifest)
    assert bench.run("ext", "list", "--disabled").status == 1


def test_8_one_link_out_breaks_the_list_for_all(bench: Bench) -> None:
    """A link to code elsewhere is taken for an attack."""
    write_plugin(bench.sources, "lab_one", "1.0")
    (bench.plugins / "lab_one").symlink_to(bench.sources / "lab_one")
    said = bench.run("ext", "list", "--disabled")
    assert said.status == 1
    assert "Security alert" in said.complaint


def test_9_a_lock_is_refused_at_once(bench: Bench) -> None:
    """Although SQLite was told to wait ten seconds."""
    write_plugin(bench.plugins, "lab_one", "1.0", install=[CREATE])
    with closing(sqlite3.connect(bench.database, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        said = bench.run("ext", "lab_one", "enable")
    assert said.status == 1
    assert "database is locked" in said.complaint


def test_10_restored_code_keeps_the_newer_page(bench: Bench) -> None:
    """When the old files come back with their old times, their templates are not compiled anew."""
    first = write_plugin(bench.sources / "a", "lab_one", "1.0", page="first")
    second = write_plugin(bench.sources / "b", "lab_one", "1.0", page="second")
    shutil.copytree(second, bench.plugins / "lab_one")
    assert bench.run("ext", "lab_one", "enable").status == 0
    assert "second" in bench.page("/admin/p/lab_one/").text
    shutil.rmtree(bench.plugins / "lab_one")
    shutil.copytree(first, bench.plugins / "lab_one")  # keeps the times, as cp -a does
    assert "second" in bench.page("/admin/p/lab_one/").text


def test_11_swapping_the_database_file_destroys_it(bench: Bench) -> None:
    """A writer's journal is played over the file that was put in its place."""
    backup = bench.folder / "backup.sqlite"
    assert bench.run("db", "backup", str(backup)).status == 0
    program = (
        "import os, sqlite3, sys; it = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "it.execute('PRAGMA journal_mode = TRUNCATE'); it.execute('PRAGMA cache_size = 1');"
        "it.execute('BEGIN');"
        "it.execute('CREATE TABLE one (a)'); it.execute('CREATE TABLE two (a)');"
        "it.executemany('INSERT INTO one VALUES (?)', [('y' * 4000,)] * 50);"
        "it.executemany('INSERT INTO two VALUES (?)', [('y' * 4000,)] * 50); it.execute('COMMIT');"
        "it.execute('BEGIN'); it.execute('CREATE TABLE three (a)');"
        "it.execute('UPDATE one SET a = replace(a, ?, ?)', ('y', 'z'));"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(bench.database)], check=False)
    shutil.copyfile(backup, bench.database)
    with closing(sqlite3.connect(bench.database)) as database:
        assert _first_complaint(database) != "ok"


def test_12_a_backup_overwrites_whatever_is_there(bench: Bench) -> None:
    """Even a file that was somebody's own, and its copy is for its owner only."""
    target = bench.folder / "precious"
    target.write_text("precious")
    assert bench.run("db", "backup", str(target)).status == 0
    assert target.read_bytes()[:6] == b"SQLite"
    assert target.stat().st_mode & 0o077 == 0


def test_12_a_backup_that_fails_leaves_a_copy_in_the_cache(bench: Bench) -> None:
    """The whole association, where nobody looks for it."""
    assert bench.run("db", "backup", str(bench.folder / "no" / "such" / "place")).status == 1
    left = list((bench.data / "cache").glob("sqlite-backup-*"))
    assert [path.read_bytes()[:6] for path in left] == [b"SQLite"]


def test_a_missing_configuration_is_made_up(bench: Bench) -> None:
    """And another association is looked for, in the default folder."""
    missing = bench.folder / "config.missing.php"
    said = bench.run("version", config=missing)
    assert said.status == 1
    assert missing.exists()


def _first_complaint(database: sqlite3.Connection) -> str:
    try:
        return str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
