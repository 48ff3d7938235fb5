"""Every verb and the file that declares it. Those files import nothing of weight at the top."""

import typer

from recyclic.cli import installer_commands


def mount(app: typer.Typer) -> None:
    """Register every verb, in the order ``--help`` shows them."""
    installer_commands.mount(app)
    app.callback()(_verbs)


def _verbs() -> None:
    """Keeps verbs verbs, also while there is only one."""
