"""A site in one archive: made from wheels at hand, carried to a machine that has nothing at all."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from tests.fakes.wheels import write_wheel
from tests.integration.cli.command import Done, recyclic, start_recyclic, write_bundle, write_module

NEEDS = '[dependencies]\npython = ["weighbridge<2"]\n'
USES = "import weighbridge\nfrom recyclic import ModuleBase\n\nclass Till(ModuleBase): ...\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A module that needs a distribution which no index has, and a folder with its wheels."""
    made = tmp_path / "here"
    module = write_module(made / "modules", "till", extra=NEEDS)
    (module / "__init__.py").write_text(f"{USES}\nMODULE_CLASS = Till\n")
    (module / "run.sh").write_text("#!/bin/sh\n")
    (module / "run.sh").chmod(0o755)
    write_bundle(made, "shop", '[modules]\ntill = "*"\n')
    for version in ("1.0", "1.1", "2.0"):
        write_wheel(made / "wheels", "weighbridge", version)
    return made


def packed(project: Path, *options: str) -> Done:
    wheels = ("--offline", "--find-links", str(project / "wheels"))
    return recyclic(project, "pack", "bundle", "shop", "-o", "shop.rcy", *wheels, *options)


def bare_machine(folder: Path) -> dict[str, str]:
    """The environment of a machine on which nothing was ever fetched or kept."""
    home = folder / "home"
    home.mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "TMPDIR": str(home), "NO_COLOR": "1"}


def without_network(*command: str) -> list[str]:
    """``command`` in a network of its own with nothing in it, where the system lets us."""
    line = [shutil.which("unshare") or "unshare", "--map-root-user", "--net"]
    try:
        alone = subprocess.run([*line, "true"], capture_output=True, timeout=20)
    except OSError:
        return list(command)
    return [*line, *command] if alone.returncode == 0 else list(command)


