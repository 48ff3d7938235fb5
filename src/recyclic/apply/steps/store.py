"""Code into the store."""

from dataclasses import dataclass
from typing import ClassVar

from recyclic.apply.errors import CodeMissingError
from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts, PlainStep
from recyclic.site import store


@dataclass(frozen=True, slots=True)
class StoreCode(PlainStep):
    """Copy one tree of code into the store, under its hash.

    Attributes:
        package: Whose code, ``module:caisse``.
    """

    kind: ClassVar[str] = "store-code"
    leads_to: ClassVar[State] = State.STAGED
    package: str
    content_hash: str

    @property
    def subject(self) -> str:
        """Whose code."""
        return self.package

    def prepare(self, bench: Bench) -> Facts:
        """Whether it was there before: undoing leaves that one alone."""
        return {"was_stored": store.is_stored(bench.site, self.content_hash)}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Copy it, or check the copy that is there and mend it."""
        source = bench.sources.get(self.content_hash)
        if source is None and not facts["was_stored"]:
            raise CodeMissingError(package=self.package, version="", origin=self.content_hash)
        store.add_tree(
            bench.site,
            source or store.stored(bench.site, self.content_hash),
            self.content_hash,
        )

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Take it out again, when this run brought it."""
        if facts["was_stored"]:
            store.keep_tree(bench.site, self.content_hash)
        else:
            store.remove_tree(bench.site, self.content_hash)
