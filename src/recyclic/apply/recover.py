"""After a crash: undo what was begun, or finish what was committed, from the journal alone."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from recyclic.apply.host import ExtensionHost
from recyclic.apply.interruption import no_interruption
from recyclic.apply.journal import Journal, Transcript, is_in_flight, read_journal
from recyclic.apply.listener import Listener, Silence
from recyclic.apply.paheko import open_host
from recyclic.apply.serving import ServedSite
from recyclic.apply.step import Bench
from recyclic.apply.steps.host_change import accept_loss
from recyclic.apply.steps.table import step_from_json
from recyclic.apply.transaction import close_undone, finish, undo_all
from recyclic.site.layout import Site
from recyclic.site.lock import site_lock

HostFor = Callable[[Mapping[str, Mapping[str, Any]]], ExtensionHost | None]
"""Gives the host that a config's ``[hosts]`` names, or None when it names none."""

_HOST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found, and what was done about it.

    Attributes:
        result: ``undone`` or ``finished``.
        generation: The number that the interrupted run was making.
        live: The one that is live now; 0 for none.
        step: The last that was begun; empty when none was.
    """

    result: str
    transaction: str
    generation: int
    live: int
    step: str
    who: str
    started: str


def recover(
    site: Site,
    host_for: HostFor = open_host,
    *,
    listener: Listener | None = None,
    lock_timeout_s: float = 0.0,
    gives_up_writes: bool = False,
) -> RecoveryReport | None:
    """Bring a site that an apply left half way to its old or its new generation.

    Returns None when there was nothing to do, having written nothing. Can be killed and called
    again at any time.

    Args:
        gives_up_writes: Take Paheko's database back even where people wrote since what cannot
            stand without the change; what they wrote is kept with the logs of the run.

    Raises:
        SiteLockedError: the run is still going.
        JournalTooNewError, JournalDamagedError: a person is needed; nothing was touched.
        UndoFailedError: something stands in the way; calling again goes on.
    """
    if not is_in_flight(site):
        return None
    with site_lock(site, timeout_s=lock_timeout_s) as lock:
        lock.tell("recover")
        if gives_up_writes and (transcript := read_journal(site)) is not None:
            accept_loss(site, transcript.beginning.generation)
        return _recover(site, host_for, listener or Silence())


def _recover(site: Site, host_for: HostFor, listener: Listener) -> RecoveryReport | None:
    transcript = read_journal(site)
    if transcript is None:
        if is_in_flight(site):
            Journal(site).close()  # nothing was begun: not even its first line is whole
        return None
    beginning = transcript.beginning
    # Every step is understood before any is undone: a newer one must stop us untouched.
    steps = [step_from_json(each, str(site.transaction)) for each in beginning.steps]
    bench = Bench(site, ServedSite(site.run), host=host_for(beginning.hosts), listener=listener)
    with no_interruption(), ExitStack() as held:
        if bench.host is not None:
            # What a killed run started inside Paheko is gone once this is held.
            held.enter_context(bench.host.hold(_HOST_WAIT_S))
        if transcript.receipt is not None:
            finish(bench, beginning, steps, transcript.begun, transcript.receipt)
            return _report(transcript, "finished", site, "")
        step = steps[transcript.begun[-1].index].kind if transcript.begun else ""
        undo_all(bench, steps, transcript.begun)
        close_undone(bench, beginning, "interrupted", step=step)
        return _report(transcript, "undone", site, step)


def _report(transcript: Transcript, result: str, site: Site, step: str) -> RecoveryReport:
    beginning = transcript.beginning
    return RecoveryReport(
        result=result,
        transaction=beginning.transaction,
        generation=beginning.generation,
        live=site.current_number(),
        step=step,
        who=beginning.who,
        started=beginning.started,
    )