def test_an_archive_is_all_that_a_bare_machine_needs(project: Path, tmp_path: Path) -> None:
    """No network, no cache, no wheel folder, no project: code, requirements and configuration come
    out of the archive, and the module's import works. Packed again, it is the same bytes."""
    done = packed(project)
    assert done.status == 0, done.err
    archive = project / "shop.rcy"
    first = archive.read_bytes()
    assert packed(project).status == 0
    assert archive.read_bytes() == first
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    assert "wheels/weighbridge-1.1-py3-none-any.whl" in names
    assert not [path.name for path in project.iterdir() if path.name.startswith(".shop")]

    there = tmp_path / "there"
    environment = bare_machine(there)
    shutil.copy(archive, there)
    shutil.rmtree(project)
    applied = subprocess.run(
        without_network(
            *(sys.executable, "-m", "recyclic", "apply", "shop.rcy", "--offline", "--yes")
        ),
        cwd=there,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert applied.returncode == 0, applied.stdout + applied.stderr
    live = there / ".recyclic/shop/current"
    asked = [str(live / "env/bin/python"), "-c", "import weighbridge; print(weighbridge.VERSION)"]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == "1.1\n"
    assert os.access(live / "modules/till/run.sh", os.X_OK)
    again = subprocess.run(
        [sys.executable, "-m", "recyclic", "apply", "shop.rcy", "--offline", "--yes"],
        cwd=there,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (again.returncode, "Nothing to do" in again.stdout) == (0, True)


def test_a_distribution_without_a_wheel_for_this_machine_is_told(project: Path) -> None:
    """Nothing is written; the name of what is missing is."""
    shutil.rmtree(project / "wheels")
    write_wheel(project / "wheels", "weighbridge", "1.0", tag="cp39-cp39-win32")
    done = packed(project)
    assert (done.status, "weighbridge" in done.err) == (1, True)
    assert not (project / "shop.rcy").exists()


def test_a_wheel_that_was_exchanged_is_not_packed(project: Path) -> None:
    """The lock was made with the first one; its hash holds."""
    assert (
        recyclic(
            project, "apply", "bundle", "shop", "--yes", "--offline", "--find-links", "wheels"
        ).status
        == 0
    )
    wheel = project / "wheels/weighbridge-1.1-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = packed(project)
    assert done.status == 1, done.out
    assert not (project / "shop.rcy").exists()


def test_an_archive_for_another_machine_is_refused_before_anything_is_made(
    project: Path, tmp_path: Path
) -> None:
    """With the names of the wheels that do not fit; the site's folder is not even begun."""
    assert packed(project).status == 0
    old, new = "weighbridge-1.1-py3-none-any.whl", "weighbridge-1.1-cp39-cp39-win32.whl"
    with tempfile_archive(project / "shop.rcy", tmp_path / "other") as folder:
        (folder / "wheels" / old).rename(folder / "wheels" / new)
        contents = (folder / "recyclic.json").read_text()
        (folder / "recyclic.json").write_text(contents.replace(old, new))
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy(project / "shop.rcy", there)
    done = recyclic(there, "apply", "shop.rcy", "--yes")
    assert (done.status, "RCY-A023" in done.err, new in done.err) == (1, True, True)
    assert not (there / ".recyclic").exists()


class tempfile_archive:  # noqa: N801 - reads as a function
    """The archive's content as a folder, packed again with what was changed in it."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self._archive, self._folder = archive, folder

    def __enter__(self) -> Path:
        with tarfile.open(self._archive) as opened:
            opened.extractall(self._folder, filter="data")
        return self._folder

    def __exit__(self, *exc_info: object) -> None:
        with tarfile.open(self._archive, "w:gz") as made:
            for path in sorted(self._folder.rglob("*")):
                if path.is_file():
                    made.add(path, str(path.relative_to(self._folder)))


def big(project: Path) -> None:
    """Make packing take a while: bytes that do not compress."""
    (project / "modules/till/large.bin").write_bytes(os.urandom(12 << 20))


def packing(project: Path) -> subprocess.Popen[str]:
    """``pack``, begun, and so far that the unfinished archive lies there."""
    begun = start_recyclic(
        project,
        *("pack", "bundle", "shop", "-o", "shop.rcy"),
        *("--offline", "--find-links", str(project / "wheels")),
    )
    partial = project / ".shop.rcy.new"
    deadline = time.monotonic() + 40
    while not (partial.exists() and partial.stat().st_size > 100_000):
        assert begun.poll() is None, begun.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return begun


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_interrupted_it_leaves_nothing(project: Path, number: signal.Signals) -> None:
    """An older archive of that name stays as it was; exit code 130."""
    assert packed(project).status == 0
    old = (project / "shop.rcy").read_bytes()
    big(project)
    begun = packing(project)
    begun.send_signal(number)
    out, err = begun.communicate(timeout=40)
    assert begun.returncode == 130, out + err
    assert (project / "shop.rcy").read_bytes() == old
    assert not list(project.glob(".*.new"))


def test_what_a_kill_leaves_goes_with_the_next_archive(project: Path) -> None:
    """Whatever its name; one that somebody writes now stays, and is not written twice."""
    big(project)
    begun = packing(project)
    begun.kill()
    begun.communicate()
    assert (project / ".shop.rcy.new").exists()
    (project / "modules/till/large.bin").unlink()
    wheels = ("--offline", "--find-links", "wheels")
    other = recyclic(project, "pack", "bundle", "shop", "-o", "other.rcy", *wheels)
    assert other.status == 0, other.err
    assert not list(project.glob(".*.new"))

    big(project)
    begun = packing(project)
    begun.send_signal(signal.SIGSTOP)
    try:
        second = packed(project)
        third = recyclic(project, "pack", "bundle", "shop", "-o", "third.rcy", *wheels)
    finally:
        begun.send_signal(signal.SIGCONT)
        out, err = begun.communicate(timeout=60)
    assert begun.returncode == 0, out + err
    assert (second.status, "RCY-A024" in second.err) == (1, True)
    assert third.status == 0, third.err
    with tarfile.open(project / "shop.rcy") as opened:
        assert "modules/till/large.bin" in opened.getnames()
