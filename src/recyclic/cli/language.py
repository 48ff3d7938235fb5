"""English or French, chosen once from the environment."""

import os
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE_DIRECTORY = Path(__file__).parent.parent / "locale"


def chosen_language(environment: Mapping[str, str]) -> str:
    """``"fr"`` or ``"en"``.

    Source: GNU gettext: LANGUAGE (a list), then LC_ALL, LC_MESSAGES, LANG; the first that is
    set decides, and the C locale switches translation off.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(variable, "")
        if locale:
            break
    else:
        locale = ""
    if locale.partition(".")[0] in ("C", "POSIX"):
        return "en"
    for wanted in [*environment.get("LANGUAGE", "").split(":"), locale]:
        language = wanted.partition(".")[0].partition("_")[0]
        if language in ("en", "fr"):
            return language
    return "en"


@cache
def _translations(language: str) -> NullTranslations:
    compiled = LOCALE_DIRECTORY / language / "LC_MESSAGES" / "recyclic.mo"
    if not compiled.is_file():
        return NullTranslations()
    with compiled.open("rb") as file:
        return GNUTranslations(file)


def translate(text: str, language: str) -> str:
    """``text`` in ``language``, or as it is where no translation is known."""
    return _translations(language).gettext(text) if text else text


def _(text: str) -> str:
    """``text`` in the language of the environment."""
    return translate(text, chosen_language(os.environ))
