"""The words of every code, one file per stage; a stage's file is read when a code needs it."""

from collections.abc import Mapping
from importlib import import_module

from recyclic.cli.words.entry import Words

_STAGES = {
    "A": "apply",
    "B": "events",
    "C": "catalog",
    "D": "resolve",
    "H": "paheko",
    "M": "manifest",
    "P": "plan",
    "R": "runtime",
    "S": "site",
    "U": "usage",
}


def words_of_stage(letter: str) -> Mapping[str, Words]:
    """Every code of one stage with its words; empty for a letter that is no stage."""
    stage = _STAGES.get(letter)
    if stage is None:
        return {}
    words: Mapping[str, Words] = import_module(f"recyclic.cli.words.{stage}").WORDS
    return words


def words_for(code: str) -> Words | None:
    """The words of one code, ``RCY-M003``, or None when there is no such code."""
    letter = code[4:5] if code.startswith("RCY-") else ""
    return words_of_stage(letter).get(code)


def all_codes() -> tuple[str, ...]:
    """Every code that has words, sorted."""
    return tuple(sorted(code for letter in _STAGES for code in words_of_stage(letter)))
