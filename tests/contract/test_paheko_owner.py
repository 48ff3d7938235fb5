"""Driven by root, a Paheko stays its own user's. Needs root, and PHP that everybody may run."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.paheko_benches import REAL, make_bench
from tests.fakes.paheko_extensions import write_module, write_plugin

from recyclic.model.package import ExtensionKind
from recyclic.paheko.database_change import DatabaseChange

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="recyclic-owner-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("kind", [REAL])
def test_everything_still_belongs_to_its_user(kind: str, open_folder: Path) -> None:
    """Nobody was named in the profile; the database's owner is whom commands run as."""
    bench = make_bench(kind, open_folder)
    own = [bench.config, bench.modules, bench.data, *bench.data.rglob("*")]
    for path in own:
        shutil.chown(path, "nobody")
    bench.data.chmod(0o700)
    host = bench.extensions()
    host.stage("lab_one", write_plugin(bench.sources, "lab_one", "1.0", page="Hello"))
    host.stage("lab_mod", write_module(bench.sources, "lab_mod"))
    host.put_in_place("lab_mod", ExtensionKind.BRINDILLE)
    change = DatabaseChange(
        placed=("lab_one",),
        registered=("lab_mod",),
        enabled=("lab_one", "lab_mod"),
        versions={"lab_one": "1.0", "lab_mod": ""},
    )
    host.change(open_folder / "first", change)
    host.change(open_folder / "second", DatabaseChange(disabled=("lab_one",)))
    host.take_back(open_folder / "second")
    host.verify(change.expected())
    host.discard("lab_one", ExtensionKind.PLUGIN)
    host.discard("lab_mod", ExtensionKind.BRINDILLE)
    written = [*bench.data.rglob("*"), *(bench.modules / "lab_mod").rglob("*")]
    assert {path.owner() for path in written} == {"nobody"}
