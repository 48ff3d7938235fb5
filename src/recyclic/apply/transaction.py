"""Steps carried out under a journal: all of them, or none.

Killed before the commit, the journal says what to undo; killed after it, what to finish.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recyclic.apply.errors import ApplyInterruptedError, StepFailedError, UndoFailedError
from recyclic.apply.history import append_history
from recyclic.apply.interruption import InterruptionError, undisturbed
from recyclic.apply.journal import Beginning, Begun, Journal
from recyclic.apply.state import State
from recyclic.apply.step import SKIPPED, Bench, Step
from recyclic.errors import RecyclicError
from recyclic.site.atomic import replace_file
from recyclic.site.lock import SiteLock


@dataclass(frozen=True, slots=True)
class Ending:
    """How a transaction ended well.

    Attributes:
        receipt: What receipt.json says.
        is_finished: False when the commit stands and its paperwork is left for the next run
            (the disk is full, say).
    """

    receipt: Mapping[str, Any]
    is_finished: bool


class Transaction:
    """One run of steps on one site, whose lock is held."""

    def __init__(
        self,
        bench: Bench,
        lock: SiteLock,
        beginning: Beginning,
        steps: Sequence[Step],
        outcome: str = "applied",
    ) -> None:
        self._bench = bench
        self._lock = lock
        self._beginning = beginning
        self._steps = tuple(steps)
        self._outcome = outcome
        self._journal = Journal(bench.site)
        self._begun: list[Begun] = []
        self._started = time.monotonic()
        self._frozen_at: float | None = None
        self._is_committed = False

    def run(self) -> Ending:
        """Do every step in order and commit.

        Raises:
            StepFailedError: one failed; all were undone.
            ApplyInterruptedError: someone interrupted; all were undone.
            UndoFailedError: something could not be undone; the journal stays.
        """
        try:
            self._journal.begin(self._beginning)
            self._reach(State.PLANNED)
            listener = self._bench.listener
            listener.began(self._beginning.generation, self._beginning.base, len(self._steps))
            self._do_all()
            receipt = self._receipt()
            with undisturbed():
                self._journal.commit(receipt)
                self._is_committed = True
                self._bench.listener.reached(State.COMMITTED)
                return Ending(receipt, self._finish(receipt))
        except BaseException as error:
            if self._is_committed:
                raise
            with undisturbed():
                raise self._give_up(error) from error

    def _do_all(self) -> None:
        state = State.PLANNED
        for index, step in enumerate(self._steps):
            if step.leads_to is not state and state is not State.PLANNED:
                self._reach(state)
            state = step.leads_to
            self._do(index, step)
        self._reach(state)

    def _reach(self, state: State) -> None:
        self._journal.reached(state)
        self._bench.listener.reached(state)

    def _do(self, index: int, step: Step) -> None:
        listener, total = self._bench.listener, len(self._steps)
        self._lock.tell(step.kind)
        if self._frozen_at is None and step.leads_to not in (State.PLANNED, State.STAGED):
            self._frozen_at = time.monotonic()
        listener.step_started(index + 1, total, step.kind, step.subject)
        start = time.monotonic()
        facts = step.prepare(self._bench)
        self._begun.append(Begun(index, facts))
        self._journal.intend(index, facts)
        if SKIPPED in facts:
            listener.step_skipped(index + 1, total, step.kind, str(facts[SKIPPED]))
            return
        step.do(self._bench, facts)
        self._journal.done(index)
        listener.step_done(index + 1, total, step.kind, time.monotonic() - start)

    def _receipt(self) -> dict[str, Any]:
        now = time.monotonic()
        return {
            "result": self._outcome,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(now - self._started, 3),
            "live_seconds": round(now - (self._frozen_at or now), 3),
        }

    def _finish(self, receipt: Mapping[str, Any]) -> bool:
        """The paperwork after the commit; a full disk only postpones it."""
        try:
            finish(self._bench, self._beginning, self._steps, self._begun, receipt)
        except (OSError, RecyclicError) as error:
            self._bench.listener.step_failed("finish", str(error))
            return False
        self._bench.listener.ended(self._outcome)
        return True

    def _give_up(self, error: BaseException) -> BaseException:
        """Undo everything; returns the exception that says so."""
        step = self._steps[self._begun[-1].index].kind if self._begun else "begin"
        interrupted = isinstance(error, (KeyboardInterrupt, InterruptionError))
        if not interrupted:
            self._bench.listener.step_failed(step, str(error))
        undo_all(self._bench, self._steps, self._begun)
        result = "interrupted" if interrupted else "failed"
        close_undone(self._bench, self._beginning, result, because=error, step=step)
        self._bench.listener.ended(result)
        facts = {"step": step, "generation": self._beginning.generation}
        if interrupted:
            return ApplyInterruptedError(base=self._beginning.base, **facts)
        if not isinstance(error, Exception):
            return error
        logs = self._bench.site.failed / f"{self._beginning.generation:06d}"
        return StepFailedError(
            base=self._beginning.base,
            logs=str(logs),
            quarantined=is_lasting(error),
            **facts,
        )


def undo_all(bench: Bench, steps: Sequence[Step], begun: Sequence[Begun]) -> None:
    """Undo every step that was begun, the last one first.

    Raises:
        UndoFailedError: one cannot be undone; the journal is untouched, so it can be tried again.
    """
    for each in reversed(begun):
        step = steps[each.index]
        bench.listener.undoing(step.kind, step.subject)
        try:
            step.undo(bench, each.facts)
        except Exception as error:
            raise UndoFailedError(step=step.kind, site=str(bench.site.root)) from error


_PASSING = frozenset({"RCY-H005", "RCY-H006", "RCY-H022", "RCY-A009", "RCY-A020"})
"""A Paheko that hangs, is locked or held, an index that is away, a process that is busy."""


def is_lasting(error: BaseException | None) -> bool:
    """True when trying the same plan again would fail again: no full disk, no busy database."""
    while error is not None:
        if isinstance(error, OSError) or getattr(error, "code", "") in _PASSING:
            return False
        error = error.__cause__
    return True


def close_undone(
    bench: Bench,
    beginning: Beginning,
    result: str,
    *,
    because: BaseException | None = None,
    step: str = "",
) -> None:
    """Record that everything was undone, and forget the transaction."""
    entry = {
        **identity(beginning),
        "result": result,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "step": step,
        "because": str(because) if because is not None else "",
        "quarantined": result == "failed" and is_lasting(because),
    }
    try:
        append_history(bench.site, entry)
    except OSError as error:
        # A full disk may keep the record from being written; the site itself is as before.
        bench.listener.step_failed("history", str(error))
    Journal(bench.site).close()


def identity(beginning: Beginning) -> dict[str, Any]:
    """What receipts and the history say of every transaction."""
    return {
        "transaction": beginning.transaction,
        "generation": beginning.generation,
        "base": beginning.base,
        "who": beginning.who,
        "started": beginning.started,
        "plan": beginning.plan,
        **beginning.about,
    }


def finish(
    bench: Bench,
    beginning: Beginning,
    steps: Sequence[Step],
    begun: Sequence[Begun],
    receipt: Mapping[str, Any],
) -> None:
    """After the commit: tidy up, receipt, history. Can be done again after any interruption."""
    for each in begun:
        steps[each.index].finish(bench, each.facts)
    record = {"format": 1, **identity(beginning), **receipt}
    content = json.dumps(record, indent=2, ensure_ascii=False).encode() + b"\n"
    generation = bench.site.generation(beginning.generation)
    if generation.folder.is_dir():
        replace_file(bench.site.disk, generation.receipt, content)
    append_history(bench.site, {**identity(beginning), **receipt})
    Journal(bench.site).close()
