"""What a site remembers and who holds it, told to people: in both languages, by their own clock."""

import fcntl
import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, write_bundle, write_module

COUNTS = '[counts]\nsales = "SELECT count(*) FROM sale"\nrefunds = "SELECT count(*) FROM refund"\n'
FRENCH = {"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A till in a git repository, at its second generation, with two sales since the first."""
    write_module(tmp_path / "modules", "till", extra=COUNTS)
    write_bundle(tmp_path, "shop", '[modules]\ntill = "*"\n')
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "bundles")
    git(tmp_path, "commit", "--quiet", "--message=first")
    assert recyclic(tmp_path, "apply", "bundle", "shop", "--yes").status == 0
    sell(tmp_path, "lamp")
    write_module(tmp_path / "modules", "till", "1.1.0", extra=COUNTS)
    assert recyclic(tmp_path, "apply", "bundle", "shop", "--yes").status == 0
    sell(tmp_path, "chair")
    sell(tmp_path, "table")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    line = ["git", "-c", "user.name=Anne", "-c", "user.email=anne@example.org", *arguments]
    done = subprocess.run(line, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def sell(project: Path, what: str) -> None:
    folder = project / ".recyclic/shop/data/till"
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "till.sqlite")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS sale (what TEXT)")
        database.execute("CREATE TABLE IF NOT EXISTS refund (what TEXT)")
        database.execute("INSERT INTO sale VALUES (?)", (what,))


def test_going_back_says_what_is_lost_and_the_history_what_was_done(project: Path) -> None:
    """In the module's own terms, since a time on the reader's clock; then a line with the bundle,
    the commit, who and when, and where it went back to."""
    site = project / ".recyclic/shop"
    told = recyclic(project, "rollback", "--data", "restore")
    assert told.status == 64, "nobody was asked"
    started = json.loads((site / "generations/000002/receipt.json").read_text())["started"]
    clock = datetime.fromisoformat(started).astimezone().strftime("%H:%M")
    assert f"till: its data goes back to {clock}; lost: 2 sales" in told.err
    en_francais = recyclic(project, "rollback", "--data", "restore", "--yes", **FRENCH)
    assert en_francais.status == 0, en_francais.err
    assert f"ses données reviennent à {clock}\u00a0; perdu\u00a0: 2 sales" in en_francais.err

    commit = git(project, "rev-parse", "--short=12", "HEAD")
    lines = recyclic(project, "history").out.splitlines()
    assert lines[0].split() == ["number", "when", "result", "bundle", "commit", "who"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3"]
    assert all("shop 1.0.0" in line and commit in line for line in lines[1:])
    assert "back to 1" in lines[3]
    assert datetime.now().astimezone().strftime("%H:") in lines[3]
    assert "retour à 1" in recyclic(project, "history", **FRENCH).out
    entries = recyclic(project, "history", "--json").document["history"]
    assert [entry["generation"] for entry in entries] == [1, 2, 3]
    assert {"bundle", "bundle_version", "commit", "who", "started", "ended", "result"} <= set(
        entries[2]
    )


def test_whoever_holds_the_site_is_named(project: Path) -> None:
    """By name, process, time and step; with exit code 5, at once or after the time allowed."""
    since = "2026-05-04T03:02:01+00:00"
    holder = {"who": "anne", "pid": 4242, "since": since, "step": "build-environment"}
    clock = datetime.fromisoformat(since).astimezone().strftime("%Y-%m-%d %H:%M")
    with (project / ".recyclic/shop/journal/lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps(holder).encode() + b"\n")
        lock.truncate()
        lock.flush()
        refused = recyclic(project, "prune")
        assert refused.status == 5
        assert f"anne (process 4242) since {clock}, step build-environment" in refused.err
        late = recyclic(project, "rollback", "--yes", "--lock-timeout", "0.2", **FRENCH)
        assert late.status == 5
        assert "attend l'exécution de anne (processus 4242" in late.err
        assert recyclic(project, "uninstall", "--yes").status == 5
        assert recyclic(project, "status").status == 0, "reading waits for nobody"


def test_a_newer_versions_journal_stops_every_change_and_nothing_is_touched(project: Path) -> None:
    """Exit code 4, and the way out; looking is still possible."""
    site = project / ".recyclic/shop"
    journal = site / "journal/transaction.ndjson"
    journal.write_text('{"record":"begin","format":2,"transaction":"x"}\n')
    before = {path: path.lstat().st_mtime_ns for path in site.rglob("*")}
    for line in (
        ("apply", "bundle", "shop", "--yes"),
        ("recover",),
        ("serve", "--port", "0"),
    ):
        done = recyclic(project, *line)
        assert (done.status, "RCY-A004" in done.err) == (4, True), line
    assert recyclic(project, "status").status == 0
    after = {path: path.lstat().st_mtime_ns for path in site.rglob("*")}
    changed = {
        path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    }
    assert changed <= {"lock", "till", "till.sqlite-shm", "till.sqlite-wal"}
