"""The life of a site: status, history, recover."""

import typer

from recyclic.cli import options
from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, READS, verb


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(app, "status", READS, _("What is true of the site now."))(status)
    verb(app, "history", READS, _("Every apply and rollback, with who, when and result."))(history)
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
