"""The host of extensions, as the transaction sees it: a small port.

The driver of a real Paheko implements it. Every method can be called again after it was cut short,
and none remembers anything: what was done is read from the host itself.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from recyclic.model.observed import ObservedPaheko
from recyclic.model.package import ExtensionKind

if (
    TYPE_CHECKING
):  # most sites' applies never touch a Paheko: its driver is loaded for those that do
    from recyclic.paheko.extension_code import ExtensionCode
    from recyclic.paheko.extension_host import ExpectedExtension
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

    def snapshot(self, folder: Path) -> Mapping[str, Any]:
        """Copy database and recorded state into the new ``folder``."""
        ...

    def restore(self, folder: Path) -> None:
        """Put the database of a snapshot back."""
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

    def enable(self, name: str) -> None:
        """Enable it."""
        ...

    def undo_enable(self, name: str, before: Mapping[str, Any]) -> None:
        """Undo ``enable``; ``before`` is ``observe().to_json()`` from before."""
        ...

    def disable(self, name: str) -> None:
        """Disable it, keeping its data."""
        ...

    def upgrade(self, names: Sequence[str]) -> None:
        """Let those whose code in place is newer migrate their data."""
        ...

    def waiting_upgrades(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of ``names`` whose code in place is not the recorded version."""
        ...

    def register_modules(self, names: Sequence[str]) -> None:
        """Make new Brindille modules known."""
        ...

    def delete_data(self, name: str) -> None:
        """Delete it with its data: one-way."""
        ...

    def verify(self, expected: "Mapping[str, ExpectedExtension]") -> None:
        """Return when all is as expected and the pages open."""
        ...
