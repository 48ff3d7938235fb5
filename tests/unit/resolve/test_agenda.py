"""The agenda always has the open package that comes first, whatever happened to it before."""

from random import Random

import pytest

from recyclic.resolve import agenda
from recyclic.resolve.agenda import Agenda, is_open
from recyclic.resolve.term import ABSENT

FULL = 0b11111


def test_open_is_what_must_be_in_and_can_be_in_several_ways() -> None:
    assert [domain for domain in range(16) if is_open(domain)] == [6, 10, 12, 14]


class Model:
    """An agenda beside the plain list it stands for."""

    def __init__(self, draw: Random) -> None:
        self.agenda = Agenda()
        self.domains: list[int] = []
        self._draw = draw
        self._ranks: list[int] = []
        self._by_rank = True

    def add(self) -> None:
        self._ranks.append(self._draw.randrange(3))
        self.agenda.add_package(self._ranks[-1])
        self.domains.append(FULL)

    def change(self) -> None:
        """Narrowed or taken back: whoever does it says so, as long as the package is open."""
        package = self._draw.randrange(len(self.domains))
        domain = self._draw.choice((FULL, self._draw.randrange(1, FULL), FULL & ~ABSENT))
        self.domains[package] = domain
        if is_open(domain):
            self.agenda.put(package, domain)

    def turn(self) -> None:
        self._by_rank = not self._by_rank
        turned = self.agenda.heed_ranks if self._by_rank else self.agenda.ignore_ranks
        turned()

    def take(self) -> bool:
        """Whether it is the right one; it is decided then."""
        keys = [
            (self._ranks[package] * self._by_rank, domain.bit_count(), package)
            for package, domain in enumerate(self.domains)
            if is_open(domain)
        ]
        first = min(keys)[2] if keys else None
        taken = self.agenda.take(self.domains)
        if first is not None:
            self.domains[first] = 1 << self._draw.randrange(1, FULL.bit_length())
        return taken == first


@pytest.mark.parametrize("slack", [0, 1, 8], ids=["made anew always", "often", "never"])
def test_the_first_that_is_open_is_taken(slack: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By rank, the fewest states left, and number; or without the ranks."""
    monkeypatch.setattr(agenda, "_SLACK", slack)
    for seed in range(60):
        draw = Random(seed)
        model = Model(draw)
        model.add()
        for _ in range(120):
            step = draw.choices((model.change, model.add, model.turn, model.take), (10, 1, 0.5, 3))[
                0
            ]
            assert step() is not False, seed
