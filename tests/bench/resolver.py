"""The resolver's time and memory on shapes w1 to w6, beside resolvelib, resolvo and uv.

    python tests/bench/resolver.py [--quick] [--only w1 w2] [--limit CPU_SECONDS]

Every figure is CPU time in a process of its own, the best of three: a busy machine does not show,
and a limit can end it. Peak memory is the whole process's, interpreter and shape included. Ours
is measured twice: from a catalog that decodes what is asked for, and from an index.json on disk,
read and decoded included; for every resolver in Python the garbage collector is set as the command
sets it. resolvelib (pip's resolver) gets the same catalog through a provider of
candidates, newest first; resolvo (rattler's) the same as repodata, its reading included; uv the
same as a folder of wheels, its whole process measured, with an empty cache and with a warm one.
Where one is not installed its column says so. Ratios are to ours; a proof that the conflict told
is the smallest, which nobody else gives, is part of ours.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.bench.resolver_rivals import RIVALS, Rival, nothing
from tests.bench.resolver_shapes import WORKLOADS, Workload

from recyclic.cli.collector import look_for_garbage_seldom
from recyclic.manifest.load import catalog_source, load_catalog
from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import Request
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.preferences import HostFacts
from recyclic.resolve.resolve import resolve

HOST = HostFacts(Version("1.0"), Version("3.12"))
MOST_BYTES = 2 << 30
QUICK = ("w1", "w4", "w5", "w5c", "w6")


class LazyCatalog:
    """Decodes on the first look-up, as an index does; reads no file."""

    def __init__(self, workload: Workload) -> None:
        self._index = workload.index
        self._versions: dict[Package, tuple[Version, ...]] = {}
        self._releases: dict[tuple[Package, Version], Release] = {}
        self._specifiers: dict[str, SpecifierSet] = {}

    def versions(self, package: Package) -> tuple[Version, ...]:
        if package not in self._versions:
            found = tuple(sorted(map(Version, self._index.get(package.name, ()))))
            self._versions[package] = found
        return self._versions[package]

    def release(self, package: Package, version: Version) -> Release:
        found = self._releases.get((package, version))
        if found is None:
            wanted = self._index[package.name][str(version)]
            found = Release(
                package,
                version,
                Place("index.json"),
                Origin(OriginKind.INDEX, "index.json"),
                requires=tuple(self.requirement(*each) for each in wanted.items()),
            )
            self._releases[package, version] = found
        return found

    def requirement(self, name: str, text: str) -> Requirement:
        if text not in self._specifiers:
            self._specifiers[text] = SpecifierSet(text)
        package = Package(PackageKind.MODULE, name)
        return Requirement(package, self._specifiers[text], Place("index.json"))

    def providers(self, capability: str) -> tuple[tuple[Package, Version], ...]:
        return ()

    def names(self, kind: PackageKind) -> Iterable[str]:
        return sorted(self._index)


def request_of(workload: Workload) -> Request:
    requirements = tuple(
        Requirement(
            Package(PackageKind.MODULE, name), SpecifierSet(text), Place("bench.toml", line)
        )
        for line, (name, text) in enumerate(workload.root.items(), 1)
    )
    return Request("bench", None, requirements)


def ours(workload: Workload, _: Path) -> bool:
    return _answers(workload, LazyCatalog(workload))


def ours_from_disk(workload: Workload, folder: Path) -> bool:
    return _answers(workload, load_catalog([catalog_source(folder / "index.json")]))


def _answers(workload: Workload, catalog: Catalog) -> bool:
    """Without looking for fixes: what the others do not do is not counted."""
    try:
        resolve(request_of(workload), catalog, HOST, fix_budget=0)
    except NoSolutionError:
        return False
    return True


def write_index(workload: Workload, folder: Path) -> None:
    modules = {
        name: {
            version: {
                "name": name,
                "description": "",
                "dependencies": {"modules": [f"{on}{text}" for on, text in wanted.items()]},
            }
            for version, wanted in versions.items()
        }
        for name, versions in workload.index.items()
    }
    (folder / "index.json").write_text(json.dumps({"format": 1, "modules": modules}))


SOLVERS: dict[str, Rival] = {
    "ours": Rival(nothing, ours),
    "from disk": Rival(write_index, ours_from_disk),
    **RIVALS,
}


def child(workload_name: str, solver: str, repeats: int, limit_s: float) -> None:
    """Measure one solver on one shape, and print what was measured."""
    workload = next(each() for each in WORKLOADS if each.__name__ == workload_name)
    look_for_garbage_seldom()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        SOLVERS[solver].prepare(workload, folder)
        _bound(limit_s * repeats)
        best = float("inf")
        for _ in range(repeats):
            start = cpu_s()
            verdict = SOLVERS[solver].answers(workload, folder)
            best = min(best, cpu_s() - start)
    peak = max(resource.getrusage(who).ru_maxrss for who in _COUNTED)
    right = verdict == workload.solvable
    print(json.dumps({"s": best, "mib": peak / 1024, "right": right}), flush=True)
    # Threads that a rival leaves behind crash an interpreter that shuts down in order.
    os._exit(0)


def _bound(seconds: float) -> None:
    """End this process, or the one it starts, when it takes more CPU time or memory than that."""
    allowed = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))


_COUNTED = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def cpu_s() -> float:
    """CPU seconds used so far by this process and those it waited for."""
    used = [resource.getrusage(who) for who in _COUNTED]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(workload: str, solver: str, limit_s: float, repeats: int) -> dict[str, Any] | str:
    """What the child printed, or why it printed nothing."""
    command = [sys.executable, __file__, "--limit", str(limit_s)]
    command += ["--child", workload, solver, str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    if done.returncode == -signal.SIGXCPU:
        return f"> {limit_s:.0f} s"
    for sign, told in _FAILURES.items():
        if sign in done.stderr:
            return told
    return f"failed: {done.returncode} {done.stderr.strip().rpartition(chr(10))[2]}"


_FAILURES = {
    "ModuleNotFoundError": "not installed",
    "MemoryError": f"> {MOST_BYTES >> 30} GiB",
}


def _cell(found: dict[str, Any] | str, base: dict[str, Any] | str) -> str:
    if isinstance(found, str):
        return found
    ratio = (
        f" ({found['s'] / base['s']:.1f} x)" if isinstance(base, dict) and found is not base else ""
    )
    return f"{found['s']:.3f} s{ratio}{'' if found['right'] else ' WRONG'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the small shapes, once each")
    parser.add_argument("--only", nargs="*", default=None, metavar="SHAPE")
    parser.add_argument("--limit", type=float, default=60.0, metavar="CPU_SECONDS")
    parser.add_argument("--child", nargs=3, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        shape, solver, repeats = options.child
        child(shape, solver, int(repeats), options.limit)
        return
    wanted = options.only or (QUICK if options.quick else [each.__name__ for each in WORKLOADS])
    limit, often = (10.0, 1) if options.quick else (options.limit, 3)
    rivals = [name for name, each in RIVALS.items() if each.quick or not options.quick]
    print(f"| shape | releases | ours | from disk | peak | {' | '.join(rivals)} |")
    print("|---" * (5 + len(rivals)) + "|")
    for make in WORKLOADS:
        if make.__name__ in wanted:
            print(_row(make(), limit, often, rivals), flush=True)


def _row(workload: Workload, limit: float, repeats: int, names: Iterable[str]) -> str:
    mine = measured(workload.name, "ours", limit, repeats)
    disk = measured(workload.name, "from disk", limit, repeats)
    rivals = [measured(workload.name, rival, limit, 1) for rival in names]
    memory = f"{disk['mib']:.0f} MiB" if isinstance(disk, dict) else "-"
    cells = [
        f"{workload.name} {workload.about}",
        f"{workload.releases:,}",
        _cell(mine, mine),
        _cell(disk, mine),
        memory,
        *(_cell(rival, mine) for rival in rivals),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
