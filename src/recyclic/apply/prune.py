"""Making room: old generations and code that no generation uses."""

from dataclasses import dataclass
from pathlib import Path

from recyclic.site import store
from recyclic.site.generations import applied_config, live_config
from recyclic.site.layout import Site
from recyclic.site.lock import site_lock

KEPT_GENERATIONS = 5


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What went.

    Attributes:
        generations: Numbers whose code is gone; their receipts stay.
        trees: How many trees of code left the store.
        freed_bytes: What that gave back.
    """

    generations: tuple[int, ...]
    trees: int
    freed_bytes: int


def prune(site: Site, *, keep: int = KEPT_GENERATIONS, lock_timeout_s: float = 0.0) -> PruneReport:
    """Remove what is not needed to go back ``keep`` generations.

    The live generation always stays, and so does every receipt. Can be killed and called again:
    a generation is given up by its config.toml going first.

    Raises:
        SiteLockedError: another run holds the site.
    """
    with site_lock(site, timeout_s=lock_timeout_s) as lock:
        lock.tell("prune")
        before = disk_bytes(site.root)
        gone = _given_up(site, max(1, keep))
        for number in gone:
            _give_up(site, number)
        trees = _unused_trees(site)
        for tree in trees:
            site.disk.remove_tree(tree)
        site.disk.flush_folder(site.store)
        return PruneReport(tuple(gone), len(trees), max(0, before - disk_bytes(site.root)))


def _given_up(site: Site, keep: int) -> list[int]:
    current = site.current_number()
    whole = [number for number in site.numbers() if site.generation(number).config.is_file()]
    kept = {current, *[number for number in whole if number <= current][-keep:]}
    partly = [number for number in site.numbers() if site.generation(number).modules.is_dir()]
    return sorted({*whole, *partly} - kept)


def _give_up(site: Site, number: int) -> None:
    generation = site.generation(number)
    site.disk.remove(generation.config)
    site.disk.flush_folder(generation.folder)
    for path in sorted(generation.folder.iterdir()):
        if path not in (generation.receipt, generation.log, generation.plan):
            site.disk.remove_tree(path)
    # The copy it took is for going back to the one before it, which is given up as well.
    site.disk.remove_tree(site.snapshots / f"{number:06d}")


def _unused_trees(site: Site) -> list[Path]:
    used: set[Path] = set()
    for number in site.numbers():
        generation = site.generation(number)
        if generation.config.is_file():
            config = applied_config(generation) or live_config(generation)
            hashes = (*config.module_hashes.values(), *config.paheko_hashes.values())
            used |= {store.stored(site, each) for each in hashes}
    return sorted(set(site.store.iterdir()) - used) if site.store.is_dir() else []


def disk_bytes(folder: Path) -> int:
    """What a folder takes on disk, a file with several names counted once."""
    seen: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())
