"""Every verb and the file that declares it. Those files import nothing of weight at the top."""

import typer

from recyclic.cli import (
    author_commands,
    events_commands,
    fleet_commands,
    installer_commands,
    question_commands,
    serve_command,
    site_commands,
)
from recyclic.cli.help_page import CommandHelp
from recyclic.cli.language import _


def mount(app: typer.Typer) -> None:
    """Register every verb, in the order ``--help`` shows them."""
    installer_commands.mount(app)
    app.command("serve", cls=CommandHelp, short_help=_("Boot the site and serve it."))(
        serve_command.serve
    )
    question_commands.mount(app)
    site_commands.mount(app)
    fleet_commands.mount(app)
    author_commands.mount(app)
    events_commands.mount(app)
