"""The host of extensions, as the transaction sees it: a small port.

The driver of a real Paheko implements it. Every method can be called again after it was cut short,
and none remembers anything: what was done is read from the host itself.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from recyclic.model.observed import ObservedPaheko
from recyclic.model.package import ExtensionKind

if (
    TYPE_CHECKING
):  # most sites' applies never touch a Paheko: its driver is loaded for those that do
    from recyclic.paheko.database_change import DatabaseChange, ExpectedExtension
    from recyclic.paheko.extension_code import ExtensionCode
    from recyclic.paheko.public_pages import PublicAnswer
    from recyclic.paheko.state import PahekoState


class ExtensionHost(Protocol):
    """A host of extensions with a database of its own. All may raise a RecyclicError."""

    def hold(self, seconds: float = 0.0) -> AbstractContextManager[None]:
        """Be the only run that changes it while the context lasts."""
        ...

    def observe(self) -> ObservedPaheko:
        """What is there now, records and code. Leaves no trace."""
        ...

    def state(self) -> "PahekoState":
        """What is recorded now. Leaves no trace."""
        ...

    def check_ready(self) -> None:
        """Return when a transaction may begin."""
        ...

    def snapshot(self, folder: Path) -> None:
        """Copy all it keeps into the new ``folder``."""
        ...

    def change(
        self, folder: Path, change: "DatabaseChange", run: Callable[[Callable[[], None]], None]
    ) -> None:
        """Change what it has recorded, all of it or nothing; ``folder`` keeps both sides."""
        ...

    def take_back(self, folder: Path, *, at_any_cost: bool = False) -> None:
        """Undo ``change``; what people wrote since stays, or it is refused."""
        ...

    def rows_since(self, folder: Path) -> Mapping[str, int]:
        """What people added or changed since a snapshot, in rows by table. Leaves no trace."""
        ...

    def stage(self, name: str, tree: Path) -> "ExtensionCode":
        """Copy code beside its place; nothing live changes."""
        ...

    def put_in_place(self, name: str, kind: ExtensionKind) -> None:
        """Make staged code live."""
        ...

    def undo_move(self, name: str, kind: ExtensionKind) -> None:
        """Undo ``put_in_place``."""
        ...

    def discard(self, name: str, kind: ExtensionKind) -> None:
        """Forget staged and former code."""
        ...

    def disable(self, name: str) -> None:
        """Disable it, keeping its data."""
        ...

    def reload_web_server(self) -> None:
        """Make its web server forget the code it has in memory, where that is needed."""
        ...

    def look_from_outside(self) -> "PublicAnswer | None":
        """How its public pages are; raises when they have to open and do not."""
        ...

    def verify(self, expected: "Mapping[str, ExpectedExtension]") -> None:
        """Return when all is as expected and the pages open."""
        ...
