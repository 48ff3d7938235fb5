"""The life of a site: status, history, recover."""

from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.errors import UsageError
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
    verb(app, "rollback", CHANGES, _("Go back: a new generation equal to an earlier one."))(
        rollback
    )
    verb(app, "recover", CHANGES, _("Undo or finish what an interruption left half done."))(recover)


def status(
    site: options.Site = None, instance: options.Instance = None, json: options.Json = False
) -> None:
    """The live generation, what serves, what the modules keep."""
    from recyclic.cli.status import show_status
    from recyclic.workflow.target import Wanted

    show_status(Wanted(site, instance), as_json=json)


def history(
    site: options.Site = None, instance: options.Instance = None, json: options.Json = False
) -> None:
    """One line a transaction, oldest first; the file is sealed line by line."""
    from recyclic.cli.status import show_history
    from recyclic.workflow.target import Wanted

    show_history(Wanted(site, instance), as_json=json)


def recover(
    site: options.Site = None,
    instance: options.Instance = None,
    json: options.Json = False,
    lock_timeout: options.LockTimeout = 0.0,
) -> None:
    """Bring the site to its old or its new generation; does nothing when it is at one."""
    from recyclic.cli.recovering import recover_site
    from recyclic.workflow.target import Wanted

    recover_site(Wanted(site, instance), as_json=json, lock_timeout_s=lock_timeout)


def rollback(
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
    from recyclic.workflow.target import Wanted

    if data not in tuple(DataChoice):
        raise UsageError(message=_("--data is keep or restore"), verb="rollback")
    how = ApplyChoices(
        yes=yes, no_input=no_input, lock_timeout_s=lock_timeout, plan=PlanOptions(as_json=json)
    )
    go_back(Wanted(site, instance), RollbackChoices(to, DataChoice(data)), how)
