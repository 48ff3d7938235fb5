"""What the driver promises of any Paheko: on the stand-in always, on a real one when named."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.fakes.paheko_benches import KINDS, Bench, make_bench
from tests.fakes.paheko_extensions import sql, write_module, write_plugin

from recyclic.model.observed import ObservedExtension
from recyclic.model.package import ExtensionKind
from recyclic.paheko.command import Patience
from recyclic.paheko.database import content_digest, list_tables, read_state
from recyclic.paheko.database_change import DatabaseChange, ExpectedExtension
from recyclic.paheko.errors import (
    BrokenExtensionsError,
    ExtensionCodeError,
    ExtensionForbiddenError,
    ExtensionNotEnabledError,
    ExtensionNotUpgradedError,
    OldCodeMissingError,
    OrphanModulesError,
    PahekoBusyError,
    PahekoConfigMissingError,
    PahekoHeldError,
    PahekoPageError,
    PahekoRefusedError,
    PahekoTimeoutError,
    PahekoUpgradeDueError,
    UnexpectedStateError,
)
from recyclic.paheko.extension_commands import ExtensionCommands
from recyclic.paheko.extension_host import PahekoExtensionHost
from recyclic.paheko.extension_pages import ExtensionPages
from recyclic.paheko.location import locate
from recyclic.site.tree import tree_hash

PLUGIN, MODULE = ExtensionKind.PLUGIN, ExtensionKind.BRINDILLE
CREATE = sql("CREATE TABLE plugin_lab_one (what TEXT)")
ADD_ROW = sql("INSERT INTO plugin_lab_one VALUES ('upgraded')")


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """One fresh Paheko."""
    return make_bench(request.param, tmp_path)


@pytest.fixture
def host(bench: Bench) -> PahekoExtensionHost:
    """Its driver."""
    return bench.extensions()


def install(host: PahekoExtensionHost, tree: Path, kind: ExtensionKind = PLUGIN) -> None:
    """Everything a first installation of one extension takes."""
    host.stage(tree.name, tree)
    host.put_in_place(tree.name, kind)
    if kind is MODULE:
        host.register_modules([tree.name])
    host.enable(tree.name)
    host.discard(tree.name, kind)


def replace_code(host: PahekoExtensionHost, tree: Path) -> None:
    """Put another version of a plugin's code in place."""
    host.stage(tree.name, tree)
    host.put_in_place(tree.name, PLUGIN)


def rows(bench: Bench, query: str) -> list[tuple[object, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(bench.database)) as database:
        return database.execute(query).fetchall()


def files_below(*folders: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its time and content."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.02)


def test_looking_changes_nothing_at_all(bench: Bench, host: PahekoExtensionHost) -> None:
    """Observing leaves every file of the association as it was, byte and time."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE]))
    before = files_below(bench.data, bench.modules)
    assert host.observe().extensions["lab_one"].enabled
    host.check_ready()
    assert files_below(bench.data, bench.modules) == before


def test_what_is_read_is_what_paheko_answers(bench: Bench, host: PahekoExtensionHost) -> None:
    """The file read from outside and Paheko's own SQL interface tell the same."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE]))
    install(host, write_module(bench.sources, "lab_mod"), MODULE)
    state = host.state()
    asked = bench.ask_sql("SELECT name, version, enabled FROM plugins ORDER BY name")
    modules = bench.ask_sql("SELECT name, enabled FROM modules ORDER BY name")
    assert asked == [{"name": "lab_one", "version": "1.0", "enabled": 1}]
    told = [{"name": row.name, "enabled": int(row.enabled)} for row in state.modules.values()]
    assert modules == told
    assert state.version == bench.installation().environment.version


def test_code_is_seen_by_its_hash(bench: Bench, host: PahekoExtensionHost) -> None:
    """Recorded or not, enabled or not, with the hash that the source has."""
    plugin = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE])
    module = write_module(bench.sources, "lab_mod")
    install(host, plugin)
    host.stage("lab_mod", module)
    host.put_in_place("lab_mod", MODULE)
    found = host.observe()
    assert found.extensions["lab_one"] == ObservedExtension("1.0", True, tree_hash(plugin))
    assert found.extensions["lab_mod"] == ObservedExtension(
        "", False, tree_hash(module), is_recorded=False
    )
    assert found.database_bytes == bench.database.stat().st_size


