"""All that one Paheko keeps, copied before a change and put back when the change failed."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from recyclic.paheko.database import list_documents, read_state
from recyclic.paheko.documents import copy_documents, restore_documents, restore_missing
from recyclic.paheko.errors import SnapshotError, UnexpectedStateError
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.state import PahekoState, differences

SNAPSHOT_FORMAT = 1
BEFORE = "association.sqlite"
AFTER = "after.sqlite"
_DOCUMENTS = "documents"
_FACTS = "snapshot.json"


def take_snapshot(installation: PahekoInstallation, folder: Path) -> dict[str, Any]:
    """Copy the database, and documents that are files, into the new ``folder``.

    On disk and complete when this returns, or not there at all.

    Returns:
        Facts for a journal: ``state``, which is what is recorded.

    Raises:
        SnapshotError, PahekoDatabaseError: When it cannot be made.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        facts = _fill(installation, partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except OSError as error:
        raise SnapshotError(path=str(folder), detail=str(error)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return facts


def _fill(installation: PahekoInstallation, folder: Path) -> dict[str, Any]:
    installation.back_up(folder / BEFORE)
    if (documents := installation.environment.documents) is not None:
        copy_documents(documents, folder / _DOCUMENTS)
    return note_state(folder)


def note_state(folder: Path) -> dict[str, Any]:
    """Note what the copy in ``folder`` has recorded; the live database may have gone on since."""
    facts = {"format": SNAPSHOT_FORMAT, "state": read_state(folder / BEFORE).to_json()}
    new = folder / f"{_FACTS}.new"
    with new.open("w", encoding="utf-8") as file:
        json.dump(facts, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    new.rename(folder / _FACTS)
    return facts


def put_back(installation: PahekoInstallation, folder: Path) -> None:
    """Put back what a snapshot holds; writes made since are lost. May be done again.

    Raises:
        SnapshotError: When it cannot be done.
        UnexpectedStateError: When what is recorded afterwards is not what was.
    """
    wanted = read_snapshot(folder)
    installation.restore(folder / BEFORE)
    restore_all_documents(installation, folder)
    if found := differences(wanted, installation.state()):
        raise UnexpectedStateError(differences=found)


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


def read_snapshot(folder: Path) -> PahekoState:
    """The state recorded in a snapshot.

    Raises:
        SnapshotError: When the folder is no complete snapshot of ours.
    """
    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        if facts["format"] != SNAPSHOT_FORMAT:
            raise SnapshotError(path=str(folder), detail=f"format {facts['format']}")
        return PahekoState.from_json(facts["state"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(path=str(folder), detail=str(error)) from error
