"""How long a large index takes to open, and what is paid per release that is asked for.

    python tests/bench/index.py [--quick]

The baseline is orjson parsing the whole file, in the same run. Each line runs in a process of its
own, so that memory is its own, too.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = """
import resource, sys, time
from pathlib import Path
what, path, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
if what == "baseline":
    import orjson
    start = time.process_time()
    kept = orjson.loads(path.read_bytes())
else:
    from recyclic.manifest.index_file import load_index
    from recyclic.model.package import Package, PackageKind
    start = time.process_time()
    catalog = load_index(path)
    if what == "releases":
        start = time.process_time()
        for number in range(count):
            package = Package(PackageKind.MODULE, f"m{number:05}")
            kept = [catalog.release(package, version) for version in catalog.versions(package)]
    if what == "place":
        package = Package(PackageKind.MODULE, f"m{count - 1:05}")
        release = catalog.release(package, catalog.versions(package)[0])
        start = time.process_time()
        release.place.line
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write_index(path: Path, modules: int, versions: int) -> None:
    """An index of the usual shape, the same on every run."""
    chance = random.Random(7)
    found = {}
    for number in range(modules):
        below = [f"m{chance.randrange(number):05}>=1.0,<9" for _ in range(3)] if number else []
        found[f"m{number:05}"] = {
            f"1.{each}.0": {
                "name": f"Module {number}",
                "description": "does something useful for somebody",
                "permissions": {"section": "users", "level": "read"},
                "ui": {"routes": [f"/modules/m{number}"]},
                "dependencies": {"modules": below, "python": ["httpx>=0.27"]},
                "events": {"emits": [f"e{number}"]},
                "artifact": {"path": f"m{number}.tar.gz", "sha256": f"{number:064x}", "size": 1},
            }
            for each in range(versions)
        }
    path.write_text(json.dumps({"format": 1, "modules": found}), encoding="utf-8")


def measure(what: str, path: Path, count: int) -> tuple[float, float]:
    """CPU seconds and peak megabytes."""
    command = [sys.executable, "-c", MEASURE, what, str(path), str(count)]
    seconds, megabytes = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()
    return float(seconds), float(megabytes)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the size")
    modules = 500 if parser.parse_args().quick else 10_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        path = Path(folder, "index.json")
        write_index(path, modules, 3)
        print(f"{modules} modules x 3, {path.stat().st_size / 1e6:.1f} MB")
        print(f"{'what':<34}{'CPU s':>8}{'ratio':>8}{'peak MB':>9}")
        baseline, memory = measure("baseline", path, modules)
        rows = [("orjson parses the file (baseline)", baseline, memory)]
        rows += [
            (label, *measure(what, path, modules))
            for label, what in (
                ("open, first time", "open"),
                ("open, from the cache", "open"),
                ("decode every release", "releases"),
                ("find the first line", "place"),
            )
        ]
        for label, seconds, megabytes in rows:
            print(f"{label:<34}{seconds:>8.3f}{seconds / baseline:>8.2f}{megabytes:>9.0f}")


if __name__ == "__main__":
    main()
