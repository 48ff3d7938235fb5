"""Verbs that answer a question about a resolution or a file, and change nothing."""

from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.errors import UsageError
from recyclic.cli.exit_codes import ExitCode
from recyclic.cli.language import _
from recyclic.cli.options import READS, told_apart, verb

GraphFormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help=_("svg, mermaid, dot or json."))
]
Around = Annotated[
    str | None,
    typer.Option("--around", metavar="NAME", help=_("Only what is near NAME."), show_default=False),
]
Depth = Annotated[
    int, typer.Option("--depth", min=0, metavar="N", help=_("How near: N arrows away."))
]
Events = Annotated[bool, typer.Option("--events", help=_("Also who emits to whom."))]
OutputFile = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help=_("Write there."), show_default=False),
]
NameAndTarget = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME [bundle|profile FILE]", help=_("The name asked about."), show_default=False
    ),
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", help=_("Files or folders."), show_default=False),
]


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(app, "why", READS, _("Who asked for NAME."))(why)
    verb(app, "why-not", READS, _("What forbids NAME==VERSION, or what it would cost."))(why_not)
    verb(app, "outdated", READS, _("What is newer, and what holds it back."))(outdated)
    verb(app, "diff", READS, _("What differs between two resolutions."))(diff)
    verb(app, "explain", READS, _("Where a setting comes from, or what a code means."))(explain)
    verb(app, "graph", READS, _("Draw the dependency graph."))(graph)
    verb(app, "check", READS, _("Find what is wrong in manifests, bundles and profiles."))(check)


def graph(
    target: options.TargetWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    format: GraphFormatOption = "svg",
    json: options.Json = False,
    around: Around = None,
    depth: Depth = 1,
    events: Events = False,
    output: OutputFile = None,
) -> None:
    """Draw the graph."""
    from recyclic.cli import asking, resolving
    from recyclic.graph.render import GraphFormat

    chosen = "json" if json else format
    if chosen not in tuple(GraphFormat):
        message = _("--format is svg, mermaid, dot or json")
        raise UsageError(message=message, verb="graph")
    view = asking.View(GraphFormat(chosen), around, depth, events)
    text = asking.drawn(
        told_apart(target, "graph"), resolving.wanted(site, instance, catalog), view
    )
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def why(
    name: NameAndTarget = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
) -> None:
    """Every path from the bundle or the profile to NAME, shortest first."""
    from recyclic.cli import asking, resolving

    asking.show_why(_named(name, "why"), resolving.wanted(site, instance, catalog), as_json=json)


def why_not(
    name: NameAndTarget = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
) -> None:
    """Force a version and say what stands against it, or which others would move."""
    from recyclic.cli import asking, resolving

    asking.show_why_not(
        _named(name, "why-not"), resolving.wanted(site, instance, catalog), as_json=json
    )


def _named(words: list[str] | None, verb_name: str) -> options.Asked:
    asked = told_apart(words, verb_name, names=1)
    if not asked.names:
        raise UsageError(message=_("a NAME is needed"), verb=verb_name)
    return asked


def outdated(
    target: options.TargetWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
) -> None:
    """For each package: chosen, newest that could be chosen, newest there is, and why not that."""
    from recyclic.cli import asking, resolving

    asking.show_outdated(
        told_apart(target, "outdated"), resolving.wanted(site, instance, catalog), as_json=json
    )


def diff(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B", help=_("Two config.toml, or outputs of resolve --format json.")
        ),
    ],
    json: options.Json = False,
) -> None:
    """What was added, removed or moved from A to B."""
    from recyclic.cli import asking

    if len(files) != 2:
        raise UsageError(message=_("diff takes two files"), verb="diff")
    asking.show_diff(files[0], files[1], as_json=json)


def explain(
    subject: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY|CODE [bundle|profile FILE]",
            help=_("caisse.currency, or RCY-M003; with a file, what applying it would set."),
            show_default=False,
        ),
    ] = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
) -> None:
    """A code in a paragraph; or a setting: its value, who set it, who lost."""
    from recyclic.cli import explaining, resolving

    asked = told_apart(subject, "explain", names=1)
    if not asked.names:
        raise UsageError(message=_("a KEY or a CODE is needed"), verb="explain")
    explaining.explain(asked, resolving.wanted(site, instance, catalog), as_json=json)


def check(
    paths: Paths = None,
    json: options.Json = False,
    properties: Annotated[
        bool,
        typer.Option(
            "--properties",
            help=_("Run the resolver's laws on: bundle FILE, over variations of the catalog."),
        ),
    ] = False,
    catalog: options.Catalogs = None,
) -> None:
    """Every mistake of every file, at its line and column."""
    from recyclic.cli import checking

    clean = (
        checking.check_properties([str(path) for path in paths or ()], catalog, as_json=json)
        if properties
        else checking.check_files(paths or [Path()], as_json=json)
    )
    if not clean:
        raise typer.Exit(ExitCode.REFUSED)
