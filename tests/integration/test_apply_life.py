"""The life of a site after its first apply: back, away, smaller, changed by hand, packed."""

import io
import json
import shutil
import sqlite3
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version
from tests.fakes.apply_world import LINE, Wish, World
from tests.fakes.memory_folder import memory_folder

from recyclic.apply.apply import apply
from recyclic.apply.archive import extract
from recyclic.apply.doctor import examine
from recyclic.apply.drift import Ignored, edited_settings, find_drift, ignore_drift
from recyclic.apply.errors import (
    ArchiveUnreadableError,
    ArtifactRefusedError,
    ArtifactUnavailableError,
    HostileArchiveError,
    NameNotConfirmedError,
    NoEarlierGenerationError,
    StepFailedError,
)
from recyclic.apply.fetch import artifact_folder
from recyclic.apply.history import read_history
from recyclic.apply.kill_test import differing, picture_of
from recyclic.apply.pack import pack, unpack
from recyclic.apply.prune import prune
from recyclic.apply.rollback import DataChoice, default_target, losses, plan_rollback
from recyclic.apply.step import Wheels
from recyclic.apply.steps.removal import DataFate
from recyclic.apply.uninstall import uninstall
from recyclic.model.observed import Drift, DriftKind
from recyclic.model.package import Artifact, Origin, OriginKind, Package, PackageKind, Release
from recyclic.site.generations import read_installed
from recyclic.site.observe import observe_site
from recyclic.site.tree import file_hash, tree_hash

ONE = Wish({"caisse": "1.0"}, settings={"caisse": {"currency": "EUR"}})
TWO = Wish({"caisse": "2.0", "kpi": "1.0"}, settings={"caisse": {"currency": "CHF"}})
TODAY = date(2026, 5, 1)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory: these sites are made of many flushed files."""
    with memory_folder() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A site at its second generation, with data of its till."""
    made = World(tmp_path)
    for version in ("1.0", "2.0"):
        manifest = made.write_module("caisse", version) / "module.toml"
        with manifest.open("a") as file:
            file.write('[counts]\nsales = "SELECT count(*) FROM sale"\n')
    made.apply(ONE)
    sell(made, "lamp", create=True)
    made.apply(TWO)
    return made


def till(world: World) -> Path:
    return world.site.data / "caisse" / "till.sqlite"


def sell(world: World, what: str, *, create: bool = False) -> None:
    till(world).parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(till(world))) as database, database:
        if create:
            database.execute("PRAGMA journal_mode = wal")
            database.execute("CREATE TABLE sale (what TEXT)")
        database.execute("INSERT INTO sale VALUES (?)", (what,))


def sales(world: World) -> list[str]:
    with closing(sqlite3.connect(till(world))) as database:
        return [row[0] for row in database.execute("SELECT what FROM sale")]


def config_of(world: World, number: int) -> bytes:
    return world.site.generation(number).config.read_bytes()


def test_going_back_makes_a_new_generation_equal_to_the_old_one(world: World) -> None:
    """Numbers only grow; what is live is the same, to the byte."""
    plan, materials = plan_rollback(world.site, default_target(world.site))
    report = apply(plan, materials, world.site)
    assert report.generation == 3
    assert config_of(world, 3) == config_of(world, 1)
    first, third = world.site.generation(1), world.site.generation(3)
    assert tree_hash(first.modules) == tree_hash(third.modules)
    assert {c.reason.value for c in plan.changes} == {"rollback", "unchanged"}
    assert sales(world) == ["lamp"]


def test_going_back_with_data_says_first_what_is_lost(world: World) -> None:
    """The copy taken before generation 2 is put back; one sale since then goes."""
    sell(world, "chair")
    plan, materials = plan_rollback(world.site, 1, data=DataChoice.RESTORE)
    (loss,) = losses(world.site, plan)
    assert (loss.module, dict(loss.counts)) == ("caisse", {"sales": 1})
    assert loss.since
    apply(plan, materials, world.site)
    assert sales(world) == ["lamp"]
    again, more = plan_rollback(world.site, 2, data=DataChoice.RESTORE)
    apply(again, more, world.site)
    assert sales(world) == ["lamp", "chair"], "going back was itself reversible"


