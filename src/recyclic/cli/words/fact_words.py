"""Words for facts that are one of a few values; facts that name something stay as they are."""

import re
from collections.abc import Mapping

from recyclic.cli.language import _
from recyclic.cli.moment import moment
from recyclic.cli.words.entry import N_
from recyclic.cli.words.system import system_words

_TYPES = {
    "a number": N_("a number"),
    "a table": N_("a table"),
    "an array": N_("an array"),
    "an integer": N_("an integer"),
    "an object": N_("an object"),
    "text": N_("text"),
    "true or false": N_("true or false"),
}

_CHANGES = {
    "allowed values changed": N_("allowed values changed"),
    "cannot be compared": N_("cannot be compared"),
    "field added": N_("field added"),
    "field made optional": N_("field made optional"),
    "field made required": N_("field made required"),
    "field removed": N_("field removed"),
    "limit changed": N_("limit changed"),
    "type changed": N_("type changed"),
}
_CHANGE = re.compile(rf"((?:^|; )[^;]*?: )({'|'.join(_CHANGES)})(?=$|; | \()")
"""In a list of changes: which field, and what became of it."""
_ANY = re.compile(r"(?<=\()any(?= -> )|(?<= -> )any(?=\))")
"""A type that is none in particular, before or after."""

FACT_WORDS: Mapping[str, Mapping[str, str]] = {
    "expected": _TYPES,
    "found": _TYPES,
    "fate": {"dead": N_("dead"), "done": N_("done"), "retry": N_("retrying")},
    "kind": {
        "bundle": N_("bundle"),
        "capability": N_("capability"),
        "device": N_("device"),
        "event": N_("event"),
        "extension": N_("extension"),
        "folder": N_("folder"),
        "module": N_("module"),
        "pipe": N_("pipe"),
        "profile": N_("profile"),
        "site": N_("site"),
        "socket": N_("socket"),
    },
    "obstacle": {
        "moved": N_("it says something else by now than when it was applied"),
        "no-profile": N_("the site was not applied from one"),
        "read-only": N_("it may not be written"),
        "rules": N_("the module does not take that value"),
        "secret": N_("a secret stands in plain sight in config.toml"),
        "shape": N_("its lines cannot be changed without writing it anew"),
        "shared": N_("the setting stands in a file that it extends"),
    },
    "pattern": {
        "[A-Za-z_][A-Za-z0-9_]*": N_(
            "such a name has letters without accents, digits and _, and begins with no digit"
        ),
        "[a-z][a-z0-9]*(?:_[a-z0-9]+)*": N_(
            "such a name has small letters without accents and digits, joined by single _"
        ),
        "[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*": N_(
            "such a name has small letters without accents and digits, joined by single - _ or ."
        ),
        "reserved": N_("it is a word of Python, or the name of something beside it"),
    },
    "problem": {
        "absolute": N_("its path does not begin in the archive"),
        "bomb": N_("unpacked it would be far larger than it is"),
        "device": N_("it is no plain file"),
        "duplicate": N_("its path stands there twice"),
        "entries": N_("there are too many of them"),
        "label": N_("its label is empty or too long"),
        "link": N_("it is a link"),
        "link-out": N_("a link leads out of its folder"),
        "manifest": N_("its ini file cannot be read"),
        "menu": N_("its menu entry leads to no page"),
        "module-min-version": N_("a Brindille module has no min_version"),
        "name": N_("its name is not allowed"),
        "no-folder": N_("its folder is missing"),
        "no-manifest": N_("its ini file is missing"),
        "odd-file": N_("it holds something that is no plain file"),
        "outside": N_("its path leads out of the folder"),
        "special-file": N_("it is no plain file"),
        "version": N_("its version is not one for Paheko"),
    },
    "standing": {
        "dead": N_("given up"),
        "handled": N_("handled"),
        "not taken": N_("not taken yet"),
        "pending": N_("being handled"),
        "waiting": N_("waits for another attempt"),
    },
    "state": {
        "failed": N_("failed"),
        "loaded": N_("starting"),
        "set aside": N_("set aside"),
        "started": N_("runs"),
        "stopped": N_("stopped"),
    },
    "verdict": {
        "asked to wait": N_("asked to wait"),
        "crash": N_("crash"),
        "no handler": N_("no handler"),
        "not an event": N_("not an event"),
        "rejected": N_("rejected"),
    },
    "what": {"prefix": N_("prefix"), "section": N_("section")},
}
"""By the fact's name, then its value."""


_MOMENTS = ("failed_at", "since", "started")
"""Facts that are times."""

_FROM_THE_SYSTEM = ("detail", "reason")
"""Facts that are often what a system call failed with."""


def spoken(name: str, value: object) -> object:
    """A fact as people read it: in words, and in their language, where it is one of a few; by their
    own clock where it is a time."""
    if name in _MOMENTS and isinstance(value, str):
        return moment(value)
    if name in _FROM_THE_SYSTEM and isinstance(value, str):
        return system_words(value)
    if name == "changes" and isinstance(value, str):
        said = _CHANGE.sub(lambda found: found[1] + _(_CHANGES[found[2]]), value)
        return _ANY.sub(_("any"), said)
    words = FACT_WORDS.get(name, {})
    return _(words[value]) if isinstance(value, str) and value in words else value
