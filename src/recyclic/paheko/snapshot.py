"""All that one Paheko keeps, copied before a change and put back when the change failed."""

import shutil
from pathlib import Path

from recyclic.paheko.database import list_documents
from recyclic.paheko.documents import copy_documents, restore_documents, restore_missing
from recyclic.paheko.errors import SnapshotError
from recyclic.paheko.installation import PahekoInstallation

BEFORE = "association.sqlite"
"""What was live before the change."""
AFTER = "after.sqlite"
"""What the change made of it."""
GIVEN_UP = "given-up.sqlite"
"""What was live and had to go, because somebody said so, when the change was taken back."""
_DOCUMENTS = "documents"


def take_snapshot(installation: PahekoInstallation, folder: Path) -> None:
    """Copy the database, and documents that are files, into the new ``folder``.

    On disk and complete when this returns, or not there at all.

    Raises:
        SnapshotError, PahekoDatabaseError: When it cannot be made.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        _fill(installation, partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except OSError as error:
        raise SnapshotError(path=str(folder), detail=str(error)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(installation: PahekoInstallation, folder: Path) -> None:
    installation.back_up(folder / BEFORE)
    if (documents := installation.environment.documents) is not None:
        copy_documents(documents, folder / _DOCUMENTS)


def restore_all_documents(installation: PahekoInstallation, folder: Path) -> None:
    """Make documents, where they are files, what the snapshot holds and nothing else.

    Raises:
        SnapshotError: When it cannot be done.
    """
    if (documents := installation.environment.documents) is not None:
        restore_documents(folder / _DOCUMENTS, documents)


def put_back_documents(installation: PahekoInstallation, folder: Path) -> None:
    """Put back documents, where they are files, that the live database has and their folder has
    not. What anybody stored since stays; so does a file that nothing refers to.

    Raises:
        SnapshotError: When it cannot be done.
    """
    documents = installation.environment.documents
    if documents is not None and (folder / _DOCUMENTS).is_dir():
        wanted = list_documents(installation.environment.database)
        restore_missing(folder / _DOCUMENTS, documents, wanted)
