"""Disks that are full or read-only, interruptions, other runs: the site is as it was."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.apply_world import ApplyTrial, Wish, World
from tests.fakes.memory_folder import memory_folder

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.errors import (
    ApplyInterruptedError,
    JournalDamagedError,
    JournalTooNewError,
    StepFailedError,
)
from recyclic.apply.history import last_entries, read_history
from recyclic.apply.journal import is_in_flight
from recyclic.apply.kill_test import Counter, Killer, Point, Side, killed
from recyclic.apply.recover import recover
from recyclic.plan.errors import StalePlanError
from recyclic.site.disk import Act, Disk, Operation
from recyclic.site.errors import HistoryDamagedError, SiteLockedError
from recyclic.site.layout import Site
from recyclic.site.lock import site_lock

FIRST = Wish({"caisse": "1.0", "kpi": "1.0"})
UPDATE = Wish({"caisse": "1.1"})


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory: these sites are made of many flushed files."""
    with memory_folder() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A site with one generation."""
    made = World(tmp_path)
    made.apply(FIRST)
    return made


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A site that cannot be made is an OSError about its path, and leaves nothing."""
    (tmp_path / "file").write_text("")
    world = World(tmp_path)
    plan, materials = world.plan(FIRST)
    with pytest.raises(OSError, match="file"):
        apply(plan, materials, Site(tmp_path / "file" / "site"))


def test_a_source_that_changes_after_planning_fails_and_is_undone(world: World) -> None:
    """Code that is no longer what was planned is not installed."""
    plan, materials = world.plan(UPDATE)
    (world.write_module("caisse", "1.1") / "__init__.py").write_text("changed\n")
    with pytest.raises(StepFailedError) as caught:
        apply(plan, materials, world.site)
    assert caught.value.exit_code == 3
    assert caught.value.__cause__ is not None
    assert world.site.current_number() == 1
    assert Path(str(caught.value.facts["logs"]), "log.ndjson").is_file()
    assert read_history(world.site)[-1]["result"] == "failed"


def test_the_number_of_a_failed_generation_is_not_used_again(world: World) -> None:
    """Generation numbers only grow, so that a log always belongs to one run."""
    plan, materials = world.plan(UPDATE)
    module = world.write_module("caisse", "1.1") / "__init__.py"
    content = module.read_text()
    module.write_text("changed\n")
    with pytest.raises(StepFailedError):
        apply(plan, materials, world.site)
    module.write_text(content)
    assert world.apply(UPDATE, options=ApplyOptions(retry=True)).generation == 3


def test_the_second_apply_writes_not_one_byte(world: World) -> None:
    """Nothing to do is nothing done: no file, no time stamp changes."""
    before = {path: path.lstat().st_mtime_ns for path in world.site.root.rglob("*")}
    report = world.apply(FIRST)
    assert not report.changed
    assert report.generation == 1
    assert before == {path: path.lstat().st_mtime_ns for path in world.site.root.rglob("*")}


def test_another_run_is_named_and_waited_for(world: World) -> None:
    """A held lock refuses with who holds it and since when; its holder's end frees it."""
    plan, materials = world.plan(UPDATE)
    with site_lock(world.site) as lock:
        lock.tell("store-code")
        with pytest.raises(SiteLockedError) as caught:
            apply(plan, materials, world.site, options=ApplyOptions(lock_timeout_s=0.1))
    assert caught.value.exit_code == 5
    assert caught.value.facts["pid"] == os.getpid()
    assert caught.value.facts["step"] == "store-code"
    assert apply(plan, materials, world.site).changed


def test_a_killed_holder_holds_nothing(world: World) -> None:
    """The kernel drops the lock of a process that was killed."""

    def hold_and_die() -> None:
        with site_lock(world.site):
            os.kill(os.getpid(), signal.SIGKILL)

    assert killed(hold_and_die)
    assert world.apply(UPDATE).changed


