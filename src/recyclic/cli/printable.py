"""Text that cannot drive a terminal."""


def printable(text: str) -> str:
    """``text`` without characters that could drive a terminal; newlines and tabs stay."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else repr(character)[1:-1]
        for character in text
    )
