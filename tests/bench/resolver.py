"""The resolver's time and memory on shapes w1 to w6, beside resolvelib's and resolvo's.

    python tests/bench/resolver.py [--quick] [--only w1 w2] [--limit SECONDS]

Every figure is CPU time in a process of its own, the best of three: a busy machine does not show,
and a limit can end it. Peak memory is the whole process's, interpreter and shape included. Ours
is measured twice: from a catalog that decodes what is asked for, and from an index.json on disk,
read and decoded included. resolvelib (pip's resolver) gets the same catalog through a provider of
candidates, newest first; resolvo (rattler's) the same as repodata, its reading included; where
either is not installed its column stays empty. Ratios are to ours.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.bench.resolver_shapes import WORKLOADS, Workload

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
QUICK = ("w1", "w4", "w5", "w5c", "w6")
RIVALS = ("resolvelib", "resolvo")


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


def with_resolvelib(workload: Workload, _: Path) -> bool:
    import resolvelib

    class Provider(resolvelib.AbstractProvider[Any, Any, str]):
        """Candidates are (name, version); requirements (name, specifier)."""

        def identify(self, requirement_or_candidate: Any) -> str:
            return str(requirement_or_candidate[0])

        def get_preference(
            self,
            identifier: str,
            resolutions: Any,
            candidates: Mapping[str, Iterator[Any]],
            information: Any,
            backtrack_causes: Any,
        ) -> Any:
            return (sum(1 for _ in candidates[identifier]), identifier)

        def find_matches(self, identifier: str, requirements: Any, incompatibilities: Any) -> Any:
            specifiers = [each[1] for each in requirements[identifier]]
            banned = {each[1] for each in incompatibilities[identifier]}
            return [
                (identifier, version)
                for version in reversed(versions(identifier))
                if version not in banned and all(s.contains(version) for s in specifiers)
            ]

        def is_satisfied_by(self, requirement: Any, candidate: Any) -> bool:
            return bool(requirement[1].contains(candidate[1]))

        def get_dependencies(self, candidate: Any) -> Any:
            wanted = workload.index[candidate[0]][str(candidate[1])]
            return [(name, specifier(text)) for name, text in wanted.items()]

    known: dict[str, list[Version]] = {}
    specifiers: dict[str, SpecifierSet] = {}

    def versions(name: str) -> list[Version]:
        if name not in known:
            known[name] = sorted(map(Version, workload.index.get(name, ())))
        return known[name]

    def specifier(text: str) -> SpecifierSet:
        return specifiers.setdefault(text, SpecifierSet(text))

    solver: Any = resolvelib.Resolver(Provider(), resolvelib.BaseReporter())
    wanted = [(name, specifier(text)) for name, text in workload.root.items()]
    try:
        solver.resolve(wanted, max_rounds=10_000_000)
    except resolvelib.ResolutionImpossible:
        return False
    return True


def write_repodata(workload: Workload, folder: Path) -> None:
    packages = {}
    for name, versions in workload.index.items():
        for version, wanted in versions.items():
            packages[f"{name}-{version}-0.tar.bz2"] = {
                "name": name,
                "version": version,
                "build": "0",
                "build_number": 0,
                "depends": [_match_spec(*each) for each in wanted.items()],
                "subdir": "noarch",
                "md5": "0" * 32,
                "sha256": "0" * 64,
                "size": 1,
            }
    (folder / "noarch").mkdir()
    document = {"info": {"subdir": "noarch"}, "packages": packages, "packages.conda": {}}
    (folder / "noarch" / "repodata.json").write_text(json.dumps(document))


def _match_spec(name: str, text: str) -> str:
    return f"{name} {text}" if text else name


def with_resolvo(workload: Workload, folder: Path) -> bool:
    import asyncio

    import rattler
    from rattler.exceptions import SolverError

    repodata = rattler.SparseRepoData(
        rattler.Channel(folder.as_uri()), "noarch", str(folder / "noarch" / "repodata.json")
    )
    specs = [rattler.MatchSpec(_match_spec(*each)) for each in workload.root.items()]
    try:
        asyncio.run(rattler.solve_with_sparse_repodata(specs, [repodata]))
    except SolverError:
        return False
    return True


SOLVERS: dict[str, Callable[[Workload, Path], bool]] = {
    "ours": ours,
    "from disk": ours_from_disk,
    "resolvelib": with_resolvelib,
    "resolvo": with_resolvo,
}
WRITERS = {"from disk": write_index, "resolvo": write_repodata}


def child(workload_name: str, solver: str, repeats: int) -> None:
    """Measure one solver on one shape, and print what was measured."""
    workload = next(each() for each in WORKLOADS if each.__name__ == workload_name)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if solver in WRITERS:
            WRITERS[solver](workload, folder)
        best = float("inf")
        for _ in range(repeats):
            start = time.process_time()
            verdict = SOLVERS[solver](workload, folder)
            best = min(best, time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    right = verdict == workload.solvable
    print(json.dumps({"s": best, "mib": peak / 1024, "right": right}))


def measured(workload: str, solver: str, limit_s: float, repeats: int) -> dict[str, Any] | str:
    """What the child printed, or why it printed nothing."""
    command = [sys.executable, __file__, "--child", workload, solver, str(repeats)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s * repeats + 20, check=False
        )
    except subprocess.TimeoutExpired:
        return f"> {limit_s:.0f} s"
    if done.returncode:
        missing = "ModuleNotFoundError" in done.stderr
        return "not installed" if missing else f"failed: {done.stderr.strip().splitlines()[-1]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


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
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--child", nargs=3, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], options.child[1], int(options.child[2]))
        return
    wanted = options.only or (QUICK if options.quick else [each.__name__ for each in WORKLOADS])
    limit, repeats = (10.0, 1) if options.quick else (options.limit, 3)
    print("| shape | releases | ours | from disk | peak | resolvelib | resolvo |")
    print("|---|---|---|---|---|---|---|")
    for make in WORKLOADS:
        if make.__name__ in wanted:
            print(_row(make(), limit, repeats), flush=True)


def _row(workload: Workload, limit: float, repeats: int) -> str:
    mine = measured(workload.name, "ours", limit, repeats)
    disk = measured(workload.name, "from disk", limit, repeats)
    rivals = [measured(workload.name, rival, limit, 1) for rival in RIVALS]
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
