"""The content of everything a plan would install, as hashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Hashes, each ``sha256:HEX``.

    Attributes:
        modules, paheko: Of the code tree of each, by name; those without code to copy (a module
            from an entry point, an extension nobody has the files of) are missing.
        requirements: Of the lock of Python requirements, or None when no module needs any.
        inputs: Of every file that was read to make the plan, by path.
    """

    modules: Mapping[str, str] = field(default_factory=lambda: _NONE)
    paheko: Mapping[str, str] = field(default_factory=lambda: _NONE)
    requirements: str | None = None
    inputs: Mapping[str, str] = field(default_factory=lambda: _NONE)
