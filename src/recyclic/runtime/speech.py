"""Words for people, given to the runtime from outside: it has facts only."""

from typing import Protocol

from recyclic.errors import RecyclicError


def N_(text: str) -> str:  # noqa: N802 - gettext's conventional name for "mark, translate later"
    """Mark ``text`` for translation; returns it unchanged."""
    return text


class Speech(Protocol):
    """Who can put things into words. ``language`` is ``en`` or ``fr``."""

    def describe(self, error: RecyclicError, language: str) -> str:
        """One line about an error."""
        ...

    def translate(self, text: str, language: str) -> str:
        """``text``, which is English, in ``language``."""
        ...


class PlainSpeech:
    """English, and errors as their facts: for whoever runs an app without the command line."""

    def describe(self, error: RecyclicError, language: str) -> str:  # noqa: ARG002
        """The error's own line for logs."""
        return str(error)

    def translate(self, text: str, language: str) -> str:  # noqa: ARG002
        """``text`` itself."""
        return text


def preferred_language(accept_language: str) -> str:
    """``fr`` or ``en``, whichever an Accept-Language header likes better; English when equal.

    Source: RFC 9110, section 12.5.4.
    """
    weights = {"en": 0.0, "fr": 0.0}
    for choice in accept_language.lower().split(","):
        tag, _, parameter = choice.strip().partition(";")
        language = tag.split("-")[0].strip()
        if language in weights:
            weights[language] = max(weights[language], _weight(parameter))
    return "fr" if weights["fr"] > weights["en"] else "en"


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        return 0.0
