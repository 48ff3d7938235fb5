"""Code under the hash of its content: what is there is right, or is made right."""

from pathlib import Path

import pytest

from recyclic.site.errors import SourceMovedError, StoreDamagedError
from recyclic.site.layout import Site
from recyclic.site.store import add_tree, check_stored, keep_tree, stored
from recyclic.site.tree import tree_hash


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small tree."""
    made = tmp_path / "source"
    made.mkdir()
    (made / "code.py").write_text("x = 1\n")
    return made


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site's folder."""
    made = Site(tmp_path / "site")
    made.prepare()
    return made


def damage(site: Site, content_hash: str) -> None:
    code = stored(site, content_hash) / "code.py"
    code.chmod(0o644)
    code.write_text("x = 2\n")


def test_a_source_that_moved_is_not_stored(site: Site, source: Path) -> None:
    """Nothing of it stays."""
    with pytest.raises(SourceMovedError):
        add_tree(site, source, "sha256:" + "0" * 64)
    assert list(site.store.iterdir()) == []


def test_what_was_damaged_is_replaced_from_its_source(site: Site, source: Path) -> None:
    """And only from there: the damaged copy is no source."""
    content_hash = tree_hash(source)
    add_tree(site, source, content_hash)
    damage(site, content_hash)
    with pytest.raises(StoreDamagedError):
        add_tree(site, stored(site, content_hash), content_hash)
    add_tree(site, source, content_hash)
    check_stored(site, content_hash)
    assert [path.name for path in site.store.iterdir()] == [stored(site, content_hash).name]


@pytest.mark.parametrize("at", ["copied", "moved away"])
def test_a_replacement_that_was_cut_short_is_taken_back(site: Site, source: Path, at: str) -> None:
    """The tree is what it was before, damage and all, and nothing lies beside it."""
    content_hash = tree_hash(source)
    add_tree(site, source, content_hash)
    damage(site, content_hash)
    final = stored(site, content_hash)
    (site.store / f".{final.name}.new").mkdir()
    if at == "moved away":
        final.rename(site.store / f".{final.name}.damaged")
    for _ in range(2):
        keep_tree(site, content_hash)
        assert (final / "code.py").read_text() == "x = 2\n"
        assert [path.name for path in site.store.iterdir()] == [final.name]
