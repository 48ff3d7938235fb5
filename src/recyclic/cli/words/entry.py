"""The words for one code: what is shown when it occurs, and what ``explain CODE`` adds."""

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - gettext's conventional name for "mark, translate later"
    """Mark ``text`` for translation; returns it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """Templates over a finding's facts (``str.format_map``), in English; French by gettext.

    Attributes:
        title: What is wrong, in one line, without a full stop.
        because: The cause, when the title does not say it.
        fix: The smallest change that mends it, to paste where possible.
        explanation: A paragraph for ``recyclic explain CODE``: when it happens, what to do.
    """

    title: str
    because: str = ""
    fix: str = ""
    explanation: str = ""
