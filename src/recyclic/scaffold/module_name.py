"""Names for new modules: stricter than what is read, so that every name derived from one fits."""

import keyword
import re
import unicodedata

from recyclic.model.names import InvalidNameError, ModuleName

_PATTERN = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 60
"""Leaves room for what is added to it: a class, an event, a test file."""

_RESERVED = frozenset({"tests", "test", "recyclic", "modules", "python", "paheko"})
"""Folders and packages that a module beside them would hide, or be mistaken for."""


def checked_name(text: str) -> ModuleName:
    """``text`` as the name of a new module: lower-case words joined by single underscores.

    Raises:
        InvalidNameError: the nearest name that would do stands in its fact ``fix``.
    """
    if _is_good(text):
        return ModuleName(text)
    near = nearest_name(text)
    raise InvalidNameError(
        kind=ModuleName.kind,
        text=text[:100],
        pattern="reserved" if _PATTERN.fullmatch(text) else _PATTERN.pattern,
        fix=f"recyclic module new {near}",
    )


def nearest_name(text: str) -> str:
    """A name that would do, as near to ``text`` as can be: ``epicerie_fine`` for ``Épicerie fine``.

    Letters outside ASCII that have no accent to drop leave nothing: then it is ``module``.
    """
    if _is_good(text):
        return text
    # é is e and an accent to NFKD; the accent, like all that is no letter, is dropped.
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", bare)
    name = "_".join(words).lower()[:_LONGEST].strip("_")
    if not name or name[0].isdigit():
        name = f"module_{name}".rstrip("_")
    return name if _is_good(name) else f"{name}_module"


def _is_good(text: str) -> bool:
    fits = len(text) <= _LONGEST and _PATTERN.fullmatch(text) is not None
    return fits and not keyword.iskeyword(text) and text not in _RESERVED
