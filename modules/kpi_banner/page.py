"""The banner as a page: HTML, CSS and JavaScript of our own, nothing from elsewhere."""

from html import escape
from pathlib import Path
from string import Template

from .settings import BannerSettings

FOLDER = Path(__file__).parent / "pages"

POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy: even a mistake in the page can load nothing from elsewhere."""

WORDS = {
    "en": {
        "sales": "sales today",
        "money": "taken today",
        "weight_in": "received today",
        "weight_out": "given a second life today",
        "lost": "Connection lost; trying again…",
    },
    "fr": {
        "sales": "ventes aujourd'hui",
        "money": "encaissés aujourd'hui",
        "weight_in": "reçus aujourd'hui",
        "weight_out": "réemployés aujourd'hui",
        "lost": "Connexion perdue ; nouvel essai…",
    },
}


def render_page(settings: BannerSettings, language: str) -> str:
    """The page in ``language``, ``en`` or ``fr``."""
    template = Template((FOLDER / "banner.html").read_text(encoding="utf-8"))
    facts = {"language": language, "title": settings.title, "currency": settings.currency}
    return template.substitute(
        {name: escape(text) for name, text in {**WORDS[language], **facts}.items()}
    )


def language_of(accepted: str) -> str:
    """``fr`` when an Accept-Language header puts French first, else ``en``."""
    first = accepted.split(",")[0].strip().lower()
    return "fr" if first.startswith("fr") else "en"
