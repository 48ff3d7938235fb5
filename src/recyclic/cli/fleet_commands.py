"""``fleet plan`` and ``fleet apply``: all profiles of a folder."""

from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.exit_codes import ExitCode
from recyclic.cli.help_page import GroupHelp
from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, READS, verb

fleet_app = typer.Typer(
    cls=GroupHelp,
    help=CHANGES + _("All sites whose profiles lie in a folder."),
    short_help=_("All sites whose profiles lie in a folder."),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[
    Path,
    typer.Argument(metavar="[FOLDER]", help=_("The folder of profiles."), show_default=False),
]
ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help=_("Exit 2 when there is something to do."))
]
DEFAULT_FOLDER = Path("profiles")


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(fleet_app, "plan", READS, _("Plan every site; sites with the same plan together."))(plan)
    verb(fleet_app, "apply", CHANGES, _("Apply to every site, one after another."))(apply)
    app.add_typer(fleet_app, name="fleet")


def plan(
    folder: Folder = DEFAULT_FOLDER,
    catalog: options.Catalogs = None,
    json: options.Json = False,
    exit_code: ExitCodeOption = False,
    upgrade: options.Upgrade = None,
    offline: options.Offline = False,
) -> None:
    """A group of sites a paragraph; those that cannot be planned last, with the reason."""
    from recyclic.cli import fleet, resolving

    outcome = fleet.show_fleet(
        folder,
        resolving.wanted(None, None, catalog),
        resolving.preferences(upgrade),
        as_json=json,
        offline=offline,
    )
    if outcome.blocked:
        raise typer.Exit(ExitCode.REFUSED)
    if exit_code and outcome.has_changes:
        raise typer.Exit(ExitCode.CHANGES)


def apply(
    folder: Folder = DEFAULT_FOLDER,
    catalog: options.Catalogs = None,
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    json: options.Json = False,
    upgrade: options.Upgrade = None,
    offline: options.Offline = False,
) -> None:
    """A site that fails is rolled back and told; the others go on. Exits with the worst result."""
    from recyclic.cli import fleet, resolving

    code = fleet.apply_fleet(
        folder,
        resolving.wanted(None, None, catalog),
        resolving.preferences(upgrade),
        fleet.FleetChoices(yes=yes, no_input=no_input, as_json=json, offline=offline),
    )
    raise typer.Exit(code)