def test_a_plugin_and_a_module_end_enabled(bench: Bench, host: PahekoExtensionHost) -> None:
    """Paheko's own list shows both, its page opens, and the install script ran."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE], page="Hello"))
    install(host, write_module(bench.sources, "lab_mod"), MODULE)
    host.verify({"lab_one": ExpectedExtension(True, "1.0"), "lab_mod": ExpectedExtension(True)})
    assert set(bench.run("ext", "list").output.split()) == {"lab_mod", "lab_one", "web"}
    assert "plugin_lab_one" in list_tables(bench.database)
    assert not (bench.plugins / ".recyclic").exists()
    assert not (bench.modules / ".recyclic").exists()


def test_every_step_can_be_done_again(bench: Bench, host: PahekoExtensionHost) -> None:
    """A second run of each step finds nothing to do and changes no content."""
    plugin = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE])
    module = write_module(bench.sources, "lab_mod")
    install(host, plugin)
    install(host, module, MODULE)
    digest = content_digest(bench.database)
    host.put_in_place("lab_one", PLUGIN)
    host.register_modules(["lab_mod"])
    host.enable("lab_one")
    host.enable("lab_mod")
    host.upgrade(["lab_one"])
    host.discard("lab_one", PLUGIN)
    assert content_digest(bench.database) == digest


def test_an_upgrade_script_runs_once(bench: Bench, host: PahekoExtensionHost) -> None:
    """New code of an enabled plugin is upgraded, and only then counts as its new version."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    assert host.waiting_upgrades(["lab_one"]) == ("lab_one",)
    host.upgrade(["lab_one"])
    host.upgrade(["lab_one"])
    host.verify({"lab_one": ExpectedExtension(True, "1.1")})
    assert rows(bench, "SELECT what FROM plugin_lab_one") == [("upgraded",)]


def test_new_code_is_never_enabled_without_its_upgrade(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Where Paheko would note the new version and forget the upgrade, we refuse."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    with pytest.raises(ExtensionNotUpgradedError):
        ExtensionCommands(bench.installation()).enable("lab_one")
    assert host.state().plugins["lab_one"].version == "1.0"


def test_a_disabled_plugin_is_upgraded_too(bench: Bench, host: PahekoExtensionHost) -> None:
    """It is enabled with its old code first, because Paheko upgrades only what is enabled."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    host.disable("lab_one")
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    host.upgrade(["lab_one"])
    host.verify({"lab_one": ExpectedExtension(True, "1.1")})
    assert rows(bench, "SELECT what FROM plugin_lab_one") == [("upgraded",)]


def test_a_disabled_plugin_without_its_old_code_is_refused(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Nothing could run its upgrade any more; nothing is moved."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    host.disable("lab_one")
    shutil.rmtree(bench.plugins / "lab_one")
    host.stage("lab_one", write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    with pytest.raises(OldCodeMissingError):
        host.put_in_place("lab_one", PLUGIN)
    assert not (bench.plugins / "lab_one").exists()


def test_a_failed_upgrade_is_undone_with_its_data(bench: Bench, host: PahekoExtensionHost) -> None:
    """Database, code and page are those of before, though the script had begun its work."""
    old = write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE], page="first")
    bad = [ADD_ROW, "throw new \\RuntimeException('half way');"]
    new = write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=bad, page="second")
    install(host, old)
    assert "first" in bench.page("/admin/p/lab_one/").text
    digest = content_digest(bench.database)
    replace_code(host, new)
    change = DatabaseChange(upgraded=("lab_one",), versions={"lab_one": "1.1"})
    with pytest.raises(ExtensionNotUpgradedError) as failure:
        host.change(bench.folder / "snapshot", change)
    assert "half way" in failure.value.facts["said"]
    for _ in range(2):
        host.take_back(bench.folder / "snapshot")
        host.undo_move("lab_one", PLUGIN)
    host.discard("lab_one", PLUGIN)
    assert content_digest(bench.database) == digest
    assert host.state().plugins["lab_one"].version == "1.0"
    assert "first" in bench.page("/admin/p/lab_one/").text


def test_a_rollback_shows_the_old_templates(bench: Bench, host: PahekoExtensionHost) -> None:
    """Although the old files are older than what was compiled from the new ones."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", page="first"))
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", page="second"))
    host.upgrade(["lab_one"])
    assert "second" in bench.page("/admin/p/lab_one/").text
    host.undo_move("lab_one", PLUGIN)
    host.upgrade(["lab_one"])
    assert "first" in bench.page("/admin/p/lab_one/").text


