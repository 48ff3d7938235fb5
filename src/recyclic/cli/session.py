"""One command's view of the world: where the user stands, what was asked, who can answer."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from recyclic.cli import render
from recyclic.cli.errors import NobodyToAskError, UsageError
from recyclic.cli.language import _
from recyclic.cli.options import Asked, told_apart
from recyclic.cli.output import say
from recyclic.cli.printable import printable
from recyclic.model.diagnostic import Diagnostic
from recyclic.workflow.target import Target, TargetKind, Wanted, find_target

if TYPE_CHECKING:
    from recyclic.resolve.preferences import Preferences
    from recyclic.workflow.inputs import Inputs
    from recyclic.workflow.resolving import Resolved


def target_of(asked: Asked, verb: str, wanted: Wanted) -> Target:
    """The file to start from: named, or what the site was last applied from.

    Raises:
        UsageError: nothing is named and there is no site to go by.
    """
    start = Path.cwd()
    if asked.kind is not None and asked.file is not None:
        return find_target(TargetKind(asked.kind), asked.file, start)
    from recyclic.workflow.observe import last_target

    remembered = last_target(start, wanted)
    if remembered is None:
        message = _("say what to start from: bundle FILE, profile FILE or config FILE")
        raise UsageError(message=message, verb=verb)
    return remembered


def site_wanted(
    words: list[str] | None, verb: str, site: str | None, instance: Path | None
) -> Wanted:
    """Which site a verb is about: the one that the named file makes, else ``--site`` and such."""
    asked = told_apart(words, verb)
    wanted = Wanted(site, instance)
    if asked.kind is None or asked.file is None:
        return wanted
    from recyclic.workflow.inputs import site_made_from

    target = find_target(TargetKind(asked.kind), asked.file, Path.cwd())
    return Wanted(site, site_made_from(target, wanted))


def inputs_of(asked: Asked, verb: str, wanted: Wanted) -> "Inputs":
    """Everything a resolution starts from, read."""
    from recyclic.workflow.inputs import read_inputs

    return read_inputs(target_of(asked, verb, wanted), wanted)


def resolved_of(asked: Asked, verb: str, wanted: Wanted, preferences: "Preferences") -> "Resolved":
    """The checked resolution of what was asked."""
    return resolved_from(target_of(asked, verb, wanted), wanted, preferences)


def resolved_from(
    target: Target,
    wanted: Wanted,
    preferences: "Preferences",
    *,
    fix: int | None = None,
    circles_stop: bool = True,
) -> "Resolved":
    """The checked resolution of a file; with ``fix``, after writing that fix."""
    from recyclic.workflow.resolving import resolve_fixing, resolve_target

    if fix is None:
        resolved = resolve_target(target, wanted, preferences, circles_stop=circles_stop)
    else:
        resolved, changed = resolve_fixing(target, wanted, preferences, fix)
        for path in changed:
            note(_("changed: {path}").format(path=path))
    warn(resolved.warnings)
    return resolved


def warn(diagnostics: Iterable[Diagnostic]) -> None:
    """Findings that stop nothing, on standard error."""
    text = render.render_diagnostics(diagnostics)
    if text:
        say(text, sys.stderr)


def note(text: str) -> None:
    """A line about what happens, on standard error."""
    say(printable(text), sys.stderr)


def can_ask(no_input: bool) -> bool:
    """True when a person can be asked: a terminal on both ends, and not told otherwise."""
    return not no_input and sys.stdin.isatty() and sys.stderr.isatty()


def consent(question: str, *, yes: bool, no_input: bool, verb: str) -> bool:
    """Whether to go on: ``--yes``, or the answer of a person.

    Raises:
        NobodyToAskError: neither ``--yes`` nor a terminal.
    """
    if yes:
        return True
    if not can_ask(no_input):
        raise NobodyToAskError(verb=verb)
    print(question, end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().lower()
    return answer in ("y", "yes", "o", "oui")
