"""The ``recyclic`` command: parse, call the workflow or the app, render, exit.

Every import of weight happens inside the command that needs it, so that help and usage
errors come at once.
"""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from recyclic import __version__
from recyclic.cli.collector import look_for_garbage_seldom
from recyclic.cli.exit_codes import ExitCode, exit_code_of
from recyclic.cli.help_page import GroupHelp
from recyclic.cli.language import _
from recyclic.cli.options import EVERY_NAME
from recyclic.cli.output import is_cut_off, open_standard_streams, say, silence
from recyclic.cli.parser_words import parser_message, use_headings
from recyclic.errors import RecyclicError

app = typer.Typer(
    name="recyclic",
    cls=GroupHelp,
    help=_("Declarative installer and runtime for modular FastAPI sites beside Paheko."),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    open_standard_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = invoke(given)
    # What there was to do is done: a Ctrl-C while Python takes itself apart changes nothing of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code if is_cut_off(sys.stdout) else _tell(_unwritten(error), given)
        silence(sys.stdout)
    if code == ExitCode.INTERRUPTED:
        # Python ends itself by the signal when it once came within exec(), as dataclasses do.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(int(code))


def _unwritten(error: OSError) -> RecyclicError:
    from recyclic.cli.errors import FileRefusedError

    return FileRefusedError(path=_("standard output"), reason=error.strerror or str(error))


def invoke(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code, whatever happened."""
    look_for_garbage_seldom()
    _mount()
    use_headings()
    try:
        result = app(with_upgrade_names(arguments), prog_name="recyclic", standalone_mode=False)
        code = result if isinstance(result, int) else ExitCode.DONE
        return _interrupted() if code == ExitCode.INTERRUPTED else code
    except typer.TyperException as mistake:
        return _usage(mistake, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except RecyclicError as error:
        return _tell(error, arguments)
    except SystemExit as end:
        # typer ends the process when any pipe breaks. ``| head -1`` has all it wanted, which is
        # no failure; a pipe to somewhere else is one.
        broken = end.__context__
        if not isinstance(broken, BrokenPipeError):
            raise
        return ExitCode.DONE if is_cut_off(sys.stdout) else _tell(_refused(broken), arguments)
    except (OSError, RecursionError, MemoryError) as error:
        return _tell(_refused(error), arguments)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: a bug becomes a report
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python wraps one in __set_name__
            return _interrupted()
        return _tell(_bug(error), arguments)


def _interrupted() -> int:
    """Ctrl-C where nothing was under way that had to be undone."""
    say(_("Interrupted."), sys.stderr)
    return ExitCode.INTERRUPTED


def _print_version(asked: bool) -> None:
    if asked:
        print(f"recyclic {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help=_("Print the version and exit."),
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """What can be said before any verb."""


def _mount() -> None:
    """Register every command; each file declares its own."""
    if not app.registered_commands:
        from recyclic.cli import commands

        commands.mount(app)


def with_upgrade_names(arguments: Sequence[str]) -> list[str]:
    """``--upgrade`` may stand without a name; the parser wants one: ``*``, everything."""
    return [
        f"--upgrade={EVERY_NAME}"
        if word == "--upgrade" and (not after or after in _NO_NAMES or after.startswith("-"))
        else word
        for word, after in _with_following(arguments)
    ]


def _with_following(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word with the one after it, the last with an empty one."""
    return pairwise([*arguments, ""])


_NO_NAMES = ("bundle", "profile", "config")


def _wants_json(arguments: Sequence[str]) -> bool:
    return any(
        word in ("--json", "--format=json") or (word, following) == ("--format", "json")
        for word, following in _with_following(arguments)
    )


def _tell(error: RecyclicError, arguments: Sequence[str]) -> int:
    """Words on standard error, and the JSON value on standard output where one was asked for."""
    from recyclic.cli import render

    if _wants_json(arguments):
        say(render.json_text(render.error_json(error)))
    say(render.render_error(error), sys.stderr)
    return exit_code_of(error)


def _usage(mistake: typer.TyperException, arguments: Sequence[str]) -> int:
    """What the parser did not understand; a bare command or verb shows its help instead."""
    if type(mistake).__name__ == "NoArgsIsHelpError":
        print(mistake.format_message())
        return ExitCode.USAGE
    from recyclic.cli.errors import UsageError

    # The longest command that was understood: its help is the one that helps.
    context = getattr(mistake, "ctx", None)
    path = context.command_path if context is not None else "recyclic"
    verb = path.removeprefix("recyclic").strip()
    return _tell(UsageError(message=parser_message(mistake), verb=verb), arguments)


def _refused(error: BaseException) -> RecyclicError:
    from recyclic.cli.errors import FileRefusedError

    path = getattr(error, "filename", None) or _("a file")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return FileRefusedError(path=str(path), reason=reason)


def _bug(error: Exception) -> RecyclicError:
    """A report with the traceback in a file of its own: people see one line, developers all."""
    from recyclic.cli.errors import RecyclicBugError

    with tempfile.NamedTemporaryFile(
        "w", prefix="recyclic-report-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        traceback.print_exception(error, file=report)
    return RecyclicBugError(
        kind=type(error).__name__, detail=str(error)[:300], report=str(Path(report.name))
    )