def test_an_install_script_that_throws_changes_nothing(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Paheko's words come through, without its colours."""
    before = content_digest(bench.database)
    for number, statement in enumerate(
        ("throw new UserException('boom user');", "throw new \\RuntimeException('boom user');")
    ):
        tree = write_plugin(bench.sources, f"lab{number}", "1.0")
        (tree / "install.php").write_text(f"<?php\nnamespace Paheko;\n{CREATE}\n{statement}\n")
        host.stage(tree.name, tree)
        host.put_in_place(tree.name, PLUGIN)
        with pytest.raises(PahekoRefusedError) as failure:
            host.enable(tree.name)
        assert "boom user" in failure.value.facts["said"]
        assert "\x1b" not in failure.value.facts["said"]
    assert content_digest(bench.database) == before


def test_an_install_script_that_exits_is_not_believed(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Status 0 and nothing recorded is a failure."""
    install_php = [CREATE, "exit(0);"]
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=install_php)
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    with pytest.raises(ExtensionNotEnabledError):
        host.enable("lab_one")
    assert "lab_one" not in host.state().plugins


def test_a_hanging_script_is_stopped(bench: Bench) -> None:
    """After its time nothing of it runs, and its part is undone."""
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE, "sleep(300);"])
    host = bench.extensions(Patience(command=3))
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    started = time.monotonic()
    with pytest.raises(PahekoTimeoutError):
        host.enable("lab_one")
    assert time.monotonic() - started < 15
    assert not _processes_about(bench)
    assert "lab_one" not in host.state().plugins


def test_a_hanging_upgrade_is_stopped(bench: Bench) -> None:
    """The page is given its time, then its server is gone; what is live never saw it."""
    host = bench.extensions(Patience(page=2))
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    digest = content_digest(bench.database)
    hanging = [ADD_ROW, "sleep(300);"]
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=hanging))
    change = DatabaseChange(upgraded=("lab_one",), versions={"lab_one": "1.1"})
    with pytest.raises(PahekoPageError):
        host.change(bench.folder / "snapshot", change)
    assert not _processes_about(bench)
    host.undo_move("lab_one", PLUGIN)
    assert content_digest(bench.database) == digest


def test_a_locked_database_is_waited_for(bench: Bench, host: PahekoExtensionHost) -> None:
    """Paheko gives up at once; the driver tries again until the other writer is done."""
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE])
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    with _writer(bench, seconds=1):
        host.enable("lab_one")
    assert host.state().plugins["lab_one"].enabled


def test_an_upgrade_waits_for_the_lock_too(bench: Bench, host: PahekoExtensionHost) -> None:
    """The page is opened again until the other writer is done; the script ran once."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    with _writer(bench, seconds=1):
        host.upgrade(["lab_one"])
    assert rows(bench, "SELECT what FROM plugin_lab_one") == [("upgraded",)]


def test_a_database_that_stays_locked_is_told(bench: Bench) -> None:
    """With the command and the time, and nothing done."""
    host = bench.extensions(Patience(busy=0.5))
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE])
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    with _writer(bench), pytest.raises(PahekoBusyError):
        host.enable("lab_one")
    assert "lab_one" not in host.state().plugins


