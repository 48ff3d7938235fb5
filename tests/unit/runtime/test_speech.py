"""Which language a browser is answered in."""

import pytest

from recyclic.runtime.speech import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("en;q=0.3, fr;q=0.7", "fr"),
        ("de,fr;q=0.1", "fr"),
        ("fr;q=0", "en"),
        ("FR", "fr"),
        ("*", "en"),
        ("fr;q=nonsense", "en"),
        (",,;q=,", "en"),
    ],
)
def test_the_language_the_browser_likes_better(header: str, language: str) -> None:
    """Weights decide; nonsense counts as nothing."""
    assert preferred_language(header) == language
