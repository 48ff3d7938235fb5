"""The events verbs that change something: asked for first, told of afterwards."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from recyclic.cli.errors import UsageError
from recyclic.cli.events_server import Opened, Server
from recyclic.cli.language import _
from recyclic.cli.render import JSON_FORMAT, json_text
from recyclic.cli.session import consent, note
from recyclic.events.errors import UnknownEntryError
from recyclic.events.streams.documents import chosen_letters, clock, letter_document, moment
from recyclic.events.streams.operations import Replay
from recyclic.events.streams.stored import StoredEvent


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters: by id, or all of an event, a module, or the site."""

    ids: tuple[str, ...]
    everything: bool
    event: str | None
    module: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which history, for whom."""

    event: str
    module: str
    start: str
    end: str
    dry_run: bool


class Consent:
    """Whether the command may go on."""

    def __init__(self, verb: str, *, yes: bool, no_input: bool) -> None:
        self.verb = verb
        self._yes = yes
        self._no_input = no_input

    def given(self, question: str) -> bool:
        """Asks on a terminal. Raises: NobodyToAskError."""
        return consent(question, yes=self._yes, no_input=self._no_input, verb=self.verb)


async def _chosen(opened: Opened, choice: Choice, verb: str) -> list[StoredEvent]:
    if bool(choice.ids) == choice.everything:
        raise UsageError(message=_("name dead letters by ID, or say --all"), verb=verb)
    return await chosen_letters(opened.operations, choice.ids, choice.event, choice.module)


async def _each(
    letters: list[StoredEvent], change: Callable[[StoredEvent], Awaitable[object]], choice: Choice
) -> list[StoredEvent]:
    """Do ``change`` to each; those that it was done to. Of all, one that somebody else was faster
    with is passed over.

    Raises:
        UnknownEntryError: one that was named is gone.
    """
    changed = []
    for letter in letters:
        try:
            await change(letter)
        except UnknownEntryError:
            if choice.everything:
                continue
            raise
        changed.append(letter)
    return changed


def requeue(server: Server, choice: Choice, may: Consent, *, as_json: bool) -> None:
    """Each letter becomes an event for the handler it died in."""

    async def work(opened: Opened) -> list[StoredEvent]:
        letters = await _chosen(opened, choice, may.verb)
        # One that is named may be tried again without a question: nothing can be lost by it.
        if choice.everything and letters:
            question = _("Try {count} dead letters again? [y/N]").format(count=len(letters))
            if not may.given(question):
                return []
        return await _each(letters, opened.operations.requeue, choice)

    _tell(server.run(work), "requeued", _("{count} will be tried again."), as_json=as_json)


def discard(server: Server, choice: Choice, may: Consent, *, as_json: bool) -> None:
    """Each letter is removed."""

    async def work(opened: Opened) -> list[StoredEvent]:
        letters = await _chosen(opened, choice, may.verb)
        question = _("Remove {count} dead letters for good? [y/N]").format(count=len(letters))
        if not letters or not may.given(question):
            return []
        return await _each(letters, opened.operations.discard, choice)

    _tell(server.run(work), "discarded", _("{count} removed."), as_json=as_json)


def _tell(letters: list[StoredEvent], key: str, words: str, *, as_json: bool) -> None:
    if as_json:
        print(json_text({"format": JSON_FORMAT, key: [letter_document(one) for one in letters]}))
    else:
        print(words.format(count=len(letters)))


def replay(server: Server, span: Span, may: Consent, *, as_json: bool) -> None:
    """Count, ask, put in line."""
    start, end = _moment(span.start), _moment(span.end) if span.end else None
    if end is not None and end <= start:
        raise UsageError(message=_("--to is not after --from"), verb=may.verb)

    async def work(opened: Opened) -> Replay | None:
        operations = opened.operations
        last = await operations.look.now_ms() if end is None else end - 1
        counted = await operations.replay(span.event, span.module, start, last, dry_run=True)
        _warn_of_unsafe(counted)
        if span.dry_run or not counted.found:
            return counted
        question = _("Have {module} handle {count} again, from {start} to {end}? [y/N]").format(
            module=span.module, count=counted.found, start=clock(start), end=clock(last)
        )
        if not may.given(question):
            return None
        return await operations.replay(span.event, span.module, start, last, dry_run=False)

    done = server.run(work)
    if done is None:
        return
    if as_json:
        document = {"format": JSON_FORMAT, "dry_run": span.dry_run, **asdict(done)}
        print(json_text(document))
    elif span.dry_run or not done.found:
        print(_("{found} events of that time.").format(found=done.found))
    else:
        words = _("{queued} of {found} events will be handled again.")
        print(words.format(queued=done.queued, found=done.found))


def _warn_of_unsafe(counted: Replay) -> None:
    if counted.unsafe and counted.found:
        note(
            _("Not declared idempotent, so their effects may come twice: {names}").format(
                names=", ".join(counted.unsafe)
            )
        )


def _moment(text: str) -> int:
    """Milliseconds since 1970 of a local time."""
    try:
        at_ms = moment(text)
    except ValueError:
        message = _("{text!r} is no time; write 2026-11-01 or 2026-11-01T08:00").format(text=text)
        # Python's own words for it say no more, and say it in English.
        raise UsageError(message=message, verb="events replay") from None
    if at_ms < 0:
        message = _("{text!r} is before 1970, when no event was").format(text=text)
        raise UsageError(message=message, verb="events replay")
    return at_ms


def emit(server: Server, event: str, payload: str, key: str | None, *, as_json: bool) -> None:
    """Publish one event from ``operator``."""
    try:
        values = json.loads(sys.stdin.read() if payload == "-" else payload)
    except (ValueError, RecursionError) as error:
        message = _("the payload is not JSON: {error}").format(error=error)
        raise UsageError(message=message, verb="events emit") from error
    if not isinstance(values, dict):
        raise UsageError(message=_("the payload is not a JSON object"), verb="events emit")

    async def work(opened: Opened) -> str:
        event_id = await opened.bus.emit("operator", event, key, None, values)
        await opened.operations.note_emit(event, event_id)
        return event_id

    event_id = server.run(work)
    print(json_text({"format": JSON_FORMAT, "id": event_id}) if as_json else event_id)


def forget(server: Server, module: str, event: str | None, may: Consent, *, as_json: bool) -> None:
    """The module's groups are removed."""

    async def work(opened: Opened) -> int:
        there = await opened.operations.look.groups([event] if event else None, module)
        waiting = sum(one.lag + one.pending for one in there)
        question = _("Forget {module} on {count} events, with {waiting} it has not handled? [y/N]")
        asked = question.format(module=module, count=len(there), waiting=waiting)
        if not there or not may.given(asked):
            return 0
        return await opened.operations.forget(module, event)

    removed = server.run(work)
    if as_json:
        print(json_text({"format": JSON_FORMAT, "module": module, "removed": removed}))
    else:
        print(_("{count} groups removed.").format(count=removed))
