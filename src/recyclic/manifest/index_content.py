"""The entries of an index, by section and name: parsed whole, or taken from the cache."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class IndexContent(Protocol):
    """What an index says, before any of it is decoded."""

    def names(self, section: str) -> Iterable[str]:
        """The names of a section, in the order of the file."""
        ...

    def entries(self, section: str, name: str) -> Any:
        """What stands under a name: by version, if all is well; None for an unknown name."""
        ...

    def providing(self) -> Iterable[str]:
        """The modules of which some version says that it provides something."""
        ...


class ParsedContent:
    """The content of an index that was just parsed."""

    def __init__(self, sections: Mapping[str, Mapping[str, Any]]) -> None:
        self._sections = sections

    def names(self, section: str) -> Iterable[str]:
        """See :class:`IndexContent`."""
        return self._sections[section]

    def entries(self, section: str, name: str) -> Any:
        """See :class:`IndexContent`."""
        return self._sections[section].get(name)

    def providing(self) -> Iterable[str]:
        """See :class:`IndexContent`."""
        return [
            name for name, entries in self._sections["modules"].items() if says_provides(entries)
        ]


def says_provides(entries: object) -> bool:
    """Whether any version under a name says that it provides something."""
    return isinstance(entries, dict) and any(map(entry_provides, entries.values()))


def entry_provides(entry: object) -> bool:
    """Whether one version's entry says that it provides something."""
    dependencies = entry.get("dependencies") if isinstance(entry, dict) else None
    return isinstance(dependencies, dict) and bool(dependencies.get("provides"))
