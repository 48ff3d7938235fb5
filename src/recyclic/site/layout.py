"""Which file of a site lies where. Nothing is written outside the site's folder."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from recyclic.site.disk import Disk
from recyclic.site.errors import NotASiteError

_OWN_NAMES = frozenset(
    {"current", "generations", "store", "journal", "snapshots", "data", "run", "serve.log"}
)
_NUMBER = re.compile(r"[0-9]{6,}")


@dataclass(frozen=True)
class Generation:
    """The files of one generation; they need not exist."""

    folder: Path
    number: int

    @property
    def config(self) -> Path:
        """What the runtime boots."""
        return self.folder / "config.toml"

    @property
    def provenance(self) -> Path:
        """Which file and line every value came from."""
        return self.folder / "config.provenance.json"

    @property
    def plan(self) -> Path:
        """The plan that made it."""
        return self.folder / "plan.json"

    @property
    def receipt(self) -> Path:
        """Who made it, when, and with what result."""
        return self.folder / "receipt.json"

    @property
    def log(self) -> Path:
        """What happened meanwhile, one JSON value a line."""
        return self.folder / "log.ndjson"

    @property
    def requirements(self) -> Path:
        """The hashed lock of its Python requirements, when it has any."""
        return self.folder / "requirements.lock"

    @property
    def modules(self) -> Path:
        """Its own copy of every module's code."""
        return self.folder / "modules"

    @property
    def extensions(self) -> Path:
        """Its own copy of every Paheko extension's code, to go back to."""
        return self.folder / "extensions"

    @property
    def environment(self) -> Path:
        """Its Python requirements, when it has any."""
        return self.folder / "env"


@dataclass(frozen=True)
class Site:
    """One site's folder.

    Attributes:
        root: The folder, absolute.
        disk: What every change goes through.
    """

    root: Path
    disk: Disk = field(default_factory=Disk, compare=False)

    @property
    def current(self) -> Path:
        """The link to the generation that is live."""
        return self.root / "current"

    @property
    def generations(self) -> Path:
        """One folder a generation, by number."""
        return self.root / "generations"

    @property
    def store(self) -> Path:
        """Code by its content."""
        return self.root / "store"

    @property
    def journal(self) -> Path:
        """The transaction in flight, the lock, the history."""
        return self.root / "journal"

    @property
    def transaction(self) -> Path:
        """The transaction in flight; missing when there is none."""
        return self.journal / "transaction.ndjson"

    @property
    def history(self) -> Path:
        """Every transaction that ended, one JSON line each."""
        return self.journal / "history.ndjson"

    @property
    def lock(self) -> Path:
        """The file whose kernel lock makes one run the only writer."""
        return self.journal / "lock"

    @property
    def failed(self) -> Path:
        """What is kept of generations that were undone: log and plan."""
        return self.journal / "failed"

    @property
    def snapshots(self) -> Path:
        """Data taken before a step that changes data, by the generation that took it."""
        return self.root / "snapshots"

    @property
    def data(self) -> Path:
        """What modules keep for themselves, one folder each."""
        return self.root / "data"

    @property
    def run(self) -> Path:
        """What lives as long as a serving process."""
        return self.root / "run"

    def generation(self, number: int) -> Generation:
        """The files of generation ``number``."""
        return Generation(self.generations / f"{number:06d}", number)

    def current_number(self) -> int:
        """The number of the live generation, or 0."""
        try:
            name = self.current.readlink().name
        except OSError:
            return 0
        return int(name) if _NUMBER.fullmatch(name) else 0

    def numbers(self) -> tuple[int, ...]:
        """The numbers of the generations that are there, oldest first."""
        try:
            names = [child.name for child in self.generations.iterdir()]
        except OSError:
            return ()
        return tuple(sorted(int(name) for name in names if _NUMBER.fullmatch(name)))

    def prepare(self) -> None:
        """Make the folders every site has.

        Raises:
            NotASiteError: the folder is something else's; nothing was made.
        """
        if not self.root.is_dir():
            self.root.parent.mkdir(parents=True, exist_ok=True)
        elif not self.journal.is_dir():
            foreign = sorted({child.name for child in self.root.iterdir()} - _OWN_NAMES)
            if foreign:
                raise NotASiteError(folder=str(self.root), found=foreign[:5])
        for folder in (
            self.root,
            self.journal,
            self.generations,
            self.store,
            self.snapshots,
            self.data,
        ):
            self.disk.make_folder(folder)


def link_target(number: int) -> str:
    """What ``current`` says when ``number`` is live."""
    return f"generations/{number:06d}"
