"""What an apply costs: nothing to do, a first install, an update; against bare Python and uv.

python tests/bench/apply.py [--quick]
"""

import argparse
import resource
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
from tests.fakes.event_servers import VALKEY, running  # noqa: E402
from tests.fakes.served_till import Load, handled, loaded, write_till  # noqa: E402
from tests.integration.served_site import served  # noqa: E402

from recyclic.apply.kill_test import Counter  # noqa: E402
from recyclic.apply.prune import disk_bytes  # noqa: E402

APPLY = (sys.executable, "-m", "recyclic", "apply")


def cpu_seconds() -> float:
    """Spent so far by this process and the children it has waited for. Not the clock on the wall:
    on a machine that others use as well, that says more about them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def taken(action: Callable[[], object]) -> float:
    """Seconds of CPU for one run."""
    start = cpu_seconds()
    action()
    return cpu_seconds() - start


def seconds(action: Callable[[], object], rounds: int) -> float:
    """The median of so many runs."""
    return statistics.median(taken(action) for _ in range(rounds))


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
    apply = (*APPLY, "bundle", "one.toml", "--yes")
    first = taken(lambda: run(*apply, cwd=made))
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


def second_generation(folder: Path) -> list[tuple[str, float, int]]:
    """A generation with the Python requirements of the one before: CPU, and bytes on disk."""
    made = project(folder / "again")
    rows = []
    for version in ("first", "second, same requirements"):
        manifest = made / "modules" / "caisse" / "__init__.py"
        manifest.write_text(manifest.read_text() + f"# {version}\n")
        before = disk_bytes(made / ".recyclic")
        used = taken(lambda: run(*APPLY, "bundle", "one.toml", "--yes", cwd=made))
        rows.append((version, used, disk_bytes(made / ".recyclic") - before))
    return rows


def under_load(folder: Path, updates: int) -> tuple[Load, int, float]:
    """Clients of a served site during so many updates, each followed by one that cannot start:
    what they saw, how many events were lost, and the longest answer."""
    made = folder / "served"
    (made / "bundles").mkdir(parents=True)
    (made / "profiles").mkdir()
    (made / "bundles/shop.toml").write_text(
        'name = "shop"\nversion = "1.0.0"\n[modules]\ntill = "*"\n'
    )
    write_till(made / "modules", "0")
    with running(VALKEY, folder / "server") as server:
        (made / "profiles/shop.toml").write_text(
            f'site = "shop"\nbundle = "shop"\n[events]\nurl = "{server.url}"\n'
        )
        apply = (*APPLY, "profile", "shop", "--yes")
        run(*apply, cwd=made)
        with served(made, "--workers", "2", "--grace", "5") as address, loaded(address) as load:
            for number in range(1, updates + 1):
                write_till(made / "modules", str(number))
                run(*apply, cwd=made)
                write_till(made / "modules", f"{number}.1", more="raise RuntimeError")
                assert subprocess.run(apply, cwd=made, capture_output=True).returncode == 3
            wait = time.monotonic() + 20
            while load.sold - handled(made / ".recyclic/shop").keys() and time.monotonic() < wait:
                time.sleep(0.05)
    return load, len(load.sold - handled(made / ".recyclic/shop").keys()), load.slowest_s


def show(title: str, rows: list[tuple[str, float]]) -> None:
    """A table with ratios to its first row."""
    print(f"\n{title}")
    for name, used in rows:
        print(f"  {name:<44} {used * 1000:9.1f} ms {used / rows[0][1]:7.1f} x")


def show_load(updates: int, folder: Path) -> None:
    """What clients of a served site saw."""
    load, lost, slowest_s = under_load(folder, updates)
    print(f"\nServed by 2 workers; {updates} updates, and {updates} more that are undone")
    print(f"  requests {load.requests}, failed {len(load.failures)}", end="; ")
    print(f"events {len(load.sold)}, lost {lost}; slowest answer {slowest_s * 1000:.0f} ms")


def show_environments(folder: Path) -> None:
    """What a second generation with the same Python requirements costs."""
    print("\nA generation with env/ (SQLAlchemy, tzdata)")
    for name, used, size in second_generation(folder):
        print(f"  {name:<44} {used * 1000:9.1f} ms {size / 1e6:9.2f} MB")


PARTS = ("command", "process", "environment", "served")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    rounds, parts = 3 if options.quick else 15, options.only.split(",")
    with tempfile.TemporaryDirectory(prefix="recyclic-bench-") as temporary:
        folder = Path(temporary)
        if "command" in parts:
            show("Command line, CPU", command_line(folder, rounds))
        if "process" in parts:
            show("In one process, on this disk, CPU", in_process(folder, rounds))
            print(f"\nOperations on the disk for an update of one module: {operations(folder)}")
        if "environment" in parts:
            show_environments(folder)
        if "served" in parts:
            show_load(1 if options.quick else 5, folder)


if __name__ == "__main__":
    main()
