"""The resolvers ours is measured beside, each given the same shape in the form it reads.

A rival that is not installed raises ModuleNotFoundError when it is prepared or asked.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.bench.resolver_shapes import Wanted, Workload


@dataclass(frozen=True)
class Rival:
    """One resolver.

    Attributes:
        prepare: Writes what it reads into a folder; not measured.
        answers: Says whether it finds an answer.
        quick: Whether the short form of the benchmark includes it.
    """

    prepare: Callable[[Workload, Path], None]
    answers: Callable[[Workload, Path], bool]
    quick: bool = True


def nothing(_: Workload, __: Path) -> None:
    """Nothing to prepare."""


def with_resolvelib(workload: Workload, _: Path) -> bool:
    """pip's resolver, over candidates newest first, the package with fewest candidates first."""
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
    """A channel for resolvo."""
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
    """rattler's resolver, reading its channel included."""
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


def write_wheels(workload: Workload, folder: Path) -> None:
    """A folder of wheels for uv, with nothing in them but what they need."""
    _uv()
    (folder / "wheels").mkdir()
    for name, versions in workload.index.items():
        for version, wanted in versions.items():
            _write_wheel(folder / "wheels", name, version, wanted)
    (folder / "asked.in").write_text(_lines(workload.root))


def _write_wheel(folder: Path, name: str, version: str, wanted: Wanted) -> None:
    needs = "".join(f"Requires-Dist: {on}{text}\n" for on, text in wanted.items())
    inside = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{inside}/METADATA", head + needs)
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{inside}/WHEEL", tag)
        wheel.writestr(f"{inside}/RECORD", "")


def _lines(wanted: Wanted) -> str:
    return "".join(f"{name}{text}\n" for name, text in wanted.items())


def _uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise ModuleNotFoundError("no uv beside this Python or on the path")
    return found


def with_uv_cold(_: Workload, folder: Path) -> bool:
    """uv's whole process, its cache empty: it opens every wheel it looks at."""
    return _uv_compiles(folder, Path(mkdtemp(dir=folder)))


def with_uv_warm(_: Workload, folder: Path) -> bool:
    """uv's whole process, what it read the last time in its cache."""
    return _uv_compiles(folder, folder / "cache")


def write_wheels_and_cache(workload: Workload, folder: Path) -> None:
    """The same wheels, looked at once."""
    write_wheels(workload, folder)
    _uv_compiles(folder, folder / "cache")


def _uv_compiles(folder: Path, cache: Path) -> bool:
    command = [_uv(), "pip", "compile", "--offline", "--no-index", "--no-config", "--quiet"]
    command += ["--find-links", str(folder / "wheels"), "--cache-dir", str(cache)]
    command += ["--python", sys.executable, str(folder / "asked.in")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGXCPU:
        # It was given this process's limit: this process has reached it too.
        os.kill(os.getpid(), signal.SIGXCPU)
    if done.returncode and "No solution found" not in done.stderr:
        raise RuntimeError(done.stderr.strip())
    return done.returncode == 0


RIVALS: dict[str, Rival] = {
    "resolvelib": Rival(nothing, with_resolvelib),
    "resolvo": Rival(write_repodata, with_resolvo),
    "uv cold": Rival(write_wheels, with_uv_cold),
    "uv warm": Rival(write_wheels_and_cache, with_uv_warm, quick=False),
}
