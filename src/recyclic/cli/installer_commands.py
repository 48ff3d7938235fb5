"""resolve, plan and apply."""

from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.errors import UsageError
from recyclic.cli.language import _
from recyclic.cli.options import READS, told_apart

Format = Annotated[str, typer.Option("--format", help=_("toml or json."), metavar="FORMAT")]
Lowest = Annotated[
    bool, typer.Option("--lowest", help=_("The oldest versions that fit, to test lower bounds."))
]
LowestDirect = Annotated[
    bool,
    typer.Option("--lowest-direct", help=_("The oldest of what is asked for, the newest of the rest.")),
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
    app.command("resolve", help=READS + _("Choose one version of everything that is needed."))(
        resolve
    )


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