def test_going_back_with_data_that_is_open_elsewhere(world: World) -> None:
    """The site is served meanwhile: its module has the database open, with rows that are in the
    write-ahead log only. Looking at what would be lost leaves no trace in the copy, and what is
    restored is there for the connection that was open all the time."""
    with closing(sqlite3.connect(till(world))) as served:
        served.execute("PRAGMA wal_autocheckpoint = 0")
        served.execute("INSERT INTO sale VALUES ('chair')")
        served.commit()
        plan, materials = plan_rollback(world.site, 1, data=DataChoice.RESTORE)
        (loss,) = losses(world.site, plan)
        assert dict(loss.counts) == {"sales": 1}
        copy = world.site.snapshots / "000002" / "data" / "caisse"
        assert [path.name for path in copy.iterdir()] == ["till.sqlite"]
        (copy / "till.sqlite-wal").write_bytes(b"")
        (copy / "till.sqlite-shm").write_bytes(bytes(32768))
        apply(plan, materials, world.site)
        assert served.execute("SELECT what FROM sale").fetchall() == [("lamp",)]
        served.execute("INSERT INTO sale VALUES ('table')")
        served.commit()
    assert sales(world) == ["lamp", "table"]
    with closing(sqlite3.connect(till(world))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_going_back_that_fails_keeps_the_data(world: World) -> None:
    """Data that was put back before the failure comes forward again."""
    sell(world, "chair")
    plan, materials = plan_rollback(world.site, 1, data=DataChoice.RESTORE)
    world.site.current.unlink()
    world.site.current.mkdir()
    (world.site.current / "in the way").write_text("")
    broken = replace(plan, base=0)
    with pytest.raises(StepFailedError):
        apply(broken, materials, world.site)
    assert sales(world) == ["lamp", "chair"]


def test_migrated_data_comes_back_and_plain_rows_stay(world: World, tmp_path: Path) -> None:
    """When an apply fails, tables that new code changed are put back; rows are not lost."""
    from recyclic.apply.serving import ServedSite
    from recyclic.apply.step import Bench
    from recyclic.apply.steps.data import SnapshotData

    bench = Bench(world.site, ServedSite(world.site.run))
    step = SnapshotData(9, "caisse")
    facts = step.prepare(bench)
    step.do(bench, facts)
    sell(world, "chair")
    step.undo(bench, facts)
    assert sales(world) == ["lamp", "chair"]
    facts = step.prepare(bench)
    step.do(bench, facts)
    with closing(sqlite3.connect(till(world))) as database, database:
        database.execute("ALTER TABLE sale RENAME TO vente")
    step.undo(bench, facts)
    assert sales(world) == ["lamp", "chair"]
    step.undo(bench, facts)
    assert not (world.site.snapshots / "000009").exists()


def test_a_pruned_generation_cannot_be_gone_back_to(world: World) -> None:
    """Its code leaves the disk, its receipt stays, and the live one is untouched."""
    before = picture_of(world.site.generation(2).folder)
    report = prune(world.site, keep=1)
    assert report.generations == (1,)
    assert report.trees == 1
    assert world.site.generation(1).receipt.is_file()
    assert picture_of(world.site.generation(2).folder) == before
    with pytest.raises(NoEarlierGenerationError):
        default_target(world.site)
    assert prune(world.site, keep=1).generations == ()


@pytest.mark.parametrize("fate", list(DataFate))
def test_a_site_can_be_taken_away_and_its_data_fares_as_chosen(
    world: World, fate: DataFate
) -> None:
    """Code goes; data is kept, archived or deleted; the history says so."""
    if fate is DataFate.PURGE:
        with pytest.raises(NameNotConfirmedError):
            uninstall(world.site, fate, confirmed="other")
        assert world.site.current_number() == 2
    report = uninstall(world.site, fate, confirmed="lyon")
    assert not world.site.current.exists()
    assert not world.site.store.exists()
    assert till(world).exists() == (fate is DataFate.KEEP)
    if fate is DataFate.ARCHIVE:
        assert report.data is not None
        with tarfile.open(report.data) as archive:
            assert "data/caisse/till.sqlite" in archive.getnames()
    assert read_history(world.site)[-1]["result"] == "uninstalled"
    assert world.apply(ONE).generation > 2, "numbers go on where they were"


def test_uninstalling_twice_is_uninstalling_once(world: World) -> None:
    """What was interrupted can simply be called again."""
    uninstall(world.site)
    assert uninstall(world.site).data == world.site.data


def drift_of(world: World) -> list[Drift]:
    return list(find_drift(world.site, None, TODAY).drift)


def edit_config(world: World) -> None:
    config = world.site.generation(2).config
    config.write_text(config.read_text().replace('"CHF"', '"USD"'))


def edit_code(world: World) -> None:
    code = world.site.generation(2).modules / "caisse" / "__init__.py"
    content = code.read_text()
    code.unlink()
    code.write_text(content + "# edited\n")


def edit_code_in_place(world: World) -> None:
    """As some editors do: the store has the same file under another name."""
    code = world.site.generation(2).modules / "caisse" / "__init__.py"
    code.chmod(0o644)
    with code.open("a") as file:
        file.write("# edited\n")


DRIFTS: list[tuple[Callable[[World], object], str, DriftKind]] = [
    (edit_config, "config:settings.caisse.currency", DriftKind.MODIFIED),
    (edit_code, "module:caisse", DriftKind.MODIFIED),
    (edit_code_in_place, "module:caisse", DriftKind.MODIFIED),
    (
        lambda world: shutil.rmtree(world.site.generation(2).modules / "kpi"),
        "module:kpi",
        DriftKind.MISSING,
    ),
    (
        lambda world: (world.site.generation(2).modules / "mine").mkdir(),
        "module:mine",
        DriftKind.EXTRA,
    ),
    (
        lambda world: world.site.generation(2).config.write_text("}{"),
        "config:config.toml",
        DriftKind.MODIFIED,
    ),
    (
        lambda world: world.site.generation(2).config.unlink(),
        "config:config.toml",
        DriftKind.MISSING,
    ),
]


@pytest.mark.parametrize("case", range(len(DRIFTS)))
def test_what_was_changed_by_hand_is_found_and_mended(world: World, case: int) -> None:
    """Each kind of change has its name; planning the same again puts it right."""
    change, subject, kind = DRIFTS[case]
    assert drift_of(world) == []
    change(world)
    (found,) = drift_of(world)
    assert (found.subject, found.kind) == (subject, kind)
    plan, materials = world.plan(TWO)
    assert plan.has_changes
    apply(plan, materials, world.site)
    assert drift_of(world) == []
    assert config_of(world, 3).count(b'"CHF"') == 1
    assert [finding.name for finding in examine(world.site) if not finding.is_well] == []
    assert not list(world.site.store.glob(".*"))


def test_drift_cannot_write(world: World) -> None:
    """It works on a tree in which nothing can be written, and leaves every time as it was."""
    edit_code(world)
    paths = sorted(world.site.root.rglob("*"))
    for path in paths:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = [(path, path.lstat().st_mtime_ns, path.lstat().st_ctime_ns) for path in paths]
    assert len(drift_of(world)) == 1
    assert before == [(path, path.lstat().st_mtime_ns, path.lstat().st_ctime_ns) for path in paths]
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def test_drift_can_be_left_be_until_a_day(world: World) -> None:
    """With a reason; on that day it comes back."""
    edit_config(world)
    subject = "config:settings.caisse.currency"
    ignore_drift(world.site, Ignored(subject, "trying dollars", "2026-06-01"))
    report = find_drift(world.site, None, TODAY)
    assert report.drift == ()
    assert report.ignored[0][1].reason == "trying dollars"
    assert len(find_drift(world.site, None, date(2026, 6, 1)).drift) == 1
    (edited,) = edited_settings(world.site)
    assert (edited.key, edited.applied, edited.live) == ("caisse.currency", "CHF", "USD")


def test_a_packed_site_is_installed_elsewhere_exactly(world: World, tmp_path: Path) -> None:
    """The archive holds everything; the same plan packs to the same bytes."""
    plan, materials = world.plan(TWO)
    without_links(materials.folders.values())
    plan, materials = world.plan(TWO)
    archive = tmp_path / "site.rcy"
    pack(plan, materials, archive, Wheels())
    first = archive.read_bytes()
    pack(plan, materials, archive, Wheels())
    assert archive.read_bytes() == first
    unpacked = unpack(archive, tmp_path / "unpacked")
    assert unpacked.config == plan.config
    assert unpacked.materials.artifacts.modules == materials.artifacts.modules
    assert unpacked.wheels is None


def without_links(folders: object) -> None:
    for folder in folders:  # type: ignore[attr-defined]
        for path in folder.rglob("*"):
            if path.is_symlink():
                path.unlink()


def test_an_archive_that_was_changed_is_refused(world: World, tmp_path: Path) -> None:
    """Code that is not what its config.toml names is not used."""
    plan, materials = world.plan(TWO)
    without_links(materials.folders.values())
    plan, materials = world.plan(TWO)
    archive, changed = tmp_path / "site.rcy", tmp_path / "changed.rcy"
    pack(plan, materials, archive, Wheels())
    with tarfile.open(archive) as source, tarfile.open(changed, "w:gz") as target:
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            data = content.read()
            if member.name.endswith("caisse/__init__.py"):
                data += b"# evil\n"
                member.size = len(data)
            target.addfile(member, io.BytesIO(data))
    with pytest.raises(ArtifactRefusedError):
        unpack(changed, tmp_path / "unpacked")


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, target: str = ""
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, target
    return made


HOSTILE = {
    "absolute": [entry("/etc/cron.d/evil")],
    "outside": [entry("a/../../evil")],
    "link": [entry("a", tarfile.SYMTYPE, target="/etc"), entry("a/passwd")],
    "hard-link": [entry("a", tarfile.LNKTYPE, target="../../etc/passwd")],
    "device": [entry("null", tarfile.CHRTYPE)],
    "pipe": [entry("pipe", tarfile.FIFOTYPE)],
    "duplicate": [entry("a"), entry("a")],
    "file-and-folder": [entry("a"), entry("a/b")],
    "name": [entry("a\nb")],
    "bomb": [entry("zeros", size=300 << 20)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    """Each known trick is refused by what it is."""
    archive = tmp_path / "hostile.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        for member in HOSTILE[name]:
            made.addfile(member, Zeros(member.size))
    with pytest.raises(HostileArchiveError):
        extract(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hostile.tar.gz"]


class Zeros(io.RawIOBase):
    """So many zeros, made as they are read."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        given = min(self._left, size if size >= 0 else self._left)
        self._left -= given
        return bytes(given)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a\\..\\evil", "C:evil"])
def test_a_hostile_zip_is_refused(name: str, tmp_path: Path) -> None:
    """The same rules, whatever the format."""
    archive = tmp_path / "hostile.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(HostileArchiveError):
        extract(archive, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"hello"])
def test_what_is_no_archive_is_told_so(content: bytes, tmp_path: Path) -> None:
    """A file that was cut short is a coded error."""
    archive = tmp_path / "cut.tar.gz"
    archive.write_bytes(content)
    with pytest.raises(ArchiveUnreadableError):
        extract(archive, tmp_path / "out")


def test_an_artifact_is_used_once_its_hash_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetched beside the index, checked, extracted into the cache, found there again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    archive = tmp_path / "index" / "till.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as made:
        content = b'name = "Till"\n'
        made.addfile(entry("till-1.0/module.toml", size=len(content)), io.BytesIO(content))
    right = file_hash(archive).removeprefix("sha256:")

    def release(sha256: str, location: str = "till.tar.gz") -> Release:
        origin = Origin(OriginKind.INDEX, str(archive.parent / "index.json"))
        package = Package(PackageKind.MODULE, "till")
        artifact = Artifact(location, sha256)
        return Release(package, Version("1.0"), LINE, origin, artifact=artifact)

    with pytest.raises(ArtifactRefusedError):
        artifact_folder(release("0" * 64))
    with pytest.raises(ArtifactUnavailableError):
        artifact_folder(release("1" * 64, "missing.tar.gz"))
    with pytest.raises(ArtifactUnavailableError):
        artifact_folder(release("1" * 64, "https://127.0.0.1:1/x"), offline=True)
    assert (artifact_folder(release(right)) / "module.toml").read_bytes() == content
    archive.unlink()
    assert (artifact_folder(release(right), offline=True) / "module.toml").is_file()


def test_the_doctor_finds_a_healthy_site_healthy_and_damage_damaged(world: World) -> None:
    """Each finding is well, or has a code with words."""
    assert [finding.name for finding in examine(world.site) if not finding.is_well] == []
    (tree,) = [
        path for path in world.site.store.iterdir() if "2.0" in ((path / "module.toml").read_text())
    ]
    (tree / "__init__.py").unlink()
    history = world.site.history
    history.write_text(history.read_text().replace("lyon", "nantes", 1))
    wrong = {finding.name: finding.code for finding in examine(world.site) if not finding.is_well}
    assert wrong == {"store": "RCY-S006", "history": "RCY-S008"}


def test_the_site_remembers_what_is_installed(world: World) -> None:
    """What the resolver prefers next time."""
    installed = read_installed(world.site)
    assert installed.generation == 2
    assert installed.versions[Package(PackageKind.MODULE, "caisse")] == Version("2.0")
    assert observe_site(world.site).data_bytes["caisse"] > 0
    receipt = json.loads(world.site.generation(2).receipt.read_bytes())
    assert receipt["result"] == "applied"
    assert not differing(picture_of(world.site.root), picture_of(world.site.root))
