"""Index and lock files from a hostile hand: time and memory are bounded, and there is always an
answer or an error with a code."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.command import write_bundle

MEMORY_BYTES = 700 << 20
CPU_SECONDS = 60
HUGE = "1" * 5000

Entry = dict[str, Any]
Index = dict[str, dict[str, dict[str, Entry]]]


def module(name: str, *needs: str, version: str = "1.0") -> Entry:
    return {"name": name, "version": version, "dependencies": {"modules": list(needs)}}


def one(entry: Entry, version: str | None = None) -> Index:
    """An index with that one release of ``m``."""
    return {"modules": {"m": {version or entry["version"]: entry}}}


def many_versions() -> Index:
    versions = [f"{at // 100}.{at % 100}.{at % 7}" for at in range(5_000)]
    return {"modules": {"m": {each: module("m", version=each) for each in versions}}}


def many_requirements() -> Index:
    names = [f"x{at}" for at in range(5000)]
    found = {name: {"1.0": module(name)} for name in names}
    return {"modules": {**found, "m": {"1.0": module("m", *(f"{name}>=1" for name in names))}}}


def many_unmet() -> Index:
    return one(module("m", *(f"x{at}>=1" for at in range(3000))))


def many_clashes() -> Index:
    """A thousand conflicts that have nothing to do with each other."""
    found: dict[str, dict[str, Entry]] = {}
    for at in range(1000):
        found[f"y{at}"] = {"1.0": module(f"y{at}", f"x{at}<2")}
        found[f"x{at}"] = {each: module(f"x{at}", version=each) for each in ("1.0", "2.0")}
    clashing = [name for at in range(1000) for name in (f"y{at}", f"x{at}>=2")]
    return {"modules": {**found, "m": {"1.0": module("m", *clashing)}}}


def deep_includes() -> Index:
    bundles: dict[str, dict[str, Entry]] = {}
    for at in range(1000):
        name = f"b{at}"
        entry = {"name": name, "version": "1.0", "include": [f"b{at + 1}"] if at < 999 else []}
        bundles[name] = {"1.0": entry}
    return {"bundles": bundles, "modules": {"m": {"1.0": module("m")}}}


def circle() -> Index:
    names = [f"c{at}" for at in range(500)]
    found = {n: {"1.0": module(n, names[(at + 1) % 500])} for at, n in enumerate(names)}
    return {"modules": {**found, "m": {"1.0": module("m", "c0")}}}


def pigeons() -> Index:
    """Nine in eight holes: small, and hard for everyone."""
    found = {
        f"p{at}": {
            f"{hole}": module(f"p{at}", f"h{hole}=={at}", version=f"{hole}") for hole in range(1, 9)
        }
        for at in range(1, 10)
    }
    holes = {
        f"h{hole}": {f"{at}": module(f"h{hole}", version=f"{at}") for at in range(1, 10)}
        for hole in range(1, 9)
    }
    return {"modules": {**found, **holes, "m": {"1.0": module("m", *found)}}}


CASES: dict[str, Callable[[], Index]] = {
    "a version of 5000 digits": lambda: one(module("m", version=HUGE)),
    "a range of 5000 digits": lambda: one(module("m", f"x>={HUGE}")),
    "an epoch of 5000 digits": lambda: one(module("m", version=f"{HUGE}!1")),
    "a post-release of 5000 digits": lambda: one(module("m", version=f"1.post{HUGE}")),
    "a thousand clauses": lambda: one(
        module("m", "m" + ",".join(f"!={at}" for at in range(2, 1000)))
    ),
    "5,000 versions": many_versions,
    "5,000 requirements on one line": many_requirements,
    "3,000 requirements that nobody meets": many_unmet,
    "1,000 conflicts": many_clashes,
    "1,000 includes deep": deep_includes,
    "a circle of 500": circle,
    "pigeons": pigeons,
    "a name in another script": lambda: one(module("m", "мodule>=1")),
    "a name that is no name": lambda: one(module("m", "../../etc/passwd")),
    "a requirement on itself": lambda: one(module("m", "m>1.0")),
    "versions that are lists": lambda: {"modules": {"m": {"1.0": []}}},  # type: ignore[dict-item]
    "a hash that is none": lambda: one(
        {**module("m"), "artifact": {"path": "m.tar.gz", "sha256": "f" * 63}}
    ),
}


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def resolved(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recyclic", "resolve", *arguments, "--no-python"]
    return subprocess.run(
        [*command, "--format", "json"],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        preexec_fn=bounded,
    )


def is_answer_or_coded_error(done: subprocess.CompletedProcess[str]) -> bool:
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    document = json.loads(done.stdout)
    if done.returncode == 0:
        return "versions" in document
    return done.returncode == 1 and document["error"]["code"].startswith("RCY-")


@pytest.mark.parametrize("case", CASES)
def test_an_index_gets_an_answer_or_a_coded_error(case: str, tmp_path: Path) -> None:
    """In bounded time and memory, whatever it holds."""
    (tmp_path / "index.json").write_text(json.dumps({"format": 1, **CASES[case]()}), "utf-8")
    write_bundle(
        tmp_path,
        "shop",
        ('include = ["b0"]\n' if "includes" in case else "") + '[modules]\nm = "*"\n',
    )
    assert is_answer_or_coded_error(resolved(tmp_path, "bundle", "shop", "--catalog", "index.json"))


LOCKS = {
    "versions that do not exist": '[versions.modules]\nm = "77.0"\n',
    "a version of 5000 digits": f'[versions.modules]\nm = "{HUGE}"\n',
    "a displaced version that does not exist": (
        '[versions.modules]\nm = "1.0"\n[displaced]\n"module:m" = "88.0"\n"bundle:zz" = false\n'
    ),
    "a displaced version of 5000 digits": f'[displaced]\n"module:m" = "{HUGE}"\n',
    "a way back to what does not exist": (
        '[versions.modules]\nm = "1.0"\n[before]\nsteps = ['
        '{ versions = { "module:m" = "88.0", "core:core" = "1", "module:n" = false } }, '
        '{ displaced = { "module:zz" = ["1.0", false] } }]\n'
    ),
    "a way back of 100000 steps": (
        '[versions.modules]\nm = "1.0"\n[before]\nsteps = ['
        + '{ versions = { "module:m" = "1.0" } }, ' * 100_000
        + "]\n"
    ),
    "a way back that is none": '[before]\nsteps = [{ versions = { "module:m" = [] } }, 7]\n',
    "packages of no known kind": '[displaced]\n"fish:m" = "1.0"\n"root:<root>" = "1"\n',
}


@pytest.mark.parametrize("case", LOCKS)
def test_a_lock_gets_an_answer_or_a_coded_error(case: str, tmp_path: Path) -> None:
    """A config.toml of the live generation that somebody changed by hand."""
    (tmp_path / "index.json").write_text(json.dumps({"format": 1, **one(module("m"))}))
    write_bundle(tmp_path, "shop", '[modules]\nm = "*"\n')
    generation = tmp_path / ".recyclic" / "shop" / "generations" / "000001"
    generation.mkdir(parents=True)
    head = 'format = 1\nsite = "shop"\nbundle = "shop"\nbundle_version = "1.0.0"\n'
    (generation / "config.toml").write_text(f'{head}[modules]\nenabled = ["m"]\n{LOCKS[case]}')
    (tmp_path / ".recyclic" / "shop" / "current").symlink_to("generations/000001")
    done = resolved(tmp_path, "bundle", "shop", "--catalog", "index.json")
    assert is_answer_or_coded_error(done)
