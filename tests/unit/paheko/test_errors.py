"""Every error of the driver has words, and the words only use facts that the error promises."""

import re
from string import Formatter

import pytest

from recyclic.cli.words.paheko import WORDS
from recyclic.paheko import errors
from recyclic.paheko.errors import PahekoError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, PahekoError) and kind is not PahekoError
]


def test_no_code_is_used_twice_and_none_is_without_words() -> None:
    """One class, one code, one entry."""
    assert sorted(kind.code for kind in KINDS) == sorted(WORDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.code))
def test_words_use_the_facts_that_are_promised(kind: type[PahekoError]) -> None:
    """Those that the class names in its docstring."""
    words = WORDS[kind.code]
    text = f"{words.title} {words.because} {words.fix}"
    used = {name for _, name, _, _ in Formatter().parse(text) if name}
    promised = set(re.findall(r"``(\w+)``", kind.__doc__ or ""))
    assert used <= promised
