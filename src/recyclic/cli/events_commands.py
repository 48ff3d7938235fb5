"""``recyclic events ...``: look at and repair the bus."""

from collections.abc import Callable
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recyclic.cli import options
from recyclic.cli.help_page import GroupHelp
from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, READS, verb

if TYPE_CHECKING:
    from recyclic.cli.events_server import Server

app = typer.Typer(
    name="events",
    cls=GroupHelp,
    help=CHANGES + _("Look at and repair the events between modules."),
    short_help=_("Look at and repair the events between modules."),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help=_("The server, instead of the site's own."), show_default=False
    ),
]
Event = Annotated[
    str | None,
    typer.Option("--event", metavar="NAME", help=_("Only this event."), show_default=False),
]
Module = Annotated[
    str | None,
    typer.Option("--module", metavar="NAME", help=_("Only this module."), show_default=False),
]
Count = Annotated[int, typer.Option("-n", "--count", min=1, metavar="N", help=_("How many."))]
Follow = Annotated[bool, typer.Option("-f", "--follow", help=_("Go on as events come."))]
Id = Annotated[str, typer.Argument(metavar="ID", help=_("An event's id, or an entry's."))]
LineId = Annotated[
    str | None,
    typer.Argument(metavar="[ID]", help=_("One line, whole."), show_default=False),
]
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help=_("Dead letters, by id."), show_default=False),
]
Everything = Annotated[
    bool, typer.Option("--all", help=_("All of them (of --event, of --module)."))
]
EventName = Annotated[str, typer.Argument(metavar="EVENT", help=_("The event's name."))]
Payload = Annotated[
    str,
    typer.Argument(metavar="[JSON]", help=_("The payload, a JSON object; - reads standard input.")),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="TEXT", help=_("Order among events of this key."), show_default=False
    ),
]
From = Annotated[
    str,
    typer.Option("--from", metavar="TIME", help=_("2026-11-01, or 2026-11-01T08:00; local time.")),
]
To = Annotated[
    str, typer.Option("--to", metavar="TIME", help=_("Up to and without; now by default."))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Count only."))]
Picture = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help=_("table, mermaid or json."))
]


def _at_server(verb: Callable[..., None]) -> Callable[..., None]:
    """``verb`` with the options that say at which server, and how to answer: instead of them it is
    given the server, and ``as_json``."""

    def run(
        *,
        site: options.Site = None,
        instance: options.Instance = None,
        url: Url = None,
        json: options.Json = False,
        **own: Any,
    ) -> None:
        from recyclic.cli.events_server import Server

        _check_words(f"events {verb.__name__}", url=url, **own)
        verb(Server(site, instance, url), as_json=json, **own)

    *shared, _own = signature(run).parameters.values()
    own = [
        one.replace(kind=one.KEYWORD_ONLY)
        for name, one in signature(verb).parameters.items()
        if name not in ("server", "as_json")
    ]
    run.__name__, run.__doc__, run.__annotations__ = verb.__name__, verb.__doc__, {}
    run.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]
    return run


def _check_words(verb: str, **given: Any) -> None:
    """Raises: NameOptionError, UsageError: a word that no server would know what to do with."""
    from recyclic.cli.errors import NameOptionError, UsageError
    from recyclic.model.names import EventName, InvalidNameError

    for value in given.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not text.isascii() and _has_loose_bytes(text):
                raise UsageError(message=_("{text!r} is no UTF-8").format(text=text), verb=verb)
    if given.get("event") is not None:
        try:
            EventName(given["event"])
        except InvalidNameError as error:
            raise NameOptionError(**error.facts) from None


