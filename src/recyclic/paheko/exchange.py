"""One change of Paheko's database: made on a draft, exchanged for what is live, or taken back.

The folder of the run's snapshot holds both sides: ``association.sqlite``, what was live in the
moment before the exchange, and ``after.sqlite``, what was live in the moment after. So taking the
change back needs no memory, and can tell what people wrote since.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from recyclic.paheko import database
from recyclic.paheko.database_change import Action
from recyclic.paheko.draft import Draft, drafted, forget_draft
from recyclic.paheko.errors import ForeignWritesError, PahekoBusyError
from recyclic.paheko.foreign_writes import carry_over
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.live_database import LiveDatabase, watch
from recyclic.paheko.snapshot import AFTER, BEFORE, GIVEN_UP, put_back_documents

Work = Callable[[PahekoInstallation], None]
"""Changes a Paheko that works on a draft; may be asked again on a newer draft."""
Run = Callable[[Action], None]
"""Does one part of a change; whoever watches puts itself around it."""

_UNDISTURBED = 2
"""So many times people may write meanwhile; from then on their writes wait for us."""
_TRIES = 6


class Code(Protocol):
    """Code that has to come with the change."""

    def place(self) -> None:
        """Make it live."""
        ...

    def take_back(self) -> None:
        """Make it not live, if it is."""
        ...


def change_database(
    installation: PahekoInstallation, folder: Path, work: Work, code: Code, run: Run
) -> None:
    """Let ``work`` change a draft, then make that what is live: the code by rename, and in the next
    moment the database, in one transaction.

    What anybody commits meanwhile makes it start again on a newer draft; nothing is lost. When
    ``work`` fails, what is live was never touched.

    Args:
        folder: Of this run's snapshot; both sides are kept there.

    Raises:
        PahekoBusyError: somebody else wrote each time.
        SnapshotError: there is no room for a draft, or the database stays locked.
        and everything that ``work`` raises.
    """
    started = time.monotonic()
    for attempt in range(_TRIES):
        with drafted(installation) as draft, watch(installation.environment.database) as live:
            if attempt >= _UNDISTURBED:
                live.hold_writers()
            run(lambda: _copy_before(live, folder, draft))
            work(draft.settle())
            run(lambda: _copy_after(draft, folder))
            if not live.is_as_copied():
                continue  # seen before the code goes live for nothing
            run(code.place)
            if _exchanged(live, draft, run):
                return
            run(code.take_back)
    raise PahekoBusyError(command="exchange", seconds=round(time.monotonic() - started))


def _copy_before(live: LiveDatabase, folder: Path, draft: Draft) -> None:
    """What is live now is kept as what would be put back, and is what the draft begins with."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / AFTER).unlink(missing_ok=True)
    new = folder / f"{BEFORE}.new"
    live.copy_to(new)
    database.flush(new)
    new.rename(folder / BEFORE)
    shutil.copyfile(folder / BEFORE, draft.database)


def _copy_after(draft: Draft, folder: Path) -> None:
    """What is about to be live is on disk before it is."""
    new = folder / f"{AFTER}.new"
    new.unlink(missing_ok=True)
    database.back_up(draft.database, new)
    new.rename(folder / AFTER)
    database.flush(folder)


def _exchanged(live: LiveDatabase, draft: Draft, run: Run) -> bool:
    answers: list[bool] = []
    run(lambda: answers.append(live.replace_with(draft.database)))
    return answers[0]


def take_back(installation: PahekoInstallation, folder: Path, *, at_any_cost: bool = False) -> None:
    """Undo ``change_database``, from wherever it stopped; what people wrote since stays.

    May be done again. Does nothing where the exchange never happened.

    Args:
        at_any_cost: Where what people wrote cannot stand without the change, put back what was
            before nevertheless.

    Raises:
        ForeignWritesError: it cannot stand; nothing was touched, and both sides are kept.
    """
    started = time.monotonic()
    forget_draft(installation)
    if not (folder / AFTER).is_file():
        return
    for attempt in range(_TRIES):
        with drafted(installation) as draft, watch(installation.environment.database) as live:
            if attempt:
                live.hold_writers()
            now = draft.folder / "now.sqlite"
            live.copy_to(now)
            if not _happened(folder, now):
                break
            _prepare_old(folder, now, draft.database, at_any_cost=at_any_cost)
            database.check_integrity(draft.database)
            if live.replace_with(draft.database):
                break
    else:
        raise PahekoBusyError(command="exchange", seconds=round(time.monotonic() - started))
    installation.purge_compiled()
    put_back_documents(installation, folder)


def _prepare_old(folder: Path, now: Path, target: Path, *, at_any_cost: bool) -> None:
    """``target``: what was before the change, with what people wrote since."""
    shutil.copyfile(folder / BEFORE, target)
    target.chmod(0o600)
    try:
        carry_over(folder / AFTER, now, target)
    except ForeignWritesError:
        if not at_any_cost:
            raise
        shutil.copyfile(folder / BEFORE, target)
        shutil.copyfile(now, folder / GIVEN_UP)
        (folder / GIVEN_UP).chmod(0o600)
        database.flush(folder / GIVEN_UP)


def _happened(folder: Path, now: Path) -> bool:
    """True when what is live bears the marks of our change, which came all at once.

    An extension that came, went, moved on or was switched shows in Paheko's own records; where
    none did, tables that are as we left them tell.
    """
    before, after, found = (
        database.read_state(file) for file in (folder / BEFORE, folder / AFTER, now)
    )
    names = {*before.plugins, *before.modules, *after.plugins, *after.modules}
    touched = {name for name in names if before.find(name) != after.find(name)}
    if touched:
        return any(found.find(name) == after.find(name) for name in touched)
    old, new, live = (
        set(database.content_digests(file).items())
        for file in (folder / BEFORE, folder / AFTER, now)
    )
    return len(new & live) > len(old & live)
