"""The French: complete, current, and fit to be filled with the same facts."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from recyclic.cli.language import LOCALE_DIRECTORY
from recyclic.cli.words import all_codes, words_for

SOURCE = Path(__file__).parents[3] / "src" / "recyclic"
FRENCH = LOCALE_DIRECTORY / "fr" / "LC_MESSAGES" / "recyclic"


@cache
def marked_texts() -> frozenset[str]:
    """Every text in the source that is wrapped in ``_()`` or ``N_()``."""
    found = extract_from_dir(SOURCE, keywords={"_": None, "N_": None})
    return frozenset(message for _, _, message, _, _ in found if isinstance(message, str))


@cache
def french() -> Catalog:
    with FRENCH.with_suffix(".po").open("rb") as file:
        return read_po(file, locale="fr")


def translations() -> Iterator[tuple[str, str]]:
    """Every text that has a French one, and that."""
    for message in french():
        if message.id:
            assert isinstance(message.id, str)
            assert isinstance(message.string, str)
            if not message.string.strip():
                continue
            yield message.id, message.string


def test_every_marked_text_has_a_french_one_and_no_other_is_kept() -> None:
    """`make locale` collects the texts; a person writes the French."""
    translated = {text for text, _ in translations()}
    assert sorted(marked_texts() - translated) == []
    assert sorted(translated - marked_texts()) == []
    assert not [message.id for message in french() if message.id and message.fuzzy]


def test_the_compiled_catalog_says_what_the_written_one_says() -> None:
    with FRENCH.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text, _ in translations()} == dict(translations())


def fields(template: str) -> Counter[tuple[str, str, str]]:
    """What a template is filled with: each fact, its conversion and its format."""
    return Counter(
        (name, conversion or "", specification or "")
        for _, name, specification, conversion in Formatter().parse(template)
        if name is not None
    )


def test_french_uses_the_same_facts() -> None:
    """A fact may be said twice in neither, left out in neither, and is never renamed."""
    wrong = [
        (text, told) for text, told in translations() if set(fields(text)) != set(fields(told))
    ]
    assert wrong == []


COPIED = re.compile(r"--[a-z][a-z-]+|RCY-[A-Z]\d{3}|\b[A-Z]+_[A-Z_]+\b|\w+\.(?:toml|json|ini)\b")


def test_what_one_types_is_the_same_in_french() -> None:
    """Options, codes, names of variables and of files are never translated."""
    wrong = [
        (text, told)
        for text, told in translations()
        if set(COPIED.findall(text)) != set(COPIED.findall(told))
    ]
    assert wrong == []


COLON_SPACE = dict.fromkeys(("Arguments", "Commands", "Options"), "\u00a0")


def _without_colon_space() -> list[tuple[str, str]]:
    return [(text, told.removesuffix(COLON_SPACE.get(text, "\0"))) for text, told in translations()]


def test_french_keeps_the_shape_of_the_text() -> None:
    """Lines, and the spaces and the full stop that the text around it relies on.

    Headings get a colon from the parser, so their French brings the space before it.
    """
    wrong = [
        (text, told)
        for text, told in _without_colon_space()
        if text.count("\n") != told.count("\n")
        or text[:1].isspace() != told[:1].isspace()
        or text[-1:].isspace() != told[-1:].isspace()
        or text.endswith(".") != told.endswith(".")
    ]
    assert wrong == []


def test_french_has_its_own_spaces_and_quotes() -> None:
    """A no-break space before : ; ! ? and within « », or a line may begin with a colon."""
    plain = re.compile(r"[\w»)}] [:;!?»](?:\s|$)|« ")
    assert [told for _, told in translations() if plain.search(told)] == []


@pytest.mark.parametrize("code", all_codes())
def test_every_word_for_a_code_is_marked_for_translation(code: str) -> None:
    words = words_for(code)
    assert words is not None
    texts = {words.title, words.because, words.fix, words.explanation} - {""}
    assert texts <= marked_texts()


def written_texts() -> set[str]:
    """Every text that stands in a call of ``_()`` or ``N_()``, inside f-strings too."""
    calls = (
        node
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "N_")
    )
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def test_no_text_hides_where_the_extractor_does_not_look() -> None:
    """Before Python 3.12 it does not look into f-strings; such labels stand in labels.py."""
    assert sorted(written_texts() - marked_texts()) == []


def raised_codes() -> list[str]:
    found = {
        code
        for file in SOURCE.rglob("*.py")
        if "words" not in file.parts
        for code in re.findall(r'"(RCY-[A-Z]\d{3})"', file.read_text("utf-8"))
    }
    return sorted(found)


@pytest.mark.parametrize("code", raised_codes())
def test_every_code_that_can_occur_has_words(code: str) -> None:
    assert words_for(code) is not None, f"no words for {code} in cli/words"
