"""Text that cannot drive a terminal."""


def printable(text: str) -> str:
    """``text`` without characters that could drive a terminal; newlines, tabs and spaces stay."""
    return "".join(
        character
        if character.isprintable() or character in "\n\t" or character in _SPACES
        else repr(character)[1:-1]
        for character in text
    )


_SPACES = "\u00a0\u202f"
"""French puts these before a colon; Python calls them unprintable."""
