"""The parser's own words in the user's language: headings of help, and what it did not understand.

typer translates a few of its texts with gettext and builds the rest in English. The first are
answered from our catalog; the rest are known by their shape and said again.
"""

import gettext
import os
import re

import typer

from recyclic.cli.language import LOCALE_DIRECTORY, _, chosen_language
from recyclic.cli.words.entry import N_

HEADINGS = (
    N_("Arguments"),
    N_("Commands"),
    N_("Options"),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("required"),
)
"""What typer asks gettext for while it writes a help page. It puts a colon behind headings, so
their French ends with the space that stands before one."""

_TOLD = (
    (r"Missing command\.", N_("a command is needed")),
    (
        r"No such command '(?P<name>.*)'\. Did you mean (?P<near>.*)\?",
        N_("there is no command {name!r}; did you mean {near}?"),
    ),
    (r"No such command '(?P<name>.*)'\.", N_("there is no command {name!r}")),
    (r"No such option: (?P<name>.*)", N_("there is no option {name}")),
    (r"Option '(?P<name>.*)' does not take a value\.", N_("option {name} takes no value")),
    (r"Option '(?P<name>.*)' requires an argument\.", N_("option {name} needs a value")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", N_("too many words: {words}")),
    (r"Missing \w+ '?(?P<name>[^']*)'?\..*", N_("{name} is missing")),
    (
        r"Invalid value for '(?P<name>.*)': Input should be a valid (integer|number).*",
        N_("{name} must be a number"),
    ),
    (
        r"Invalid value for '(?P<name>.*)': Input should be (?P<choices>'.*)",
        N_("{name} must be one of {choices}"),
    ),
    (
        r"Invalid value for '(?P<name>.*)': \w+ (?P<path>'.*') does not exist\.",
        N_("{name}: {path} does not exist"),
    ),
    (
        r"Invalid value for '(?P<name>.*)': \w+ (?P<path>'.*') is a file\.",
        N_("{name}: {path} is a file, not a folder"),
    ),
    (
        r"Invalid value for '(?P<name>.*)': Input should be greater than or equal to (?P<least>.*)",
        N_("{name} must be at least {least}"),
    ),
    (
        r"Invalid value for '(?P<name>.*)': Input should be less than or equal to (?P<most>.*)",
        N_("{name} must be at most {most}"),
    ),
    (r"Invalid value for '(?P<name>[^']*)': (?P<reason>.*)", N_("{name}: {reason}")),
)
"""What typer says, and what we say; the first that fits."""


def use_headings() -> None:
    """Let typer find its headings in our catalog; to be called before any help is written."""
    if chosen_language(os.environ) == "fr":
        gettext.bindtextdomain("recyclic", str(LOCALE_DIRECTORY))
        gettext.textdomain("recyclic")


def parser_message(mistake: typer.TyperException) -> str:
    """What was not understood, in the user's language; typer's own words for what is unforeseen."""
    said = mistake.format_message()
    near = getattr(mistake, "possibilities", None)
    if near:
        said = said.partition(" (Possible options:")[0]
    # Of an option with two names, the longer.
    said = re.sub(r"'-\w' / '(--[\w-]+)'", r"'\1'", said)
    for shape, template in _TOLD:
        found = re.fullmatch(shape, said, re.DOTALL)
        if found:
            said = _(template).format(**found.groupdict())
            break
    if near:
        said = _("{said}; did you mean {near}?").format(said=said, near=", ".join(sorted(near)))
    return said