def test_of_two_applies_at_once_one_wins_and_the_other_is_stale(world: World) -> None:
    """Both planned from generation 1; the second to get the lock has to plan again."""
    first, materials = world.plan(UPDATE)
    second, others = world.plan(Wish({"kpi": "2.0"}))
    apply(first, materials, world.site)
    with pytest.raises(StalePlanError) as caught:
        apply(second, others, world.site)
    assert caught.value.exit_code == 6
    assert world.site.current_number() == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_undoes_everything(world: World, tmp_path: Path, number: int) -> None:
    """Ctrl-C and SIGTERM at any operation end in exit code 130 and the old site."""
    trial = ApplyTrial(world, UPDATE, tmp_path / "pristine").keep()
    old = trial.picture()
    trial.run(Counter())
    new = trial.picture()

    class Signaller(Counter):
        """Sends the signal to its own process at one operation."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self._at = at

        def after(self, operation: Operation) -> None:
            if len(self.operations) == self._at:
                os.kill(os.getpid(), number)

    outcomes = set()
    for at in range(1, 60, 6):
        trial.reset()
        try:
            trial.run(Signaller(at))
            assert trial.picture() == new
            outcomes.add("applied")
        except ApplyInterruptedError as error:
            assert error.exit_code == 130
            assert trial.picture() == old
            outcomes.add("undone")
        assert not is_in_flight(world.site)
    assert "undone" in outcomes


def test_a_second_signal_does_not_disturb_the_undoing(world: World, tmp_path: Path) -> None:
    """An impatient second Ctrl-C waits until everything is undone."""
    trial = ApplyTrial(world, UPDATE, tmp_path / "pristine").keep()
    old = trial.picture()

    class Impatient(Counter):
        """Signals once while applying, and again at every operation of the undoing."""

        def after(self, operation: Operation) -> None:
            if operation.act is Act.LINK or operation.act is Act.REMOVE:
                os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with pytest.raises(ApplyInterruptedError):
            trial.run(Impatient())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert trial.picture() == old


def interrupted(world: World, tmp_path: Path, number: int = 12) -> ApplyTrial:
    """A world whose update was killed at operation ``number``."""
    trial = ApplyTrial(world, UPDATE, tmp_path / "pristine").keep()
    assert killed(lambda: trial.run(Killer(Point(number, Side.AFTER))))
    assert is_in_flight(world.site)
    return trial


def test_recover_tells_what_it_did(world: World, tmp_path: Path) -> None:
    """The report names the run that was interrupted and the generation that is live."""
    interrupted(world, tmp_path)
    report = recover(world.site)
    assert report is not None
    assert (report.result, report.generation, report.live) == ("undone", 2, 1)
    assert recover(world.site) is None
    assert last_entries(world.site)[-1]["result"] == "interrupted"


def test_a_journal_of_a_newer_version_is_not_touched(world: World, tmp_path: Path) -> None:
    """An older recyclic stops with exit code 4 and leaves everything as it is."""
    trial = interrupted(world, tmp_path)
    journal = world.site.transaction
    for old, new in (('"format":1', '"format":2'), ('"kind":"store-code"', '"kind":"teleport"')):
        content = journal.read_text()
        assert old in content
        journal.write_text(content.replace(old, new, 1))
        before = trial.picture()
        with pytest.raises(JournalTooNewError) as caught:
            recover(world.site)
        assert caught.value.exit_code == 4
        assert trial.picture() == before
        journal.write_text(content)
    assert recover(world.site) is not None


def test_a_damaged_journal_needs_a_person(world: World, tmp_path: Path) -> None:
    """A line that nobody wrote is no ground for deleting anything."""
    interrupted(world, tmp_path)
    lines = world.site.transaction.read_text().splitlines(keepends=True)
    world.site.transaction.write_text("".join([lines[0], "garbage\n", *lines[1:]]))
    with pytest.raises(JournalDamagedError) as caught:
        recover(world.site)
    assert caught.value.facts["line"] == 2


def test_a_journal_cut_inside_its_first_line_means_nothing_was_done(world: World) -> None:
    """A record counts once its line is whole."""
    world.site.transaction.write_text('{"record":"begin","form')
    assert recover(world.site) is None
    assert not is_in_flight(world.site)


def test_a_history_that_was_changed_is_noticed(world: World) -> None:
    """Each line seals the one before it."""
    world.apply(UPDATE)
    content = world.site.history.read_text()
    assert len(read_history(world.site)) == 2
    world.site.history.write_text(content.replace('"generation":1', '"generation":7', 1))
    with pytest.raises(HistoryDamagedError):
        read_history(world.site)
    assert world.apply(FIRST).changed, "a damaged record does not stop the site"


def test_a_clock_that_jumps_back_changes_nothing(world: World, tmp_path: Path) -> None:
    """Order comes from numbers and journals, not from times."""
    future = time.time() + 10 * 365 * 86400
    for path in world.site.root.rglob("*"):
        os.utime(path, (future, future), follow_symlinks=False)
    assert world.apply(UPDATE).generation == 2
    assert not world.apply(UPDATE).changed


def test_a_child_that_outlives_its_parent_holds_no_lock(world: World) -> None:
    """The lock's descriptor is closed on exec."""
    script = textwrap.dedent(
        f"""
        import os, subprocess, sys
        from pathlib import Path
        from recyclic.site.layout import Site
        from recyclic.site.lock import site_lock
        with site_lock(Site(Path({str(world.site.root)!r}))):
            quiet = subprocess.DEVNULL
            child = subprocess.Popen(["sleep", "20"], close_fds=False, stdout=quiet, stderr=quiet)
            print(child.pid, flush=True)
            os.kill(os.getpid(), 9)
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    try:
        assert world.apply(UPDATE).changed
    finally:
        os.kill(int(done.stdout), signal.SIGKILL)


def test_a_full_disk_for_real(tmp_path: Path, world: World) -> None:
    """With a limit of the kernel on the size of files, the same promise holds."""
    import resource

    plan, materials = world.plan(UPDATE)
    old = ApplyTrial(world, UPDATE, tmp_path / "p").picture()

    def act() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
        try:
            apply(plan, materials, Site(world.site.root, Disk()))
        except StepFailedError:
            return
        raise AssertionError("it should not fit")

    assert not killed(act)
    recover(world.site)
    assert ApplyTrial(world, UPDATE, tmp_path / "p").picture() == old
