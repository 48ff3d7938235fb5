"""One change of what a Paheko has recorded about its extensions: plain values, made at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from recyclic.model.package import ExtensionKind

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class ExpectedExtension:
    """How one extension is to be found: enabled or not, and a plugin at which version.

    Attributes:
        version: None for a Brindille module, and where any version will do.
    """

    enabled: bool
    version: str | None = None


class Changeable(Protocol):
    """What can be done to a Paheko, live or draft."""

    def put_in_place(self, name: str, kind: ExtensionKind) -> None: ...

    def disable(self, name: str) -> None: ...

    def upgrade(self, names: Sequence[str]) -> None: ...

    def register_modules(self, names: Sequence[str]) -> None: ...

    def enable(self, name: str) -> None: ...

    def delete_data(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DatabaseChange:
    """Everything that is to change, by the names of extensions.

    Attributes:
        placed: Plugins whose staged code goes live with it.
        erased: Their data is deleted: nothing but a copy brings it back.
        versions: Those that are to be enabled in the end, to their version; empty for any.
        source: The folder of a snapshot whose content everything starts from, instead of what is
            live.
    """

    placed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    upgraded: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    source: Path | None = None

    def parts(self, paheko: Changeable) -> Iterator[Action]:
        """What to do, in the only order that is safe: those that go, then new code, then
        migrations, then what is new. An upgrade that waits would be forgotten by what registers
        modules."""
        for name in self.disabled:
            yield lambda name=name: paheko.disable(name)  # type: ignore[misc]
        for name in self.placed:
            yield lambda name=name: paheko.put_in_place(name, ExtensionKind.PLUGIN)  # type: ignore[misc]
        if self.upgraded:
            yield lambda: paheko.upgrade(self.upgraded)
        if self.registered:
            yield lambda: paheko.register_modules(self.registered)
        for name in self.enabled:
            yield lambda name=name: paheko.enable(name)  # type: ignore[misc]
        for name in self.erased:
            yield lambda name=name: paheko.delete_data(name)  # type: ignore[misc]

    def expected(self) -> dict[str, ExpectedExtension]:
        """How all of them are to be found afterwards."""
        gone = dict.fromkeys((*self.disabled, *self.erased), ExpectedExtension(False))
        return gone | {
            name: ExpectedExtension(True, version or None)
            for name, version in self.versions.items()
        }