def test_disabling_what_was_never_installed_does_not_spoil_it(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Paheko would record it as installed, and skip its install script for ever."""
    host.stage("lab_one", write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE]))
    host.put_in_place("lab_one", PLUGIN)
    host.disable("lab_one")
    assert "lab_one" not in host.state().plugins
    host.enable("lab_one")
    assert "plugin_lab_one" in list_tables(bench.database)


def test_registering_a_module_never_erases_another(bench: Bench, host: PahekoExtensionHost) -> None:
    """With a module's folder gone, the page that would erase its data is not opened."""
    install(host, write_module(bench.sources, "lab_old"), MODULE)
    with closing(sqlite3.connect(bench.database)) as database:
        database.execute("CREATE TABLE module_data_lab_old (id INTEGER)")
    (bench.modules / "lab_old").rename(bench.folder / "lab_old")
    host.stage("lab_new", write_module(bench.sources, "lab_new"))
    host.put_in_place("lab_new", MODULE)
    with pytest.raises(OrphanModulesError) as refusal:
        host.register_modules(["lab_new"])
    assert refusal.value.facts["names"] == ("lab_old",)
    assert "module_data_lab_old" in list_tables(bench.database)
    (bench.folder / "lab_old").rename(bench.modules / "lab_old")
    host.register_modules(["lab_new"])
    host.enable("lab_new")
    assert host.state().modules["lab_old"].enabled


def test_registering_a_module_never_hides_an_upgrade(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """The page would mark waiting plugins as upgraded; it is not opened before they are."""
    install(host, write_plugin(bench.sources / "a", "lab_one", "1.0", install=[CREATE]))
    replace_code(host, write_plugin(bench.sources / "b", "lab_one", "1.1", upgrade=[ADD_ROW]))
    host.stage("lab_new", write_module(bench.sources, "lab_new"))
    host.put_in_place("lab_new", MODULE)
    with pytest.raises(ExtensionNotUpgradedError):
        host.register_modules(["lab_new"])
    host.upgrade(["lab_one"])
    host.register_modules(["lab_new"])
    assert rows(bench, "SELECT what FROM plugin_lab_one") == [("upgraded",)]


@pytest.mark.parametrize("problem", ["version", "link-out"])
def test_a_page_that_would_break_is_not_opened(
    bench: Bench, host: PahekoExtensionHost, problem: str
) -> None:
    """One bad folder among those that could be installed breaks it; nothing is registered."""
    if problem == "version":
        write_plugin(bench.plugins, "lab_bad", "2")
    else:
        (bench.plugins / "lab_bad").symlink_to(write_plugin(bench.sources, "lab_bad", "1.0"))
    host.stage("lab_new", write_module(bench.sources, "lab_new"))
    host.put_in_place("lab_new", MODULE)
    with pytest.raises(ExtensionCodeError) as refusal:
        host.register_modules(["lab_new"])
    assert (refusal.value.facts["name"], refusal.value.facts["problem"]) == ("lab_bad", problem)
    assert "lab_new" not in host.state().modules


def test_a_broken_plugin_stops_us_and_stays_as_it_is(
    bench: Bench, host: PahekoExtensionHost
) -> None:
    """Looking as Paheko looks would have disabled it."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE]))
    (bench.plugins / "lab_one").rename(bench.folder / "lab_one")
    with pytest.raises(BrokenExtensionsError):
        host.check_ready()
    with pytest.raises(BrokenExtensionsError):
        ExtensionPages(bench.installation()).upgrade([])
    assert host.state().plugins["lab_one"].enabled


def test_removing_keeps_the_data(bench: Bench, host: PahekoExtensionHost) -> None:
    """Disabled and enabled again, the rows are there and the install script did not run again."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE, ADD_ROW]))
    host.disable("lab_one")
    assert not host.state().plugins["lab_one"].enabled
    host.enable("lab_one")
    assert rows(bench, "SELECT what FROM plugin_lab_one") == [("upgraded",)]


def test_deleting_data_is_an_act_of_its_own(bench: Bench, host: PahekoExtensionHost) -> None:
    """The uninstall script runs and the row goes; the code stays."""
    drop = sql("DROP TABLE plugin_lab_one")
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE], uninstall=[drop])
    install(host, tree)
    host.delete_data("lab_one")
    host.delete_data("lab_one")
    assert "lab_one" not in host.state().plugins
    assert "plugin_lab_one" not in list_tables(bench.database)
    assert (bench.plugins / "lab_one").is_dir()


