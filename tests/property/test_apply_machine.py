"""Any sequence of applies, failures, kills, ways back and meddling leaves a sound site."""

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.fakes.apply_world import Wish, World
from tests.fakes.full_disk import FullDisk

from recyclic.apply.apply import ApplyOptions, apply
from recyclic.apply.drift import find_drift
from recyclic.apply.errors import (
    ApplyInterruptedError,
    RollbackImpossibleError,
    StepFailedError,
)
from recyclic.apply.history import read_history
from recyclic.apply.journal import is_in_flight, read_journal
from recyclic.apply.kill_test import Killer, Point, Side, killed
from recyclic.apply.materials import Materials
from recyclic.apply.prune import prune
from recyclic.apply.recover import recover
from recyclic.apply.rollback import DataChoice, plan_rollback
from recyclic.apply.steps.removal import DataFate
from recyclic.apply.uninstall import uninstall
from recyclic.model.package import PackageKind
from recyclic.plan.change import Action
from recyclic.plan.plain import plain
from recyclic.plan.plan import Plan
from recyclic.site.config_file import read_config, write_config
from recyclic.site.disk import Disk, Operation, Witness
from recyclic.site.errors import NoGenerationError
from recyclic.site.generations import applied_config
from recyclic.site.layout import Site
from recyclic.site.store import add_tree, check_stored, link_tree, stored

REACH: Counter[str] = Counter()
"""How often each thing happened, over all examples of one run."""

WISHES = st.builds(
    Wish,
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2"]), max_size=3),
    settings=st.fixed_dictionaries({"a": st.fixed_dictionaries({"x": st.integers(0, 2)})}),
)
POINTS = st.builds(Point, st.integers(0, 50) | st.integers(30, 80), st.sampled_from(Side))
NOBODY = Disk().witness


