"""Any sequence of applies, failures, kills, ways back and meddling leaves a sound site."""

import contextlib
import shutil
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.fakes.apply_world import Wish, World
from tests.fakes.full_disk import FullDisk

from recyclic.apply.apply import apply
from recyclic.apply.drift import find_drift
from recyclic.apply.errors import RollbackImpossibleError, StepFailedError
from recyclic.apply.history import read_history
from recyclic.apply.journal import is_in_flight
from recyclic.apply.kill_test import Killer, Point, Side, killed
from recyclic.apply.prune import prune
from recyclic.apply.recover import recover
from recyclic.apply.rollback import DataChoice, plan_rollback
from recyclic.plan.plain import plain
from recyclic.site.config_file import read_config, write_config
from recyclic.site.disk import Disk
from recyclic.site.errors import NoGenerationError
from recyclic.site.generations import applied_config
from recyclic.site.layout import Site
from recyclic.site.store import check_stored

WISHES = st.builds(
    Wish,
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2"]), max_size=3),
    settings=st.fixed_dictionaries({"a": st.fixed_dictionaries({"x": st.integers(0, 2)})}),
)
POINTS = st.builds(Point, st.integers(0, 80), st.sampled_from(Side))


class SiteMachine(RuleBasedStateMachine):
    """One site; the model is the wish that is live, and the data modules were given."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.world = World(self.folder)
        self.live: Wish | None = None
        self.wishes: dict[int, Wish] = {}
        self.data: dict[str, str] = {}
        self.meddled = False

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def note(self, wish: Wish, expected: bool = True) -> None:
        """A wish may have become live."""
        number = self.world.site.current_number()
        if expected and number not in self.wishes:
            self.wishes[number] = wish
        self.live = self.wishes.get(number)

    @initialize(wish=WISHES)
    def first(self, wish: Wish) -> None:
        self.world.apply(wish)
        self.note(wish)

    @rule(wish=WISHES)
    def applies(self, wish: Wish) -> None:
        before = self.world.site.current_number()
        report = self.world.apply(wish)
        assert report.changed == (self.world.site.current_number() != before)
        self.note(wish)
        self.meddled = False

    @rule(wish=WISHES, at=st.integers(0, 60))
    def fails(self, wish: Wish, at: int) -> None:
        before = self.world.site.current_number()
        try:
            self.world.apply(wish, FullDisk(at))
            recover(self.world.site)
            self.note(wish)
            self.meddled = False
        except StepFailedError:
            assert self.world.site.current_number() == before

    @rule(wish=WISHES, point=POINTS, second=POINTS)
    def is_killed(self, wish: Wish, point: Point, second: Point) -> None:
        before = self.world.site.current_number()
        killed(lambda: self.world.apply(wish, Killer(point)))
        killed(lambda: self.recover_under(second))
        recover(self.world.site)
        self.note(wish)
        if self.world.site.current_number() != before:
            self.meddled = False

    def recover_under(self, point: Point) -> None:
        recover(Site(self.world.site.root, Disk(Killer(point))))

    @rule(back=st.integers(1, 4), data=st.sampled_from(DataChoice))
    def goes_back(self, back: int, data: DataChoice) -> None:
        number = max(1, self.world.site.current_number() - back)
        try:
            plan, materials = plan_rollback(self.world.site, number, data=data)
        except (RollbackImpossibleError, NoGenerationError):
            return
        apply(plan, materials, self.world.site)
        self.note(self.wishes[number])
        self.meddled = False
        if data is DataChoice.RESTORE:
            self.data = {name: text for name, text in self.data.items() if self.has(name, text)}

    def has(self, name: str, text: str) -> bool:
        file = self.world.site.data / name / "note.txt"
        return file.is_file() and file.read_text() == text

    @precondition(lambda self: self.live and self.live.modules)
    @rule(text=st.sampled_from(["x", "y", "z"]))
    def writes_data(self, text: str) -> None:
        assert self.live is not None
        name = sorted(self.live.modules)[0]
        folder = self.world.site.data / name
        folder.mkdir(exist_ok=True)
        (folder / "note.txt").write_text(text)
        self.data[name] = text

    @precondition(lambda self: self.live and self.live.modules)
    @rule()
    def meddles(self) -> None:
        config = self.world.site.generation(self.world.site.current_number()).config
        config.write_text(config.read_text().replace('site = "lyon"', 'site = "paris"'))
        self.meddled = True

    @rule(keep=st.integers(1, 3))
    def prunes(self, keep: int) -> None:
        prune(self.world.site, keep=keep)

    @invariant()
    def nothing_is_in_flight(self) -> None:
        assert not is_in_flight(self.world.site)

    @invariant()
    def one_generation_is_live_and_is_its_config(self) -> None:
        number = self.world.site.current_number()
        if self.live is None:
            return
        generation = self.world.site.generation(number)
        applied = applied_config(generation)
        assert applied is not None
        assert dict(applied.module_versions) == dict(self.live.modules)
        if not self.meddled:
            assert generation.config.read_bytes() == write_config(applied)
            assert plain(read_config(generation.config)) == plain(applied)

    @invariant()
    def drift_is_what_was_meddled_with(self) -> None:
        found = find_drift(self.world.site, None, date(2026, 1, 1)).drift
        assert [each.subject for each in found] == (["config:site"] if self.meddled else [])

    @invariant()
    def store_and_generations_agree(self) -> None:
        used = set()
        for number in self.world.site.numbers():
            generation = self.world.site.generation(number)
            if generation.config.is_file():
                for content_hash in read_config(generation.config).module_hashes.values():
                    check_stored(self.world.site, content_hash)
                    used.add(content_hash.replace(":", "-"))
        with contextlib.suppress(FileNotFoundError):
            assert used <= {path.name for path in self.world.site.store.iterdir()}
        names = [path.name for path in self.world.site.store.glob(".*")]
        assert names == []

    @invariant()
    def no_data_of_a_kept_module_is_lost(self) -> None:
        for name, text in self.data.items():
            assert self.has(name, text)

    @invariant()
    def the_history_is_whole(self) -> None:
        numbers = [entry["generation"] for entry in read_history(self.world.site)]
        assert numbers == sorted(set(numbers))


TestSiteMachine = SiteMachine.TestCase
TestSiteMachine.settings = settings(
    max_examples=20,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
