"""The events verbs that only read: values to lines and to JSON."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from recyclic.cli.events_server import Opened, Server
from recyclic.cli.language import _
from recyclic.cli.listing import line_of_table, print_json_list, print_table
from recyclic.cli.printable import printable
from recyclic.cli.render import JSON_FORMAT, json_text
from recyclic.cli.words.entry import N_
from recyclic.cli.words.fact_words import spoken
from recyclic.events.calling import in_a_line
from recyclic.events.streams.connection import ConnectionLostError
from recyclic.events.streams.documents import (
    audit_document,
    audit_lines,
    clock,
    event_document,
    groups_of,
    lag_document,
    latest_events,
    letter_document,
    pending_entries,
    shown_document,
)
from recyclic.events.streams.inspect import Inspector, PendingEntry
from recyclic.events.streams.keys import WAITING
from recyclic.events.streams.stored import StoredEvent

FOLLOW_EVERY_S = 0.3


def tail(server: Server, event: str | None, count: int, *, follow: bool, as_json: bool) -> None:
    """The last events of all streams, in time's order; one line each, so JSON is NDJSON."""

    async def work(opened: Opened) -> None:
        look = opened.operations.look
        seen = await _where_streams_end(look, event) if follow else {}
        for one in await latest_events(look, event, count):
            _print_event(one, as_json)
            seen[one.event] = one.entry
        while follow:
            await asyncio.sleep(FOLLOW_EVERY_S)
            # A server that is away is waited for, which the log tells.
            with suppress(ConnectionLostError):
                for name in [event] if event else await look.events():
                    async for one in look.entries(name, f"({seen.get(name, '0-0')}"):
                        _print_event(one, as_json)
                        seen[name] = one.entry

    server.run(work)


async def _where_streams_end(look: Inspector, event: str | None) -> dict[str, str]:
    """The last entry of each."""
    ends = {}
    for name in [event] if event else await look.events():
        async for one in look.newest(name, 1):
            ends[name] = one.entry
            break
    return ends


def _print_event(one: StoredEvent, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps({"format": JSON_FORMAT, **event_document(one)}, ensure_ascii=False),
            flush=True,
        )
        return
    payload = json.dumps(one.payload, ensure_ascii=False)
    if "payload" in one.cut:
        # As far as it goes, it is JSON already.
        payload = _("{beginning}… ({size} bytes)").format(
            beginning=one.payload, size=one.cut["payload"]
        )
    source = one.about.get("from", "?")
    event_id = one.about.get("id", one.entry)
    print(
        printable(f"{clock(one.at_ms)}  {one.event}  {event_id}  {source}  {payload}"), flush=True
    )


def groups(server: Server, event: str | None, module: str | None, *, as_json: bool) -> None:
    """Every module on every event."""
    found = server.run(lambda opened: groups_of(opened.operations.look, event, module))
    if as_json:
        print(json_text({"format": JSON_FORMAT, "groups": [asdict(one) for one in found]}))
        return
    rows = [
        (one.event, one.module, one.workers, one.lag, one.pending, one.waiting, one.dead,
         ", ".join(str(handler.get("name")) for handler in one.handlers))
        for one in found
    ]  # fmt: skip
    heads = (_("event"), _("module"), _("workers"), _("lag"), _("pending"), _("retrying"),
             _("dead"), _("handlers"))  # fmt: skip
    table(heads, rows, _("Nobody listens to anything yet."))


def lag(server: Server, event: str | None, module: str | None, *, as_json: bool) -> None:
    """Modules that are behind, with how far in events and seconds."""
    found = server.run(lambda opened: groups_of(opened.operations.look, event, module))
    behind = [one for one in found if one.lag or one.pending or one.dead]
    if as_json:
        shown = [lag_document(one) for one in found]
        print(json_text({"format": JSON_FORMAT, "groups": shown}))
        return
    rows = [
        (one.event, one.module, one.lag, f"{one.lag_s:.0f} s", one.pending,
         f"{one.oldest_pending_s:.0f} s", one.dead, "" if one.workers else _("nobody handles it"))
        for one in behind
    ]  # fmt: skip
    heads = (
        _("event"),
        _("module"),
        _("lag"),
        _("oldest"),
        _("pending"),
        _("oldest"),
        _("dead"),
        "",
    )
    table(heads, rows, _("Nobody is behind."))


