"""Text as drawings can hold it: no control characters, a bounded length, a guessed width."""

import math
import unicodedata
from html import escape

_NARROW = frozenset("fijlrtI.,:;|!'`()[]/- ")
_WIDE = frozenset("mwMW@%")
_SIGNS = frozenset("<>=~+#")


def one_line(text: str) -> str:
    """``text`` on one line; what cannot be shown, or is no XML character, becomes U+FFFD."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\t\n\r\u2028\u2029":
        return " "
    # Cc controls, Cf bidirectional overrides, Cs lone surrogates, Co private; and noncharacters.
    # Not Cn, unassigned: newer Pythons know more characters, and would draw another file.
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
    return "\ufffd" if hidden or ord(character) & 0xFFFE == 0xFFFE else character


def xml_text(text: str) -> str:
    """``text`` as it may stand between tags and in attributes."""
    return escape(one_line(text))


def number_text(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def shortened(text: str, length: int) -> str:
    """At most ``length`` characters, the last an ellipsis when some were left off."""
    return text if len(text) <= length else text[: length - 1] + "…"


def width(text: str, size: float) -> float:
    """About how wide ``text`` is at a font size, in the same unit; rather too wide than not.

    No font is at hand: measured on DejaVu Sans, the widest of the common sans-serif fonts.
    """
    return size * math.fsum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.05
    if character in _NARROW:
        return 0.42
    if character in _SIGNS:
        return 0.84
    return 1.0 if character in _WIDE else 0.66
