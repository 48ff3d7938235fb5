"""What the partial solution remembers of how it came to be, held against plain snapshots."""

from random import Random

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.partial_solution import PartialSolution

COUNT, FULL = 4, 0b111111
WHY = Incompatibility(())


class Model:
    """A partial solution, and every state it went through."""

    def __init__(self, draw: Random) -> None:
        self.partial = PartialSolution()
        for _ in range(COUNT):
            self.partial.add_package(FULL)
        self._draw = draw
        # The level, and all domains once it was so.
        self.past: list[tuple[int, list[int]]] = [(0, [FULL] * COUNT)]
        self.todo: list[int] = []

    def narrow(self) -> None:
        """Some package to some of its states, decided or derived."""
        domains = self.partial.domains
        package = self._draw.randrange(COUNT)
        domain = domains[package] & self._draw.randrange(1, FULL)
        if domain not in (0, domains[package]):
            decided = self._draw.random() < 0.5
            self.partial.level += decided
            self.partial.narrow(package, domain, None if decided else WHY)
            self.past.append((self.partial.level, list(domains)))
            assert self.partial.package_at(len(self.past) - 2) == package
            assert self.partial.reason_at(len(self.past) - 2) is (None if decided else WHY)
            assert self.partial.level_at(len(self.past) - 2) == self.partial.level
            if package not in self.todo:
                self.todo.append(package)

    def draw_consequences(self) -> None:
        """Of the first that waits."""
        if self.todo:
            package = self.todo.pop(0)
            assert self.partial.narrowed.popleft() == package
            self.partial.waiting[package] = False

    def go_back(self) -> None:
        level = self._draw.randint(0, self.partial.level)
        before = list(self.partial.domains)
        touched = self.partial.backjump(level)
        while self.past[-1][0] > level:
            self.past.pop()
        self.todo = []
        now = self.partial.domains
        assert touched == [each for each in range(COUNT) if before[each] != now[each]]

    def check(self) -> None:
        partial = self.partial
        assert partial.domains == self.past[-1][1]
        assert partial.level == self.past[-1][0]
        assert list(partial.narrowed) == self.todo
        assert partial.waiting == [each in self.todo for each in range(COUNT)]
        for package in range(COUNT):
            for level in range(partial.level + 1):
                then = [domains for at, domains in self.past if at <= level][-1]
                assert partial.domain_at(package, level) == then[package]
            mask = partial.domains[package] | self._draw.randrange(FULL)
            if mask != FULL:
                known = next(
                    at for at, (_, domains) in enumerate(self.past) if not domains[package] & ~mask
                )
                assert partial.satisfier(package, mask) == known - 1


def test_what_was_touched_is_told_in_order() -> None:
    """However the numbers of the packages fall."""
    partial = PartialSolution()
    for _ in range(200):
        partial.add_package(FULL)
    partial.level = 1
    for package in (64, 1, 190, 128, 7):
        partial.narrow(package, 1, WHY)
    assert partial.backjump(0) == [1, 7, 64, 128, 190]


def test_everything_is_remembered_and_can_be_taken_back() -> None:
    """Also whose consequences were not drawn yet, each once; none are left after going back."""
    for seed in range(60):
        draw = Random(seed)
        model = Model(draw)
        for _ in range(60):
            draw.choices((model.narrow, model.draw_consequences, model.go_back), (8, 2, 1))[0]()
            model.check()
