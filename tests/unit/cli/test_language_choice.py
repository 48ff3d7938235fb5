"""English or French: what the environment says decides."""

import pytest

from recyclic.cli.language import chosen_language, translate


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "br:fr:en"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}, "en"),
        ({"LC_ALL": "", "LANG": "fr_FR.UTF-8"}, "fr"),
    ],
)
def test_the_language_follows_gettext_s_order(environment: dict[str, str], language: str) -> None:
    assert chosen_language(environment) == language


def test_a_text_nobody_translated_is_shown_as_it_is() -> None:
    assert translate("no such text, ever", "fr") == "no such text, ever"
    assert translate("", "fr") == ""


def test_french_is_french() -> None:
    assert translate("Interrupted.", "fr") == "Interrompu."
    assert translate("Interrupted.", "en") == "Interrupted."
