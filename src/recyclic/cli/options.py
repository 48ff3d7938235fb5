"""The options that several verbs share, each written once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli.errors import NameOptionError, UsageError
from recyclic.cli.help_page import CommandHelp
from recyclic.cli.language import _
from recyclic.model.names import InvalidNameError, SiteName

READS = _("Reads only.") + " "
CHANGES = _("Changes the site.") + " "
"""How every help page begins. A file written elsewhere is no change of the site."""

EVERY_NAME = "*"
"""What ``--upgrade`` without a name stands for."""

TargetWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[bundle|profile|config FILE]",
        help=_("What to start from; without it, what the site was last applied from."),
        show_default=False,
    ),
]
SiteWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[bundle|profile|config FILE]",
        help=_("The file the site is made from, instead of --site."),
        show_default=False,
    ),
]


def _site_name(text: str | None) -> str | None:
    """``--site`` as it was given.

    Raises:
        NameOptionError: no site can have that name.
    """
    try:
        return text if text is None else str(SiteName(text))
    except InvalidNameError as error:
        raise NameOptionError(**error.facts) from None


Site = Annotated[
    str | None,
    typer.Option(
        "--site",
        metavar="NAME",
        help=_("The site, by name."),
        callback=_site_name,
        show_default=False,
    ),
]
Instance = Annotated[
    Path | None,
    typer.Option("--instance", metavar="DIR", help=_("The site's folder."), show_default=False),
]
Catalogs = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalog",
        metavar="PATH",
        help=_(
            "A source for this run instead of the default ones: a folder, an index.json, "
            "a Paheko. Repeatable."
        ),
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help=_("Print one JSON value (NDJSON for a stream)."))
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask."))]
NoInput = Annotated[bool, typer.Option("--no-input", help=_("Never ask; refuse instead."))]
Upgrade = Annotated[
    list[str] | None,
    typer.Option(
        "--upgrade",
        metavar="[NAME]",
        help=_("Prefer the newest over what is installed, for NAME or for everything."),
        show_default=False,
    ),
]
NoPython = Annotated[
    bool, typer.Option("--no-python", help=_("Do not check the Python requirements with uv."))
]
Offline = Annotated[bool, typer.Option("--offline", help=_("Use no network."))]
FindLinks = Annotated[
    Path | None,
    typer.Option("--find-links", metavar="DIR", help=_("A folder of wheels."), show_default=False),
]
LockTimeout = Annotated[
    float,
    typer.Option("--lock-timeout", metavar="SECONDS", help=_("How long to wait for another run.")),
]
Fix = Annotated[
    int | None,
    typer.Option(
        "--fix",
        metavar="N",
        help=_("Write the N-th suggested fix, then go on."),
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a command, told apart.

    Attributes:
        kind, file: What to start from, or None when the command line names nothing.
        names: The other words, such as the NAME of ``why NAME``.
    """

    kind: str | None
    file: str | None
    names: tuple[str, ...]


def told_apart(words: list[str] | None, verb: str, names: int = 0) -> Asked:
    """``[NAME] bundle FILE`` in either order.

    Args:
        names: How many words besides the target the verb takes.

    Raises:
        UsageError: a kind without its file, or more words than the verb takes.
    """
    rest = list(words or [])
    kind = file = None
    for position, word in enumerate(rest):
        if word in ("bundle", "profile", "config"):
            if position + 1 == len(rest):
                if names and position < names:
                    continue
                raise UsageError(message=_("{word} needs a FILE").format(word=word), verb=verb)
            kind, file = word, rest[position + 1]
            del rest[position : position + 2]
            break
    if len(rest) > names:
        message = _("{word!r} is not understood; say bundle, profile or config, then a FILE")
        raise UsageError(message=message.format(word=rest[names]), verb=verb)
    return Asked(kind, file, tuple(rest))


def verb(
    app: typer.Typer, name: str, effect: str, summary: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a verb whose help begins with what it does to the site."""
    return app.command(name, cls=CommandHelp, help=effect + summary, short_help=summary)