def pending(server: Server, event: str | None, module: str | None, *, as_json: bool) -> None:
    """Entries taken and not finished."""

    def row(one: PendingEntry) -> Sequence[Any]:
        worker = _("nobody now") if one.worker == WAITING else one.worker
        due = one.due_in_s
        next_attempt = "" if due is None else _("in {seconds} s").format(seconds=f"{due:.1f}")
        outcomes = ", ".join(
            f"{name}: {spoken('fate', fate)} ({tries})"
            for name, (fate, tries) in one.attempts.items()
        )
        return (
            one.event, one.module, one.entry, worker, f"{one.idle_s:.1f} s", next_attempt, outcomes
        )  # fmt: skip

    heads = (
        _("event"),
        _("module"),
        _("entry"),
        _("worker"),
        _("idle"),
        _("next attempt"),
        _("handlers"),
    )

    async def work(opened: Opened) -> None:
        found = pending_entries(opened.operations.look, event, module)
        if as_json:
            await print_json_list("pending", (asdict(one) async for one in found))
        else:
            await print_table(heads, (row(one) async for one in found), _("Nothing is pending."))

    server.run(work)


def dead(server: Server, event: str | None, module: str | None, *, as_json: bool) -> None:
    """Dead letters with their reasons."""
    heads = (_("id"), _("died"), _("event"), _("module"), _("handler"), _("attempts"), _("reason"))

    def row(one: StoredEvent) -> Sequence[Any]:
        who = (one.about.get(name, "?") for name in ("module", "handler", "attempts"))
        return (one.entry, clock(one.at_ms), one.event, *who, _why(one.about))

    async def work(opened: Opened) -> None:
        found = opened.operations.dead(event, module)
        if as_json:
            await print_json_list("dead", (letter_document(one) async for one in found))
        else:
            await print_table(heads, (row(one) async for one in found), _("No dead letters."))

    server.run(work)


def _why(about: Mapping[str, str]) -> str:
    """Why a handler gave up; all of it is for ``show``."""
    reason = str(spoken("verdict", about.get("reason", "")))
    return in_a_line(reason, about.get("detail", ""))[:100]


def show(server: Server, wanted: str, event: str | None, *, as_json: bool) -> None:
    """One event and where it stands, or one dead letter."""
    document = server.run(lambda opened: shown_document(opened.operations, wanted, event))
    if as_json:
        print(json_text({"format": JSON_FORMAT, **document}))
        return
    _print_document(document)


def _print_document(document: Mapping[str, Any]) -> None:
    """Of something whole: a line a value, or some."""
    shown = {name: value for name, value in document.items() if name != "cut"}
    if "modules" in shown:
        shown["modules"] = {name: spoken("standing", one) for name, one in shown["modules"].items()}
    if "reason" in shown:
        shown["reason"] = spoken("verdict", shown["reason"])
    for name, value in shown.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        label = _(_LABELS.get(name, name))
        print(printable(_("{label}: {text}").format(label=label, text=text)))


_LABELS = {
    "action": N_("action"),
    "attempts": N_("attempts"),
    "detail": N_("details"),
    "died": N_("died"),
    "entry": N_("entry"),
    "event": N_("event"),
    "event_id": N_("id of the event"),
    "from": N_("emitted by"),
    "handler": N_("handler"),
    "id": N_("id"),
    "key": N_("key"),
    "module": N_("module"),
    "modules": N_("modules"),
    "payload": N_("payload"),
    "reason": N_("reason"),
    "time": N_("time"),
    "who": N_("who"),
}
"""Of what is shown whole."""


def audit(server: Server, wanted: str | None, *, as_json: bool) -> None:
    """What operators did, or one line of it, whole."""
    heads = (_("id"), _("time"), _("who"), _("action"), _("event"), _("module"), _("entry"))

    def row(one: StoredEvent) -> Sequence[Any]:
        who, action = (one.about.get(name, "?") for name in ("who", "action"))
        what = (one.about.get(name, "") for name in ("event", "module", "entry"))
        return (one.entry, clock(one.at_ms), who, action, *what)

    async def work(opened: Opened) -> None:
        look = opened.operations.look
        if wanted is not None and not as_json:
            _print_document(audit_document(await look.audit_line(wanted)))
            return
        found = audit_lines(look, wanted)
        if as_json:
            await print_json_list("audit", (audit_document(one) async for one in found))
        else:
            await print_table(
                heads, (row(one) async for one in found), _("Nobody changed anything.")
            )

    server.run(work)


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], nothing: str) -> None:
    """Columns on standard output, or a word on standard error when there are no rows."""
    if not rows:
        print(nothing, file=sys.stderr)
        return
    texts = [[printable(str(cell)) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for row in texts:
        print(line_of_table(row, widths))
