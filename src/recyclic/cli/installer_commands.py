"""resolve, plan and apply."""

from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.errors import UsageError
from recyclic.cli.exit_codes import ExitCode
from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, READS, told_apart, verb

Format = Annotated[str, typer.Option("--format", help=_("toml or json."), metavar="FORMAT")]
Lowest = Annotated[
    bool, typer.Option("--lowest", help=_("The oldest versions that fit, to test lower bounds."))
]
LowestDirect = Annotated[
    bool,
    typer.Option(
        "--lowest-direct", help=_("The oldest of what is asked for, the newest of the rest.")
    ),
]
Proof = Annotated[
    Path | None,
    typer.Option(
        "--proof",
        metavar="FILE",
        help=_("Write what an independent checker needs to check the answer."),
        show_default=False,
    ),
]


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(app, "apply", CHANGES, _("Resolve, show the plan, ask, apply, check."))(apply)
    verb(app, "plan", READS, _("What apply would do, without doing it."))(plan)
    verb(app, "pack", READS, _("Write a site's whole need into one archive."))(pack)
    verb(app, "resolve", READS, _("Choose one version of everything that is needed."))(resolve)


def resolve(
    target: options.TargetWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    format: Format = "toml",
    json: options.Json = False,
    upgrade: options.Upgrade = None,
    lowest: Lowest = False,
    lowest_direct: LowestDirect = False,
    no_python: options.NoPython = False,
    offline: options.Offline = False,
    proof: Proof = None,
    fix: options.Fix = None,
) -> None:
    """Print the resolution: the config.toml it leads to, or JSON."""
    from recyclic.cli import resolving

    if format not in ("toml", "json"):
        raise UsageError(message=_("--format is toml or json"), verb="resolve")
    resolving.resolve(
        told_apart(target, "resolve"),
        resolving.wanted(site, instance, catalog),
        resolving.preferences(upgrade, lowest=lowest, lowest_direct=lowest_direct),
        resolving.ResolveOptions(
            as_json=json or format == "json",
            check_python=not no_python,
            offline=offline,
            proof=proof,
            fix=fix,
        ),
    )


Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help=_("Write the plan as an approval, for: recyclic apply FILE."),
        show_default=False,
    ),
]
ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help=_("Exit 2 when there is something to do."))
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="STEP",
        help=_("A one-way step that may be done. Repeatable."),
        show_default=False,
    ),
]
Retry = Annotated[
    bool, typer.Option("--retry", help=_("Try again what failed before with the same input."))
]
ApplyWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[bundle|profile|config FILE] | PLAN | ARCHIVE",
        help=_("What to start from: a file, an approved plan, or an archive made by pack."),
        show_default=False,
    ),
]


def plan(
    target: options.TargetWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
    output: Output = None,
    exit_code: ExitCodeOption = False,
    upgrade: options.Upgrade = None,
    no_python: options.NoPython = False,
    offline: options.Offline = False,
    find_links: options.FindLinks = None,
    accept: Accept = None,
    fix: options.Fix = None,
) -> None:
    """Show the plan; with ``-o`` write it as an approval."""
    from recyclic.cli import planning, resolving

    has_changes = planning.show_plan(
        told_apart(target, "plan"),
        resolving.wanted(site, instance, catalog),
        resolving.preferences(upgrade),
        planning.PlanOptions(
            as_json=json,
            output=output,
            check_python=not no_python,
            offline=offline,
            find_links=find_links,
            fix=fix,
            accepted=tuple(accept or ()),
        ),
    )
    if exit_code and has_changes:
        raise typer.Exit(ExitCode.CHANGES)


def apply(
    target: ApplyWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    json: options.Json = False,
    upgrade: options.Upgrade = None,
    no_python: options.NoPython = False,
    offline: options.Offline = False,
    find_links: options.FindLinks = None,
    accept: Accept = None,
    lock_timeout: options.LockTimeout = 0.0,
    retry: Retry = False,
    fix: options.Fix = None,
) -> None:
    """Apply a bundle, a profile, a config, an approved plan or an archive."""
    from recyclic.cli import applying, planning, resolving

    how = applying.ApplyChoices(
        yes=yes,
        no_input=no_input,
        accepted=tuple(accept or ()),
        lock_timeout_s=lock_timeout,
        retry=retry,
        plan=planning.PlanOptions(
            as_json=json,
            check_python=not no_python,
            offline=offline,
            find_links=find_links,
            fix=fix,
        ),
    )
    applying.apply(
        list(target or ()),
        resolving.wanted(site, instance, catalog),
        resolving.preferences(upgrade),
        how,
    )


def pack(
    target: options.TargetWords = None,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help=_("The archive."), show_default=False),
    ] = Path("site.rcy"),
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    offline: options.Offline = False,
    find_links: options.FindLinks = None,
    json: options.Json = False,
) -> None:
    """Code, configuration, the lock and its wheels; apply ARCHIVE --offline installs from it."""
    from recyclic.cli import packing, planning, resolving

    packing.pack(
        told_apart(target, "pack"),
        resolving.wanted(site, instance, catalog),
        planning.PlanOptions(as_json=json, offline=offline, find_links=find_links),
        output,
    )
