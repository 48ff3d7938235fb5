"""Disks, clocks and networks that let a site down: it is as it was, or as planned, and says why."""

import errno
import http.server
import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path

import pytest
from tests.fakes.apply_world import World
from tests.fakes.full_disk import FullDisk
from tests.fakes.memory_folder import memory_folder
from tests.fakes.site_changes import CHANGES, FIRST, SECOND, made, sell
from tests.fakes.wheels import write_wheel
from tests.integration.cli.command import Done, recyclic, write_bundle, write_module

from recyclic.apply import apply as applying
from recyclic.apply import doctor, transaction
from recyclic.apply.apply import apply
from recyclic.apply.errors import StepFailedError
from recyclic.apply.history import read_history
from recyclic.apply.journal import is_in_flight
from recyclic.apply.kill_test import Counter, Killer, Point, Side, killed
from recyclic.apply.recover import recover
from recyclic.apply.rollback import DataChoice, losses, plan_rollback
from recyclic.site.disk import Disk
from recyclic.site.layout import Site


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one."""
    with memory_folder() as folder:
        yield folder


# -- a disk that is full ---------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANGES)
def test_a_disk_that_fills_up_at_any_write_changes_nothing_or_everything(
    name: str, memory: Path
) -> None:
    """Every change of a site, the disk full from each of its operations on: undone, and never set
    aside; or, once it was committed, finished by the next run."""
    trial = made(memory, CHANGES[name])
    old = trial.picture()
    counter = Counter()
    trial.run(counter)
    new = trial.picture()
    outcomes = {"undone": 0, "finished": 0}
    for number in range(0, len(counter.operations), 2):
        trial.reset()
        try:
            trial.run(FullDisk(number))
            recover(trial.world.site)
            assert trial.picture() == new, counter.operations[number]
            outcomes["finished"] += 1
        except StepFailedError as error:
            cause = error.__cause__
            assert isinstance(cause, OSError)
            assert cause.errno == errno.ENOSPC
            assert not error.facts["quarantined"]
            assert trial.picture() == old, counter.operations[number]
            outcomes["undone"] += 1
        assert not is_in_flight(trial.world.site)
    assert outcomes["undone"] > 10
    assert outcomes["finished"] > 1


# -- a folder that cannot be written ---------------------------------------------------------

SOMEBODY = 65534


@pytest.mark.parametrize("folder", [".", "journal", "generations", "store"])
def test_a_folder_that_the_kernel_does_not_let_us_write_changes_nothing(
    folder: str, memory: Path
) -> None:
    """Refused or undone; the site is as it was, to the byte, and the path is told."""
    world = World(memory)
    world.apply(FIRST)
    plan, materials = world.plan(SECOND)
    before = pictured(world.site)
    give_away(memory)
    read_only = world.site.root / folder
    read_only.chmod(0o555)

    def act() -> None:
        if os.geteuid() == 0:
            os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
        try:
            apply(plan, materials, Site(world.site.root))
        except PermissionError as error:
            assert str(world.site.root) in str(error.filename)
            return
        except StepFailedError as error:
            assert isinstance(error.__cause__, PermissionError)
            return
        raise AssertionError("it could be written")

    assert not killed(act)
    read_only.chmod(0o755)
    assert not is_in_flight(world.site)
    assert pictured(world.site) == before


def pictured(site: Site) -> dict[str, bytes]:
    """Every file of the site but the journal's, with its content."""
    return {
        str(path.relative_to(site.root)): path.read_bytes()
        for path in sorted(site.root.rglob("*"))
        if path.is_file() and "journal" not in path.parts and path.name != "log.ndjson"
    }


def give_away(folder: Path) -> None:
    """Let somebody without rights own all of it, as the site's user owns the site."""
    if os.geteuid() == 0:
        folder.chmod(0o755)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)


# -- a clock that jumps back -----------------------------------------------------------------


class Earlier(datetime):
    """A clock that somebody has set back by ten years."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Earlier":
        """The time there."""
        past = datetime.now(tz) - timedelta(days=3653)
        return cls.fromtimestamp(past.timestamp(), tz)


def test_a_clock_that_jumps_back_changes_no_order(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after stays after: numbers, the history, the way back and recovery go by what is
    written down, not by when. The doctor says that the clock is wrong."""
    world = World(memory)
    world.apply(FIRST)
    sell(world, "before")
    monkeypatch.setattr(applying, "datetime", Earlier)
    monkeypatch.setattr(transaction, "datetime", Earlier)
    monkeypatch.setattr("time.time", lambda: Earlier.now(UTC).timestamp())
    world.apply(SECOND)
    sell(world, "after")
    first, second = read_history(world.site)
    assert first["ended"] > second["ended"]
    assert [first["generation"], second["generation"]] == [1, 2]
    plan, materials = plan_rollback(world.site, 1, data=DataChoice.RESTORE)
    assert [loss.module for loss in losses(world.site, plan)] == ["caisse"]
    dying = Site(world.site.root, Disk(Killer(Point(30, Side.AFTER))))
    assert killed(lambda: apply(plan, materials, dying))
    report = recover(world.site)
    assert report is not None
    assert (report.result, report.live) == ("undone", 2)
    apply(plan, materials, world.site)
    assert (world.site.data / "caisse" / "receipt.txt").read_text() == "before"
    wrong = [found.code for found in doctor.examine(world.site) if not found.is_well]
    assert wrong == ["RCY-A105"]


