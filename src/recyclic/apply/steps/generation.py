"""The new generation's folder, beside the live one."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts, PlainStep
from recyclic.site import atomic, store
from recyclic.site.layout import Generation, Site


@dataclass(frozen=True, slots=True)
class MakeGeneration(PlainStep):
    """Make the folder with its small files: config.toml, its provenance, the plan, the lock."""

    kind: ClassVar[str] = "make-generation"
    leads_to: ClassVar[State] = State.STAGED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing: the number is new."""
        return {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Make it and write its files."""
        folder = bench.site.generation(self.number).folder
        bench.site.disk.make_folder(folder)
        for name, content in sorted(bench.files.items()):
            atomic.write_flushed(bench.site.disk, folder / name, content)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Remove the folder with all that later steps put there; keep what tells why."""
        generation = bench.site.generation(self.number)
        keep_evidence(bench.site, generation)
        bench.site.disk.remove_tree(generation.folder)
        bench.site.disk.flush_folder(bench.site.generations)


def keep_evidence(site: Site, generation: Generation) -> None:
    """Copy the log and the plan of a generation that will go to ``journal/failed``.

    As well as can be: a disk so full that it does not take them must not stop the undoing.
    """
    with suppress(OSError):
        for path in (generation.log, generation.plan):
            if path.is_file():
                folder = site.failed / generation.folder.name
                site.disk.make_folder(site.failed)
                site.disk.make_folder(folder)
                atomic.replace_file(site.disk, folder / path.name, path.read_bytes())


@dataclass(frozen=True, slots=True)
class LinkCode(PlainStep):
    """Give the generation its own copy of one tree, as second names of the store's files.

    Attributes:
        place: ``modules`` or ``extensions``.
    """

    kind: ClassVar[str] = "link-code"
    leads_to: ClassVar[State] = State.STAGED
    number: int
    place: str
    name: str
    content_hash: str

    @property
    def subject(self) -> str:
        """Whose code."""
        return self.name

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Link every file."""
        folder = bench.site.generation(self.number).folder / self.place
        bench.site.disk.make_folder(folder)
        source = store.stored(bench.site, self.content_hash)
        store.link_tree(bench.site.disk, source, folder / self.name)
        bench.site.disk.flush_folder(folder)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Nothing: it goes with the generation."""


@dataclass(frozen=True, slots=True)
class FlushGeneration(PlainStep):
    """Make sure that all of the new generation is on disk before it can become live."""

    kind: ClassVar[str] = "flush-generation"
    leads_to: ClassVar[State] = State.STAGED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Flush the folder, and its name; the whole file system where uv wrote thousands."""
        generation = bench.site.generation(self.number)
        if generation.environment.is_dir():
            bench.site.disk.flush_all(generation.folder)
        bench.site.disk.flush_folder(generation.folder)
        bench.site.disk.flush_folder(bench.site.generations)
