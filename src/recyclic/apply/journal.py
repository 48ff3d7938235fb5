"""What is about to be done, on disk before it is done.

One JSON line a record, each flushed before what it announces happens. The lines alone are enough
to undo the transaction, or to finish it: no value in memory is needed.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recyclic.apply.errors import JournalDamagedError, JournalTooNewError
from recyclic.apply.state import State
from recyclic.site.layout import Site

JOURNAL_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Beginning:
    """A transaction's first record.

    Attributes:
        transaction: Its own name, for records.
        generation: The number that is being made; ``base`` is the one that is live.
        started: ISO 8601, UTC.
        plan: The plan's fingerprint.
        about: Facts for the receipt: bundle, version, why.
        hosts: ``[hosts]`` of the config, to reach a host again while undoing.
        steps: Each ``{"kind": ..., ...}``, as ``step_json`` writes it.
    """

    transaction: str
    generation: int
    base: int
    who: str
    started: str
    plan: str
    about: Mapping[str, Any]
    hosts: Mapping[str, Mapping[str, Any]]
    steps: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Begun:
    """A step whose intent was recorded: it may have been done in part, in whole or not at all."""

    index: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a journal says.

    Attributes:
        begun: In the order they were begun.
        states: Reached so far.
        receipt: Of a committed transaction, else None.
    """

    beginning: Beginning
    begun: tuple[Begun, ...]
    states: tuple[State, ...]
    receipt: Mapping[str, Any] | None


class Journal:
    """The journal of the transaction in flight, for whoever holds the site's lock."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def begin(self, beginning: Beginning) -> None:
        """Start; nothing may be done before this returns."""
        record = {
            "record": "begin",
            "format": JOURNAL_FORMAT,
            "transaction": beginning.transaction,
            "generation": beginning.generation,
            "base": beginning.base,
            "who": beginning.who,
            "started": beginning.started,
            "plan": beginning.plan,
            "about": dict(beginning.about),
            "hosts": {name: dict(table) for name, table in beginning.hosts.items()},
            "steps": [dict(step) for step in beginning.steps],
        }
        self._append(record)
        self._site.disk.flush_folder(self._site.journal)

    def intend(self, index: int, facts: Mapping[str, Any]) -> None:
        """Step ``index`` is about to be done; ``facts`` are what its undo will need."""
        self._append({"record": "intent", "step": index, "facts": dict(facts)})

    def done(self, index: int) -> None:
        """Step ``index`` was done."""
        self._append({"record": "done", "step": index})

    def reached(self, state: State) -> None:
        """A state was reached."""
        self._append({"record": "state", "state": state.value})

    def commit(self, receipt: Mapping[str, Any]) -> None:
        """Once this returns the transaction is done, whatever happens.

        Raises:
            OSError: it is not: a line that could not be flushed was taken back.
        """
        size = self._site.transaction.stat().st_size
        try:
            self._append({"record": "committed", "receipt": dict(receipt)})
        except OSError:
            self._site.disk.truncate(self._site.transaction, size)
            raise

    def close(self) -> None:
        """Forget the transaction: it was undone, or finished."""
        self._site.disk.remove(self._site.transaction)
        self._site.disk.flush_folder(self._site.journal)

    def _append(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        self._site.disk.append(self._site.transaction, f"{line}\n".encode())


def read_journal(site: Site) -> Transcript | None:
    """The transaction that was not brought to its end, or None. Reads only.

    A last line that was cut short was never acted upon, and does not count.

    Raises:
        JournalTooNewError: a newer recyclic wrote it.
        JournalDamagedError: a line is none that we write.
    """
    try:
        content = site.transaction.read_bytes()
    except FileNotFoundError:
        return None
    lines = content.split(b"\n")[:-1]
    records = [_record(site, number, line) for number, line in enumerate(lines, 1)]
    if not records:
        return None
    return _transcript(site, records)


def is_in_flight(site: Site) -> bool:
    """True when a transaction was begun and not brought to its end. Reads only."""
    return os.path.lexists(site.transaction)


def _record(site: Site, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
        if not isinstance(record, dict) or not isinstance(record.get("record"), str):
            raise TypeError
    except (ValueError, TypeError, RecursionError) as error:
        raise JournalDamagedError(path=str(site.transaction), line=number) from error
    return record


def _transcript(site: Site, records: list[dict[str, Any]]) -> Transcript:
    path = str(site.transaction)
    first = records[0]
    if first.get("format") != JOURNAL_FORMAT:
        raise JournalTooNewError(path=path, found=first.get("format"), known=JOURNAL_FORMAT)
    begun: list[Begun] = []
    states: list[State] = []
    receipt = None
    number = 1
    try:
        beginning = _beginning(first)
        for number, record in enumerate(records[1:], 2):  # noqa: B007 - told when it fails
            if record["record"] == "intent":
                begun.append(Begun(int(record["step"]), record["facts"]))
            elif record["record"] == "state":
                states.append(State(record["state"]))
            elif record["record"] == "committed":
                receipt = record["receipt"]
            elif record["record"] != "done":
                raise JournalTooNewError(path=path, found=record["record"], known=JOURNAL_FORMAT)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalDamagedError(path=path, line=number) from error
    return Transcript(beginning, tuple(begun), tuple(states), receipt)


def _beginning(record: Mapping[str, Any]) -> Beginning:
    return Beginning(
        transaction=str(record["transaction"]),
        generation=int(record["generation"]),
        base=int(record["base"]),
        who=str(record["who"]),
        started=str(record["started"]),
        plan=str(record["plan"]),
        about=record["about"],
        hosts=record["hosts"],
        steps=record["steps"],
    )
