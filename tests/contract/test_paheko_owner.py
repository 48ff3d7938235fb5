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
from recyclic.paheko.database_change import ExpectedExtension

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
    for tree, extension in (
        (write_plugin(bench.sources, "lab_one", "1.0", page="Hello"), ExtensionKind.PLUGIN),
        (write_module(bench.sources, "lab_mod"), ExtensionKind.BRINDILLE),
    ):
        host.stage(tree.name, tree)
        host.put_in_place(tree.name, extension)
    host.register_modules(["lab_mod"])
    host.enable("lab_one")
    host.enable("lab_mod")
    host.verify({"lab_one": ExpectedExtension(True, "1.0"), "lab_mod": ExpectedExtension(True)})
    host.discard("lab_one", ExtensionKind.PLUGIN)
    host.discard("lab_mod", ExtensionKind.BRINDILLE)
    written = [*bench.data.rglob("*"), *(bench.modules / "lab_mod").rglob("*")]
    assert {path.owner() for path in written} == {"nobody"}
