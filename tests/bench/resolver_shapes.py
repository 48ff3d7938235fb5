"""The catalogs the resolver is measured on, made from a fixed seed: shapes w1 to w6.

Each is plain data, so that every resolver gets the same: ``{name: {version: {name: specifier}}}``
and the root's requirements. Versions are ``N.0``.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

Wanted = dict[str, str]
Index = dict[str, dict[str, Wanted]]


@dataclass(frozen=True)
class Workload:
    """One shape: what is known, what is asked, and whether that can be done."""

    name: str
    about: str
    index: Index
    root: Wanted
    solvable: bool

    @property
    def releases(self) -> int:
        """How many releases there are."""
        return sum(len(versions) for versions in self.index.values())


def _name(number: int, prefix: str = "m") -> str:
    return f"{prefix}{number:05d}"


def sparse(packages: int, versions: int, seed: int) -> tuple[Index, Wanted]:
    """A realistic DAG: a few requirements each, on packages further down; the newest mostly fit."""
    random_ = random.Random(seed)
    index: Index = {}
    for number in range(packages):
        below = range(number + 1, min(packages, number + 1 + packages // 4))
        targets = random_.sample(below, min(len(below), random_.choice((1, 2, 3, 4))))
        index[_name(number)] = releases = {}
        for version in range(1, versions + 1):
            wanted: Wanted = {}
            for target in targets:
                low = random_.randint(1, max(1, version - 1))
                wanted[_name(target)] = f">={low}.0"
                if random_.random() < 0.05 and low < versions:
                    wanted[_name(target)] += f",<{random_.randint(low + 1, versions)}.0"
            releases[f"{version}.0"] = wanted
    roots = random_.sample(range(packages // 3), packages // 10)
    return index, {_name(number): "" for number in sorted(roots)}


def w1() -> Workload:
    """Sparse, as real catalogs are."""
    return Workload("w1", "sparse DAG, 1,000 x 5", *sparse(1000, 5, 1), solvable=True)


def w2() -> Workload:
    """The same, ten times."""
    return Workload("w2", "sparse DAG, 10,000 x 3", *sparse(10_000, 3, 2), solvable=True)


def w3() -> Workload:
    """A chain: each release needs the same or a newer one of the next."""
    index: Index = {}
    for number in range(2000):
        last = number == 1999
        index[_name(number)] = {
            f"{v}.0": {} if last else {_name(number + 1): f">={v}.0"} for v in (1, 2)
        }
    return Workload("w3", "chain, 2,000 x 2", index, {_name(0): ""}, solvable=True)


def w3b() -> Workload:
    """The same chain; the newest releases lead to something that does not exist."""
    index = w3().index
    index = {name: dict(versions) for name, versions in index.items()}
    for number in range(1999):
        index[_name(number)]["2.0"] = {_name(number + 1): "==2.0"}
    index[_name(1999)]["2.0"] = {"gone": ""}
    return Workload("w3b", "chain, dead end, 2,000 x 2", index, {_name(0): ""}, solvable=True)


def w4() -> Workload:
    """A conflict far from its cause: of the last packages only old releases go together."""
    random_ = random.Random(4)
    packages, versions = 34, 12
    index: Index = {}
    for number in range(packages):
        index[_name(number)] = releases = {}
        for version in range(1, versions + 1):
            targets = random_.sample(range(packages), 3)
            wanted = {_name(t): f">={random_.randint(1, version)}.0" for t in targets if t > number}
            if number % 2 and version > 2:
                wanted["end"] = f"=={version}.0"
            elif version > 2:
                wanted["end"] = f"!={version}.0,<={version}.0"
            releases[f"{version}.0"] = wanted
    index["end"] = {f"{version}.0": {} for version in range(1, versions + 1)}
    return Workload(
        "w4", "late conflict", index, {_name(number): "" for number in range(packages)}, True
    )


def w4a() -> Workload:
    """Packages released in lock-step: each release pins its siblings to its own number."""
    index: Index = {"core": {f"{v}.0": {} for v in range(1, 22)}}
    for number in range(49):
        index[_name(number)] = {
            f"{v}.0": {_name((number + 1) % 49): f"=={v}.0", "core": f"<={v // 2 + 1}.0"}
            for v in range(1, 41)
        }
    root = {_name(0): "", _name(20): "<=37.0", "core": ">=3.0"}
    return Workload("w4a", "lock-step", index, root, True)


def w4b() -> Workload:
    """Hidden cycles: who needs whom changes from release to release."""
    random_ = random.Random(44)
    index: Index = {}
    for number in range(40):
        index[_name(number)] = releases = {}
        for version in range(1, 17):
            targets = random_.sample(range(40), 4)
            wanted = {}
            for target in targets:
                low = random_.randint(1, 12)
                wanted[_name(target)] = f">={low}.0,<{low + random_.randint(4, 8)}.0"
            releases[f"{version}.0"] = wanted if version > 3 else {}
    return Workload("w4b", "hidden cycles", index, {_name(0): "", _name(7): "", _name(9): ""}, True)


def w4c() -> Workload:
    """Two packages with hundreds of releases, each pinned to a narrow range of a third."""
    index: Index = {"low": {f"{v}.0": {} for v in range(1, 103)}}
    index["boto"] = {f"{v}.0": {"low": f"<={v // 15 + 1}.0"} for v in range(1, 751)}
    index["core"] = {
        f"{v}.0": {"boto": f"=={v}.0", "low": f"<={v // 15 + 1}.0"} for v in range(1, 751)
    }
    return Workload("w4c", "boto shape", index, {"boto": "", "core": "", "low": ">=20.0"}, True)


def w5() -> Workload:
    """Unsatisfiable: a proof needs 22 packages, hidden among 400 that are fine."""
    index, _ = sparse(400, 4, 5)
    for number in range(21):
        following = f"zq{number + 1:03d}"
        index[f"zq{number:03d}"] = {
            f"{v}.0": {following: f">={v}.0", _name(number * 7): ""} for v in range(1, 5)
        }
    index["zq021"] = {f"{v}.0": {"zq000": "<1.0"} for v in range(1, 5)}
    root = {"zq000": "", **{_name(number): "" for number in range(0, 120, 3)}}
    return Workload("w5", "unsatisfiable, 22 modules in 422", index, root, False)


def w5b() -> Workload:
    """Seven pigeons, six holes; a pigeon's version is its hole, a hole's version its pigeon."""
    pigeons, holes = 7, 6
    index: Index = {
        f"pigeon{p}": {f"{h + 1}.0": {f"hole{h}": f"=={p + 1}.0"} for h in range(holes)}
        for p in range(pigeons)
    }
    index |= {f"hole{h}": {f"{p + 1}.0": {} for p in range(pigeons)} for h in range(holes)}
    return Workload(
        "w5b", "pigeonhole 7 into 6", index, {f"pigeon{p}": "" for p in range(7)}, False
    )


def w5c() -> Workload:
    """Two packages in a cycle without a solution."""
    index: Index = {
        "a": {"1.0": {"b": "==1.0"}, "2.0": {"b": "==2.0"}},
        "b": {"1.0": {"a": "==2.0"}, "2.0": {"a": "==1.0"}},
    }
    return Workload("w5c", "cycle of 2", index, {"a": ""}, False)


def w6() -> Workload:
    """A wide diamond: 500 packages share two."""
    random_ = random.Random(6)
    index: Index = {f"base{i}": {f"{v}.0": {} for v in range(1, 51)} for i in (0, 1)}
    for number in range(500):
        index[_name(number)] = {
            f"{v}.0": {
                "base0": f">={random_.randint(1, 10)}.0,<{random_.randint(30, 50)}.0",
                "base1": f">={random_.randint(1, 10)}.0,<={random_.randint(25, 50)}.0",
            }
            for v in range(1, 7)
        }
    return Workload("w6", "wide diamond", index, {_name(n): "" for n in range(500)}, True)


WORKLOADS: tuple[Callable[[], Workload], ...] = (
    w1, w2, w3, w3b, w4, w4a, w4b, w4c, w5, w5b, w5c, w6,
)  # fmt: skip
