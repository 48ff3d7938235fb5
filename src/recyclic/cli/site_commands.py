"""The life of a site: status, history, recover."""

from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.errors import UsageError
from recyclic.cli.exit_codes import ExitCode
from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, READS, verb

To = Annotated[
    int | None,
    typer.Option(
        "--to",
        metavar="N",
        help=_("The generation; by default the one before."),
        show_default=False,
    ),
]
Data = Annotated[
    str,
    typer.Option("--data", metavar="keep|restore", help=_("What becomes of data written since.")),
]


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(app, "status", READS, _("What is true of the site now."))(status)
    verb(app, "history", READS, _("Every apply and rollback, with who, when and result."))(history)
    verb(app, "rollback", CHANGES, _("Make a new generation equal to an earlier one."))(rollback)
    verb(app, "drift", READS, _("What is no longer as it was applied."))(drift)
    verb(app, "prune", CHANGES, _("Remove old generations and unused code."))(prune)
    verb(app, "uninstall", CHANGES, _("Take the site away; its data stays."))(uninstall)
    verb(app, "recover", CHANGES, _("Undo or finish what an interruption left half done."))(recover)


def status(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    json: options.Json = False,
) -> None:
    """The live generation, what serves, what the modules keep."""
    from recyclic.cli.session import site_wanted
    from recyclic.cli.status import show_status

    show_status(site_wanted(target, "status", site, instance), as_json=json)


def history(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    json: options.Json = False,
) -> None:
    """One line a transaction, oldest first; the file is sealed line by line."""
    from recyclic.cli.session import site_wanted
    from recyclic.cli.status import show_history

    show_history(site_wanted(target, "history", site, instance), as_json=json)


def recover(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    json: options.Json = False,
    lock_timeout: options.LockTimeout = 0.0,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="keep|restore",
            help=_("restore: give up what people wrote in Paheko that stands in the way."),
        ),
    ] = "keep",
) -> None:
    """Bring the site to its old or its new generation; does nothing when it is at one."""
    from recyclic.apply.rollback import DataChoice
    from recyclic.cli.recovering import recover_site
    from recyclic.cli.session import site_wanted

    if data not in tuple(DataChoice):
        raise UsageError(message=_("--data is keep or restore"), verb="recover")
    recover_site(
        site_wanted(target, "recover", site, instance),
        as_json=json,
        lock_timeout_s=lock_timeout,
        data=DataChoice(data),
    )


def rollback(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    to: To = None,
    data: Data = "keep",
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    json: options.Json = False,
    lock_timeout: options.LockTimeout = 0.0,
) -> None:
    """Plan, ask and apply the way back; what would be lost is said in the site's own terms."""
    from recyclic.apply.rollback import DataChoice
    from recyclic.cli.applying import ApplyChoices
    from recyclic.cli.going_back import RollbackChoices
    from recyclic.cli.going_back import rollback as go_back
    from recyclic.cli.planning import PlanOptions
    from recyclic.cli.session import site_wanted

    if data not in tuple(DataChoice):
        raise UsageError(message=_("--data is keep or restore"), verb="rollback")
    how = ApplyChoices(
        yes=yes, no_input=no_input, lock_timeout_s=lock_timeout, plan=PlanOptions(as_json=json)
    )
    go_back(
        site_wanted(target, "rollback", site, instance), RollbackChoices(to, DataChoice(data)), how
    )


def drift(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    json: options.Json = False,
    adopt: Annotated[
        list[str] | None,
        typer.Option(
            "--adopt",
            metavar="KEY|all",
            help=_("Write an edited setting into the site's profile. Repeatable."),
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[
        str | None,
        typer.Option(
            "--ignore", metavar="SUBJECT", help=_("Leave this one be."), show_default=False
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why."))] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help=_("It comes back on that day."))
    ] = "",
) -> None:
    """Modified, missing, extra, or moved on by somebody else. Exits 2 when there is any."""
    from recyclic.cli import tending
    from recyclic.cli.session import site_wanted

    wanted = site_wanted(target, "drift", site, instance)
    if adopt:
        tending.adopt(wanted, adopt, as_json=json)
    elif ignore is not None:
        tending.ignore(wanted, ignore, reason, until)
    elif tending.show_drift(wanted, as_json=json):
        raise typer.Exit(ExitCode.CHANGES)


def prune(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    keep: Annotated[
        int, typer.Option("--keep", min=1, metavar="N", help=_("How many generations stay."))
    ] = 5,
    json: options.Json = False,
    lock_timeout: options.LockTimeout = 0.0,
) -> None:
    """The live generation and every receipt stay."""
    from recyclic.cli.session import site_wanted
    from recyclic.cli.tending import prune_site

    prune_site(
        site_wanted(target, "prune", site, instance),
        keep,
        as_json=json,
        lock_timeout_s=lock_timeout,
    )


def uninstall(
    target: options.SiteWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    data: Annotated[
        str,
        typer.Option("--data", metavar="keep|archive|purge", help=_("What becomes of the data.")),
    ] = "keep",
    confirm: Annotated[
        str,
        typer.Option("--confirm", metavar="SITE", help=_("The site's name, for --data purge.")),
    ] = "",
    yes: options.Yes = False,
    no_input: options.NoInput = False,
    json: options.Json = False,
    lock_timeout: options.LockTimeout = 0.0,
) -> None:
    """Disable the extensions, remove the code; the history stays."""
    from recyclic.apply.steps.removal import DataFate
    from recyclic.cli.session import site_wanted
    from recyclic.cli.tending import UninstallChoices, uninstall_site

    if data not in tuple(DataFate):
        raise UsageError(message=_("--data is keep, archive or purge"), verb="uninstall")
    choices = UninstallChoices(DataFate(data), confirm, yes, no_input, json, lock_timeout)
    uninstall_site(site_wanted(target, "uninstall", site, instance), choices)