# -- a network that stops in the middle ------------------------------------------------------


class Broken(http.server.BaseHTTPRequestHandler):
    """Serves files, and stops half way through those whose paths are in ``stops``."""

    files: dict[str, bytes]
    stops: dict[str, str]

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        how = self.stops.get(self.path, "")
        self.send_response(200)
        kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if how else content)
        self.wfile.flush()
        if how == "stands still":
            self.server.over.wait(30)  # type: ignore[attr-defined]
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@contextmanager
def network(files: dict[str, bytes], stops: dict[str, str]) -> Iterator[str]:
    """The address of a server on loopback; what ``stops`` holds may change meanwhile."""
    handler = type("Handler", (Broken,), {"files": files, "stops": stops})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


def tarred(name: str) -> bytes:
    """A module as an artifact."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in (
            ("module.toml", f'name = "{name}"\nversion = "1.0"\n'),
            ("__init__.py", "from recyclic import ModuleBase\n\nMODULE_CLASS = ModuleBase\n"),
            ("large.bin", os.urandom(200_000).hex()),
        ):
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


@pytest.mark.parametrize("how", ["ends", "stands still"])
def test_an_artifact_that_stops_half_way_is_no_artifact(how: str, tmp_path: Path) -> None:
    """Nothing is changed and nothing half is kept; once the network is whole, it goes through."""
    artifact = tarred("anvil")
    files, stops = {"/anvil.tar.gz": artifact}, {"/anvil.tar.gz": how}
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\n')
    with network(files, stops) as address:
        index = {
            "format": 1,
            "modules": {
                "anvil": {
                    "1.0": {
                        "name": "Anvil",
                        "version": "1.0",
                        "artifact": {
                            "url": f"{address}/anvil.tar.gz",
                            "sha256": sha256(artifact).hexdigest(),
                        },
                    }
                }
            },
        }
        (tmp_path / "index.json").write_text(json.dumps(index))

        def apply_it() -> Done:
            cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "UV_HTTP_TIMEOUT": "2"}
            line = ("apply", "bundle", "forge", "--yes", "--catalog", "index.json")
            return recyclic(tmp_path, *line, **cache)

        refused = apply_it()
        assert (refused.status, "RCY-A013" in refused.err) == (1, True), refused.err
        assert not (tmp_path / ".recyclic").exists()
        assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        stops.clear()
        assert apply_it().status == 0


def test_a_wheel_that_stops_half_way_undoes_everything(tmp_path: Path) -> None:
    """uv's download breaks off while ``env/`` is built: exit code 3, the old site, and the plan is
    not set aside, so that the same command goes through when the network is back."""
    wheel = write_wheel(tmp_path / "wheels", "weighbridge", "1.0")
    name, content = wheel.name, wheel.read_bytes()
    info = b"Metadata-Version: 2.1\nName: weighbridge\nVersion: 1.0\n"
    link = (
        f'<a href="/files/{name}#sha256={sha256(content).hexdigest()}"'
        f' data-core-metadata="sha256={sha256(info).hexdigest()}">{name}</a>'
    )
    files = {
        "/simple/weighbridge/": f"<!DOCTYPE html><html><body>{link}</body></html>".encode(),
        f"/files/{name}": content,
        f"/files/{name}.metadata": info,
    }
    stops: dict[str, str] = {}
    write_module(tmp_path / "modules", "till")
    write_bundle(tmp_path, "shop", '[modules]\ntill = "*"\n')
    with network(files, stops) as address:
        environment = {
            "UV_DEFAULT_INDEX": f"{address}/simple",
            "UV_CACHE_DIR": str(tmp_path / "uv"),
            "UV_HTTP_RETRIES": "0",
        }
        first = recyclic(tmp_path, "apply", "bundle", "shop", "--yes", **environment)
        assert first.status == 0, first.err
        write_module(
            tmp_path / "modules", "till", "1.1", '[dependencies]\npython = ["weighbridge"]\n'
        )
        stops[f"/files/{name}"] = "ends"
        broken = recyclic(tmp_path, "apply", "bundle", "shop", "--yes", **environment)
        assert (broken.status, "the Python environment could not be built" in broken.err) == (
            3,
            True,
        )
        assert (tmp_path / ".recyclic/shop/current").resolve().name == "000001"
        stops.clear()
        done = recyclic(tmp_path, "apply", "bundle", "shop", "--yes", **environment)
        assert done.status == 0, done.err
        assert next((tmp_path / ".recyclic/shop/current/env").rglob("weighbridge.py")).is_file()
