"""What an apply costs: nothing to do, a first install, an update; against bare Python and uv.

python tests/bench/apply.py [--quick]
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import uv

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.fakes.apply_world import Wish, World  # noqa: E402 - found from anywhere

from recyclic.apply.kill_test import Counter  # noqa: E402


def seconds(action: Callable[[], object], rounds: int) -> float:
    """The median of so many runs."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def run(*command: str, cwd: Path) -> None:
    """Run one command to its successful end."""
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)


def project(folder: Path) -> Path:
    """A project with one of our modules, and its Python requirements."""
    made = folder / "project"
    (made / "bundles").mkdir(parents=True)
    shutil.copytree(ROOT / "modules" / "caisse", made / "modules" / "caisse")
    (made / "bundles" / "one.toml").write_text(
        'name = "one"\nversion = "1.0.0"\n[modules]\ncaisse = "*"\n'
    )
    return made


def uv_project(folder: Path) -> Path:
    """A uv project that needs the same distribution, synced once."""
    made = folder / "uv"
    made.mkdir()
    (made / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["sqlalchemy>=2.0.36,<3", "tzdata"]\n'
    )
    run(uv.find_uv_bin(), "sync", "--quiet", "--python", sys.executable, cwd=made)
    return made


def command_line(folder: Path, rounds: int) -> list[tuple[str, float]]:
    """The whole command, from outside, with nothing to do and with everything to do."""
    made, synced = project(folder), uv_project(folder)
    apply = (sys.executable, "-m", "recyclic", "apply", "bundle", "one.toml", "--yes")
    start = time.perf_counter()
    run(*apply, cwd=made)
    first = time.perf_counter() - start
    return [
        ("python -c pass", seconds(lambda: run(sys.executable, "-c", "pass", cwd=made), rounds)),
        (
            "uv sync, nothing to do",
            seconds(lambda: run(uv.find_uv_bin(), "sync", "--quiet", cwd=synced), rounds),
        ),
        ("recyclic apply, nothing to do", seconds(lambda: run(*apply, cwd=made), rounds)),
        ("recyclic apply, first install with env/", first),
    ]


def in_process(folder: Path, rounds: int) -> list[tuple[str, float]]:
    """The stages alone, without starting Python, on a site of eight small modules."""
    world = World(folder / "world")
    world.folder.mkdir()
    wishes = [Wish({f"m{n}": version for n in range(8)}) for version in ("1", "2")]
    world.apply(wishes[0])
    turn = [0]

    def update() -> None:
        turn[0] += 1
        world.apply(wishes[turn[0] % 2])

    copied = folder / "copy"

    def copy() -> None:
        shutil.rmtree(copied, ignore_errors=True)
        shutil.copytree(world.site.generation(1).modules, copied, symlinks=True)

    return [
        ("copy the eight modules (shutil, no fsync)", seconds(copy, rounds)),
        ("plan, nothing to do", seconds(lambda: world.plan(wishes[turn[0] % 2]), rounds)),
        ("update of eight modules", seconds(update, rounds)),
    ]


def operations(folder: Path) -> int:
    """How many operations on the disk an update of one module is."""
    world = World(folder / "count")
    world.folder.mkdir()
    world.apply(Wish({"caisse": "1"}))
    counter = Counter()
    world.apply(Wish({"caisse": "2"}), counter)
    return len(counter.operations)


def show(title: str, rows: list[tuple[str, float]]) -> None:
    """A table with ratios to its first row."""
    print(f"\n{title}")
    for name, taken in rows:
        print(f"  {name:<44} {taken * 1000:9.1f} ms {taken / rows[0][1]:7.1f} x")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    rounds = 3 if parser.parse_args().quick else 15
    with tempfile.TemporaryDirectory(prefix="recyclic-bench-") as temporary:
        folder = Path(temporary)
        show("Command line", command_line(folder, rounds))
        show("In one process, on this disk", in_process(folder, rounds))
        print(f"\nOperations on the disk for an update of one module: {operations(folder)}")


if __name__ == "__main__":
    main()
