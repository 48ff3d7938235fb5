"""Documents beside the database: put back where they are missing, and nowhere else."""

from pathlib import Path

import pytest

from recyclic.paheko.documents import copy_documents, restore_missing


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Documents, some in folders."""
    folder = tmp_path / "documents"
    (folder / "user" / "1").mkdir(parents=True)
    (folder / "user" / "1" / "card").write_text("card")
    (folder / "minutes").write_text("minutes")
    return folder


def test_what_is_missing_comes_back_and_what_was_stored_since_stays(
    documents: Path, tmp_path: Path
) -> None:
    """A document that is gone or of another size than the database says; with its folders."""
    copy_documents(documents, tmp_path / "copy")
    (documents / "user" / "1" / "card").unlink()
    (documents / "user" / "1").rmdir()
    (documents / "minutes").unlink()
    (documents / "minutes").write_text("a newer version")
    (documents / "new").write_text("stored since")
    wanted = {"user/1/card": 4, "minutes": 15, "new": 12, "never kept": 3}
    for _ in range(2):
        restore_missing(tmp_path / "copy", documents, wanted)
    assert (documents / "user" / "1" / "card").read_text() == "card"
    assert (documents / "minutes").read_text() == "a newer version"
    assert (documents / "new").read_text() == "stored since"


def test_what_the_database_does_not_have_is_left_alone(documents: Path, tmp_path: Path) -> None:
    """Neither brought back nor taken away."""
    copy_documents(documents, tmp_path / "copy")
    (documents / "minutes").unlink()
    (documents / "stray").write_text("stray")
    restore_missing(tmp_path / "copy", documents, {})
    assert not (documents / "minutes").exists()
    assert (documents / "stray").exists()