def _has_loose_bytes(text: str) -> bool:
    """Whether the system gave us bytes that are no text."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def mount(parent: typer.Typer) -> None:
    """Register the group and its verbs."""
    verb(app, "tail", READS, _("The last events, and those to come."))(tail)
    verb(app, "groups", READS, _("Which module listens to which event, and how it stands."))(groups)
    verb(app, "lag", READS, _("How far modules are behind."))(lag)
    verb(app, "pending", READS, _("What was taken and is not finished."))(pending)
    verb(app, "dead", READS, _("What was given up, and why."))(dead)
    verb(app, "show", READS, _("One event, and where it stands with each module."))(show)
    verb(app, "audit", READS, _("What operators changed."))(audit)
    verb(app, "catalog", READS, _("Who emits and who consumes what."))(catalog)
    verb(app, "requeue", CHANGES, _("Try dead letters again."))(requeue)
    verb(app, "discard", CHANGES, _("Remove dead letters for good."))(discard)
    verb(app, "replay", CHANGES, _("Have one module handle history again."))(replay)
    verb(app, "emit", CHANGES, _("Publish an event."))(emit)
    verb(app, "forget", CHANGES, _("Stop keeping events for a module that is gone."))(forget)
    parent.add_typer(app)


@_at_server
def tail(
    server: "Server",
    event: Event = None,
    count: Count = 10,
    follow: Follow = False,
    *,
    as_json: bool,
) -> None:
    """The last ``count`` events; with ``--follow`` until interrupted."""
    from recyclic.cli import events_looking as looking

    looking.tail(server, event, count, follow=follow, as_json=as_json)


@_at_server
def groups(server: "Server", event: Event = None, module: Module = None, *, as_json: bool) -> None:
    """Every module on every event."""
    from recyclic.cli import events_looking as looking

    looking.groups(server, event, module, as_json=as_json)


@_at_server
def lag(server: "Server", event: Event = None, module: Module = None, *, as_json: bool) -> None:
    """Only what is behind."""
    from recyclic.cli import events_looking as looking

    looking.lag(server, event, module, as_json=as_json)


@_at_server
def pending(server: "Server", event: Event = None, module: Module = None, *, as_json: bool) -> None:
    """Running events and retries to come."""
    from recyclic.cli import events_looking as looking

    looking.pending(server, event, module, as_json=as_json)


@_at_server
def dead(server: "Server", event: Event = None, module: Module = None, *, as_json: bool) -> None:
    """Dead letters."""
    from recyclic.cli import events_looking as looking

    looking.dead(server, event, module, as_json=as_json)


@_at_server
def show(server: "Server", id: Id, event: Event = None, *, as_json: bool) -> None:
    """One event."""
    from recyclic.cli import events_looking as looking

    looking.show(server, id, event, as_json=as_json)


@_at_server
def audit(server: "Server", id: LineId = None, *, as_json: bool) -> None:
    """The audit, oldest first."""
    from recyclic.cli import events_looking as looking

    looking.audit(server, id, as_json=as_json)


def catalog(
    site: options.Site = None,
    instance: options.Instance = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--modules",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help=_("A folder of modules instead of a site."),
            show_default=False,
        ),
    ] = None,
    format: Picture = "table",
    json: options.Json = False,
) -> None:
    """Emitters and consumers, from the manifests."""
    from recyclic.cli import events_catalog

    events_catalog.show(site, instance, folder, "json" if json else format)


@_at_server
def requeue(
    server: "Server",
    ids: Ids = None,
    everything: Everything = False,
    event: Event = None,
    module: Module = None,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    *,
    as_json: bool,
) -> None:
    """The handler that gave up gets it again."""
    from recyclic.cli import events_repair as repair

    choice = repair.Choice(tuple(ids or ()), everything, event, module)
    may = repair.Consent("events requeue", yes=yes, no_input=no_input)
    repair.requeue(server, choice, may, as_json=as_json)


@_at_server
def discard(
    server: "Server",
    ids: Ids = None,
    everything: Everything = False,
    event: Event = None,
    module: Module = None,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    *,
    as_json: bool,
) -> None:
    """Gone, but for a line in the audit."""
    from recyclic.cli import events_repair as repair

    choice = repair.Choice(tuple(ids or ()), everything, event, module)
    may = repair.Consent("events discard", yes=yes, no_input=no_input)
    repair.discard(server, choice, may, as_json=as_json)


@_at_server
def replay(
    server: "Server",
    event: Annotated[str, typer.Option("--event", metavar="NAME", help=_("Which event."))],
    module: Annotated[str, typer.Option("--module", metavar="NAME", help=_("For which module."))],
    start: From,
    end: To = "",
    dry_run: DryRun = False,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    *,
    as_json: bool,
) -> None:
    """History again, for one module only."""
    from recyclic.cli import events_repair as repair

    span = repair.Span(event, module, start, end, dry_run)
    may = repair.Consent("events replay", yes=yes, no_input=no_input)
    repair.replay(server, span, may, as_json=as_json)


@_at_server
def emit(
    server: "Server", event: EventName, payload: Payload = "{}", key: Key = None, *, as_json: bool
) -> None:
    """Publish, as the operator."""
    from recyclic.cli import events_repair as repair

    repair.emit(server, event, payload, key, as_json=as_json)


@_at_server
def forget(
    server: "Server",
    module: Annotated[str, typer.Argument(metavar="MODULE", help=_("The module that is gone."))],
    event: Event = None,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    *,
    as_json: bool,
) -> None:
    """Its groups are removed; trimming no longer waits for it."""
    from recyclic.cli import events_repair as repair

    may = repair.Consent("events forget", yes=yes, no_input=no_input)
    repair.forget(server, module, event, may, as_json=as_json)