class CtrlC:
    """A witness that interrupts at one operation, as a terminal would."""

    def __init__(self, at: int) -> None:
        self._left = at

    def before(self, operation: Operation) -> None:
        """Interrupt when it is time."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGINT)

    def after(self, operation: Operation) -> None:
        """Nothing."""


class SiteMachine(RuleBasedStateMachine):
    """One site. The model: the wish that is live, what each generation was made of, the data that
    modules were given, the copies of it, and what somebody did by hand."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.world = World(self.folder)
        self.wishes: dict[int, Wish] = {}
        self.data: dict[str, str] = {}
        self.copies: dict[tuple[int, str], str] = {}
        self.meddled: set[str] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # -- the model -------------------------------------------------------------------------

    @property
    def site(self) -> Site:
        return self.world.site

    @property
    def number(self) -> int:
        return self.site.current_number()

    @property
    def live(self) -> Wish | None:
        """The wish that is live; None when the site was taken away."""
        return self.wishes.get(self.number)

    def changed(self, plan: Plan, wish: Wish, before: int) -> bool:
        """Follow a plan that may have been carried out; True when it was."""
        if self.number == before:
            return False
        self.wishes[self.number] = wish
        moved = plan.changes_of(PackageKind.MODULE, Action.UPDATE, Action.REMOVE)
        restores = dict(plan.restores)
        for name in {change.package.name for change in moved} | restores.keys():
            if name in self.data:
                self.copies[self.number, name] = self.data[name]
        for name, source in restores.items():
            self.data[name] = self.copies[source, name]
        self.meddled.clear()
        return True

    def do(self, wish: Wish, plan: Plan, materials: Materials, witness: Witness = NOBODY) -> bool:
        """Carry out a plan on a watched disk; True when the site changed."""
        before = self.number
        apply(
            plan, materials, Site(self.site.root, Disk(witness)), options=ApplyOptions(retry=True)
        )
        return self.changed(plan, wish, before)

    def die(self, action: Callable[[Witness], object], point: Point, second: Point) -> bool:
        """Do ``action`` in a process that is killed, and so is the one that recovers."""
        was_killed = killed(lambda: action(Killer(point)))
        if is_in_flight(self.site) and self.site.transaction.stat().st_size:
            read_journal(self.site)
        killed(lambda: recover(Site(self.site.root, Disk(Killer(second)))))
        recover(self.site)
        return was_killed

    # -- what can happen -------------------------------------------------------------------

    @initialize(wish=WISHES)
    def first(self, wish: Wish) -> None:
        assert self.do(wish, *self.world.plan(wish))

    @rule(wish=WISHES)
    def applies(self, wish: Wish) -> None:
        plan, materials = self.world.plan(wish)
        assert self.do(wish, plan, materials) == plan.has_changes
        REACH["applied"] += plan.has_changes
        again, _materials = self.world.plan(wish)
        assert not again.has_changes

    @rule(wish=WISHES, at=st.integers(0, 70))
    def runs_out_of_disk(self, wish: Wish, at: int) -> None:
        before = self.number
        plan, materials = self.world.plan(wish)
        try:
            apply(plan, materials, Site(self.site.root, Disk(FullDisk(at))))
            recover(self.site)
            self.changed(plan, wish, before)
        except StepFailedError:
            assert self.number == before
            REACH["failed and undone"] += 1

    @rule(wish=WISHES, at=st.integers(1, 60))
    def is_interrupted(self, wish: Wish, at: int) -> None:
        before = self.number
        plan, materials = self.world.plan(wish)
        try:
            self.do(wish, plan, materials, CtrlC(at))
        except ApplyInterruptedError:
            assert self.number == before
            REACH["interrupted and undone"] += 1

    @rule(wish=WISHES, point=POINTS, second=POINTS)
    def is_killed(self, wish: Wish, point: Point, second: Point) -> None:
        before = self.number
        plan, materials = self.world.plan(wish)
        if self.die(partial(self.do, wish, plan, materials), point, second):
            forward = self.changed(plan, wish, before)
            REACH["killed, then new" if forward else "killed, then old"] += 1
        else:
            self.changed(plan, wish, before)

    @precondition(lambda self: self.number in self.wishes and self.number > 1)
    @rule(back=st.integers(1, 4), data=st.sampled_from(DataChoice), dies=st.booleans())
    def goes_back(self, back: int, data: DataChoice, dies: bool) -> None:
        self.go_back_to(max(1, self.number - back), data, dies)

    @precondition(lambda self: self.live and self.live.modules)
    @rule(which=st.integers(0, 2), dies=st.booleans())
    def regrets_an_update(self, which: int, dies: bool) -> None:
        """New code, a day of work with it, and back with the data of before."""
        assert self.live is not None
        name = sorted(self.live.modules)[which % len(self.live.modules)]
        version = {"1": "2", "2": "1"}[self.live.modules[name]]
        wish = Wish({**self.live.modules, name: version}, settings=self.live.settings)
        before = self.number
        self.write(name, "morning")
        assert self.do(wish, *self.world.plan(wish))
        self.write(name, "evening")
        self.go_back_to(before, DataChoice.RESTORE, dies)

    def go_back_to(self, number: int, data: DataChoice, dies: bool) -> None:
        try:
            plan, materials = plan_rollback(self.site, number, data=data)
        except (RollbackImpossibleError, NoGenerationError):
            REACH["no way back"] += 1
            return
        wish, before = self.wishes[number], self.number
        if dies:
            point = Point(number * 7 % 60, Side.AFTER)
            self.die(partial(self.do, wish, plan, materials), point, Point(5, Side.BEFORE))
            self.changed(plan, wish, before)
            REACH["way back killed"] += 1
        elif self.do(wish, plan, materials):
            REACH["back with data" if plan.restores else "back"] += 1

    @precondition(lambda self: self.live and self.live.modules)
    @rule(text=st.sampled_from(["x", "y", "z"]), which=st.integers(0, 2))
    def writes_data(self, text: str, which: int) -> None:
        assert self.live is not None
        self.write(sorted(self.live.modules)[which % len(self.live.modules)], text)
        REACH["data written"] += 1

    def write(self, name: str, text: str) -> None:
        """What people do with a module."""
        folder = self.site.data / name
        folder.mkdir(exist_ok=True)
        (folder / "note.txt").write_text(text)
        self.data[name] = text

    @precondition(lambda self: self.live is not None and not self.meddled)
    @rule()
    def edits_a_setting(self) -> None:
        config = self.site.generation(self.number).config
        lines = config.read_text().split("\n")
        config.write_text("\n".join("x = 9" if one.startswith("x = ") else one for one in lines))
        self.meddled.add("config:settings.a.x")
        REACH["setting edited"] += 1

    @precondition(lambda self: self.live and self.live.modules and not self.meddled)
    @rule(how=st.sampled_from(["in place", "anew", "away"]), which=st.integers(0, 2))
    def edits_code(self, how: str, which: int) -> None:
        assert self.live is not None
        name = sorted(self.live.modules)[which % len(self.live.modules)]
        module = self.site.generation(self.number).modules / name
        code = module / "__init__.py"
        if how == "away":
            shutil.rmtree(module)
        elif how == "anew":
            text = code.read_text()
            code.unlink()
            code.write_text(f"{text}# edited\n")
        else:
            code.chmod(0o644)
            with code.open("a") as file:
                file.write("# edited in place\n")
            self.mend_store_of(name)
        self.meddled.add(f"module:{name}")
        REACH[f"code edited {how}"] += 1

    def mend_store_of(self, name: str) -> None:
        """What was written in place is in the store, and in every generation with that code: mend
        it as an apply of that very code does, and leave the live one as it is."""
        assert self.live is not None
        tree = self.site.generation(self.number).modules / name
        kept = (tree / "__init__.py").read_bytes()
        (tree / "__init__.py").unlink()
        (tree / "__init__.py").write_bytes(kept)
        applied = applied_config(self.site.generation(self.number))
        assert applied is not None
        source = self.world.write_module(name, self.live.modules[name])
        add_tree(self.site, source, applied.module_hashes[name])
        for number in self.site.numbers():
            generation = self.site.generation(number)
            config = applied_config(generation)
            same = config and config.module_hashes.get(name) == applied.module_hashes[name]
            if number != self.number and same and (generation.modules / name).is_dir():
                shutil.rmtree(generation.modules / name)
                link_tree(
                    self.site.disk,
                    stored(self.site, applied.module_hashes[name]),
                    generation.modules / name,
                )

    @precondition(lambda self: self.live is not None and self.meddled)
    @rule()
    def undoes_drift_by_a_plan(self) -> None:
        assert self.live is not None
        plan, materials = self.world.plan(self.live)
        assert plan.has_changes
        assert self.do(self.live, plan, materials)
        REACH["drift undone"] += 1

    @rule(keep=st.integers(1, 3))
    def prunes(self, keep: int) -> None:
        gone = prune(self.site, keep=keep).generations
        self.copies = {at: text for at, text in self.copies.items() if at[0] not in gone}
        REACH["pruned"] += bool(gone)

    @precondition(lambda self: self.number > 6)
    @rule(fate=st.sampled_from(DataFate), dies=st.booleans(), wish=WISHES)
    def is_taken_away_and_comes_back(self, fate: DataFate, dies: bool, wish: Wish) -> None:
        def take(witness: Witness = NOBODY) -> None:
            uninstall(Site(self.site.root, Disk(witness)), fate, confirmed="lyon")

        if dies:
            self.die(take, Point(self.number * 5 % 90, Side.BEFORE), Point(7, Side.AFTER))
        else:
            take()
        if self.number:
            assert dies, "it is still there"
            REACH["taken away, killed, then old"] += 1
            return
        REACH["taken away"] += 1
        assert not self.site.store.exists()
        self.copies.clear()
        self.meddled.clear()
        if fate is not DataFate.KEEP:
            self.data.clear()
        assert self.do(wish, *self.world.plan(wish))

    # -- what holds at every moment --------------------------------------------------------

    @invariant()
    def nothing_is_in_flight(self) -> None:
        assert not is_in_flight(self.site)

    @invariant()
    def one_generation_is_live_and_is_its_config(self) -> None:
        if self.live is None:
            return
        generation = self.site.generation(self.number)
        applied = applied_config(generation)
        assert applied is not None
        assert dict(applied.module_versions) == dict(self.live.modules)
        assert plain(applied.settings) == plain(self.live.settings)
        if not self.meddled:
            assert generation.config.read_bytes() == write_config(applied)
            assert plain(read_config(generation.config)) == plain(applied)

    @invariant()
    def drift_is_what_was_meddled_with(self) -> None:
        found = find_drift(self.site, None, date(2026, 1, 1)).drift
        assert {each.subject for each in found} == self.meddled

    @invariant()
    def store_and_generations_agree(self) -> None:
        used = set()
        for number in self.site.numbers():
            config = applied_config(self.site.generation(number))
            if config is not None and self.site.generation(number).config.is_file():
                for content_hash in config.module_hashes.values():
                    check_stored(self.site, content_hash)
                    used.add(content_hash.replace(":", "-"))
        stored = {path.name for path in self.site.store.iterdir()} if self.number else set()
        assert used <= stored
        assert not [name for name in stored if name.startswith(".")]

    @invariant()
    def no_data_of_a_module_is_lost(self) -> None:
        for name, text in self.data.items():
            assert (self.site.data / name / "note.txt").read_text() == text

    @invariant()
    def the_history_is_whole(self) -> None:
        numbers = [entry["generation"] for entry in read_history(self.site)]
        assert numbers == sorted(set(numbers))


EXPECTED = {
    "applied",
    "failed and undone",
    "interrupted and undone",
    "killed, then old",
    "killed, then new",
    "back",
    "back with data",
    "way back killed",
    "no way back",
    "data written",
    "setting edited",
    "code edited in place",
    "code edited anew",
    "code edited away",
    "drift undone",
    "pruned",
    "taken away",
}


HUNT = int(os.environ.get("RECYCLIC_HUNT", "0"))


def test_any_sequence_leaves_a_sound_site() -> None:
    """And every kind of thing did happen in it; what did not the first time is waited for."""
    REACH.clear()
    for attempt in range(4):
        effort = settings(
            max_examples=HUNT or 24,
            stateful_step_count=24,
            derandomize=not HUNT and attempt == 0,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        run_state_machine_as_test(SiteMachine, settings=effort)
        if REACH.keys() >= EXPECTED:
            break
    print(dict(sorted(REACH.items())))
    assert EXPECTED - REACH.keys() == set()