def test_exchanging_waits_for_a_writer(bench: Bench, host: PahekoExtensionHost) -> None:
    """And keeps the file itself: inode, owner and mode."""
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE])
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    bench.database.chmod(0o640)
    before = bench.database.stat()
    change = DatabaseChange(enabled=("lab_one",), versions={"lab_one": "1.0"})
    with _writer(bench, seconds=1):
        host.change(bench.folder / "snapshot", change)
    digest = content_digest(bench.folder / "snapshot" / "association.sqlite")
    with _writer(bench, seconds=1):
        host.take_back(bench.folder / "snapshot")
    after = bench.database.stat()
    assert (after.st_ino, after.st_uid, after.st_mode) == (
        before.st_ino,
        before.st_uid,
        before.st_mode,
    )
    assert content_digest(bench.database) == digest


def test_a_crash_in_the_middle_of_a_write_is_read_through(bench: Bench) -> None:
    """With half a write lying about, looking tells the state before it and leaves it lying."""
    state, digest = read_state(bench.database), content_digest(bench.database)
    _crash_while_writing(bench)
    journal = bench.database.with_name(bench.database.name + "-journal")
    assert journal.stat().st_size > 0
    before = files_below(bench.data)
    assert read_state(bench.database) == state
    assert content_digest(bench.database) == digest
    assert files_below(bench.data) == before


def test_a_killed_driver_leaves_nothing_running(bench: Bench, host: PahekoExtensionHost) -> None:
    """What a killed run had started is gone before the next run begins."""
    tree = write_plugin(bench.sources, "lab_one", "1.0", install=[CREATE, "sleep(300);"])
    host.stage("lab_one", tree)
    host.put_in_place("lab_one", PLUGIN)
    program = (
        "import sys; from recyclic.model.diagnostic import Place;"
        "from recyclic.model.profile import PahekoHost;"
        "from recyclic.paheko.location import locate;"
        "from recyclic.paheko.installation import PahekoInstallation;"
        "from recyclic.paheko.extension_commands import ExtensionCommands;"
        "it = PahekoInstallation(locate(PahekoHost(sys.argv[1], Place('t'), php=sys.argv[2])));"
        "hold = it.hold(); hold.__enter__(); ExtensionCommands(it).enable('lab_one')"
    )
    line = [sys.executable, "-c", program, str(bench.root), bench.php]
    driver = subprocess.Popen(line)
    wait_until(lambda: any("enable" in line for line in _processes_about(bench)))
    with pytest.raises(PahekoHeldError), bench.installation().hold():
        pass
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    with bench.installation().hold(seconds=20):
        assert not _processes_about(bench)
    assert "lab_one" not in host.state().plugins


@pytest.mark.parametrize("version", [1032100, 1040000])
def test_an_upgrade_of_paheko_itself_comes_first(bench: Bench, version: int) -> None:
    """With an older database as with a newer one."""
    with closing(sqlite3.connect(bench.database)) as database:
        database.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(PahekoUpgradeDueError):
        bench.extensions().check_ready()


def test_a_missing_configuration_is_refused_before_paheko_makes_one(bench: Bench) -> None:
    """Paheko would create it, and work on its default folders."""
    bench.config.unlink()
    with pytest.raises(PahekoConfigMissingError):
        locate(bench.host)
    assert not bench.config.exists()


def test_verifying_tells_what_differs(bench: Bench, host: PahekoExtensionHost) -> None:
    """By name, both ways."""
    install(host, write_plugin(bench.sources, "lab_one", "1.0"))
    with pytest.raises(UnexpectedStateError) as failure:
        host.verify({"lab_one": ExpectedExtension(True, "2.0"), "lab_two": ExpectedExtension(True)})
    assert failure.value.facts["differences"] == ("lab_one: 1.0, wanted 2.0", "lab_two: absent")


