"""The pages of ``--help``: arguments as they are typed, every word in the user's language."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from recyclic.cli.language import _
from recyclic.cli.words.entry import N_

PARSER_TEXTS = (
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
    N_("Show this message and exit."),
)
"""What typer says of options of its own, in English whatever the language."""


class CommandHelp(TyperCommand):
    """A verb whose help page is ours."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The line that says how to type it."""
        _write_usage(self.get_params(ctx), ctx, formatter, [])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then options."""
        _write_parameters(self.get_params(ctx), ctx, formatter)


class GroupHelp(TyperGroup):
    """A group of verbs whose help page is ours."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The line that says how to type it."""
        _write_usage(self.get_params(ctx), ctx, formatter, [_("COMMAND [ARGUMENTS]...")])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options, then the verbs."""
        _write_parameters(self.get_params(ctx), ctx, formatter)
        self.format_commands(ctx, formatter)


def _write_usage(parameters: list[Any], ctx: Any, formatter: Any, behind: list[str]) -> None:
    words = [_typed(each) for each in parameters if each.param_type_name == "argument"]
    pieces = ["[OPTIONS]", *words, *behind]
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))


def _write_parameters(parameters: list[Any], ctx: Any, formatter: Any) -> None:
    for heading, kind in ((_("Arguments"), "argument"), (_("Options"), "option")):
        records = [
            (each, each.get_help_record(ctx)) for each in parameters if each.param_type_name == kind
        ]
        # typer puts the Python type behind an argument's name: nobody types that.
        rows = [
            (_typed(each) if kind == "argument" else record[0], _(record[1]))
            for each, record in records
            if record is not None
        ]
        if rows:
            with formatter.section(heading):
                formatter.write_dl(rows)


def _typed(argument: Any) -> str:
    """An argument as it stands on a command line: ``NAME``, ``[FILE]``."""
    return str(argument.metavar or str(argument.name).upper())