@pytest.mark.parametrize("kind", KINDS)
def test_the_hosts_own_lists_are_respected(kind: str, tmp_path: Path) -> None:
    """A forbidden plugin is refused before its code is anywhere near Paheko."""
    bench = make_bench(kind, tmp_path, {"PLUGINS_ALLOWLIST": "['caisse']"})
    with pytest.raises(ExtensionForbiddenError):
        bench.extensions().stage("lab_one", write_plugin(bench.sources, "lab_one", "1.0"))
    assert list(bench.plugins.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_paheko_below_a_path_is_driven_too(kind: str, tmp_path: Path) -> None:
    """Its public address has a path; on loopback its pages are at the top."""
    address = {"WWW_URI": "'/paheko/'", "WWW_URL": "'https://asso.test/paheko/'"}
    bench = make_bench(kind, tmp_path, address)
    host = bench.extensions()
    install(host, write_plugin(bench.sources, "lab_one", "1.0", page="Hello"))
    install(host, write_module(bench.sources, "lab_mod"), MODULE)
    host.verify({"lab_one": ExpectedExtension(True, "1.0"), "lab_mod": ExpectedExtension(True)})


@pytest.mark.parametrize("kind", KINDS)
def test_documents_in_files_are_part_of_a_snapshot(kind: str, tmp_path: Path) -> None:
    """Changed, deleted and added documents are as they were; others keep their file."""
    documents = tmp_path / "documents"
    storage = {"FILE_STORAGE_BACKEND": "'FileSystem'", "FILE_STORAGE_CONFIG": f"'{documents}'"}
    bench = make_bench(kind, tmp_path, storage)
    (documents / "folder").mkdir(parents=True)
    for name in ("kept", "changed", "folder/gone"):
        (documents / name).write_text(name)
    host = bench.extensions()
    host.snapshot(tmp_path / "snapshot")
    kept = (documents / "kept").stat().st_ino
    (documents / "new").write_text("changed")  # as Paheko writes: beside, then renamed
    (documents / "new").rename(documents / "changed")
    (documents / "changed").write_text("something else")
    (documents / "folder" / "gone").unlink()
    (documents / "folder").rmdir()
    (documents / "extra" / "deep").mkdir(parents=True)
    (documents / "extra" / "deep" / "file").write_text("extra")
    for number in range(2):
        host.change(tmp_path / f"run{number}", DatabaseChange(source=tmp_path / "snapshot"))
    found = {
        str(path.relative_to(documents)): path.read_text()
        for path in documents.rglob("*")
        if path.is_file()
    }
    assert found == {"kept": "kept", "changed": "changed", "folder/gone": "folder/gone"}
    assert (documents / "kept").stat().st_ino == kept
    assert not (documents / "extra").exists()


@contextmanager
def _writer(bench: Bench, seconds: float = 60) -> Iterator[None]:
    """Somebody else's open write transaction: another process, for a while or for the block."""
    program = (
        "import sqlite3, sys, select; it = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "it.execute('BEGIN IMMEDIATE'); print('begun', flush=True);"
        "select.select([sys.stdin], [], [], float(sys.argv[2])); it.execute('ROLLBACK')"
    )
    line = [sys.executable, "-c", program, str(bench.database), str(seconds)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        try:
            yield
        finally:
            writer.communicate()


def _crash_while_writing(bench: Bench) -> None:
    program = (
        "import os, sqlite3, sys; it = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "it.execute('PRAGMA journal_mode = TRUNCATE'); it.execute('PRAGMA cache_size = 1');"
        "it.execute('BEGIN'); it.execute('CREATE TABLE half (a)');"
        "it.executemany('INSERT INTO half VALUES (?)', [('x' * 4000,)] * 200);"
        "it.execute('UPDATE acc_charts SET label = 1');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(bench.database)], check=False)


def _processes_about(bench: Bench) -> list[str]:
    """Command lines of running PHP processes that name this bench's folder."""
    return [line for line in _command_lines() if str(bench.root / "bin" / "paheko") in line]


def _command_lines() -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, IndexError):
                continue
