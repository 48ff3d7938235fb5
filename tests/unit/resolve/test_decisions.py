"""When a question counts as hard, how it is settled then, and when that is given up again."""

import pytest
from tests.fakes.numbered_packages import NumberedPackages

from recyclic.resolve.decisions import Decisions
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.term import ABSENT

BOTH = 2 | 4


class Play:
    """Packages that must all be in, and somebody who decides and takes back."""

    def __init__(self, *ranks: int, assumed: int = 0) -> None:
        self.partial = PartialSolution()
        self.decisions = Decisions(NumberedPackages(len(ranks), 2, ranks=ranks), self.partial)
        for package in range(len(ranks)):
            self.partial.add_package(BOTH)
            self.decisions.add_package(package)
            self.decisions.narrowed(package, BOTH)
        self.partial.level = assumed
        self.decisions.begin(assumed)

    def decide(self, at_most: int | None = None) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        while at_most is None or len(found) < at_most:
            decided = self.decisions.next()
            if decided is None:
                break
            self.partial.level += 1
            self.partial.narrow(*decided, None)
            found.append(decided)
        return found

    def conflicts(self) -> tuple[int, int]:
        """How many it takes until something changes, and the level to go back to then."""
        for count in range(1, 10_000):
            level = self.decisions.conflict()
            if level is not None:
                return count, level
        return 0, 0

    def back(self, level: int) -> None:
        for package in self.partial.backjump(level):
            self.decisions.narrowed(package, self.partial.domains[package])
        self.decisions.taken_back(level)

    def narrow(self, package: int, domain: int) -> None:
        """As a rule would."""
        self.partial.narrow(package, domain, None)
        self.decisions.narrowed(package, domain)


def test_a_question_is_hard_after_a_dozen_conflicts() -> None:
    """It is decided from what is assumed on; every question has the same credit."""
    play = Play(0, 1, assumed=3)
    assert play.conflicts() == (13, 3)
    play.decisions.begin(2)
    assert play.conflicts() == (13, 2)


def test_four_decisions_make_good_a_conflict() -> None:
    play = Play(*range(40))
    assert len(play.decide()) == 40
    assert play.conflicts() == (13 + 10, 0)


def test_settling_is_given_up_where_it_takes_decisions_and_no_conflicts() -> None:
    """After fifty of them at the soonest; then nothing is hard any more until the next question,
    and ranks count again."""
    play = Play(*range(100, 0, -1))
    play.conflicts()
    assert len(play.decide(54)) == 54
    # A conflict makes good four.
    assert play.decisions.conflict() is None
    assert len(play.decide(5)) == 5
    assert play.decisions.conflict() == 0
    play.back(0)
    assert play.decide(3) == [(99, 4), (98, 4), (97, 4)]
    assert play.conflicts() == (0, 0)
    play.decisions.begin(0)
    assert play.conflicts() == (13, 0)


def test_where_it_was_given_up_ranks_count_again() -> None:
    """Up to then they do not for all but the first of each: fewest states first, then number."""
    play = Play(3, 2, 1, 0)
    assert play.decide() == [(3, 4), (2, 4), (1, 4), (0, 4)]
    play.back(0)
    play.conflicts()
    assert play.decide() == [(3, 4), (0, 4), (1, 4), (2, 4)]
    play.back(0)
    play.decisions.begin(0)
    assert play.decide() == [(3, 4), (2, 4), (1, 4), (0, 4)]


def test_what_a_witness_agrees_with_is_settled() -> None:
    """Its best states stand without another one; from the first other one on a new one is sought.

    The third in order was excluded when the witness was found, and no longer is.
    """
    play = Play(0, 1, 2, 3)
    play.conflicts()
    play.decide(2)
    play.narrow(2, 2)
    play.decide()
    assert play.decisions.unsettled() == 1
    play.back(1)
    assert play.decide(2) == [(1, 4), (2, 4)]
    assert play.decide() == [(3, 4)]
    assert play.decisions.unsettled() == 3
    play.back(3)
    assert play.decide() == [(3, 4)]
    assert play.decisions.unsettled() is None


@pytest.mark.parametrize("decisions", [50, 51])
def test_a_witness_that_took_more_than_fifty_decisions_is_the_last(decisions: int) -> None:
    """What it shows of the first package is settled, and all others are decided in order then."""
    first = decisions
    play = Play(*range(decisions + 1, 0, -1))
    play.conflicts()
    assert play.decide(2) == [(first, 4), (0, 4)]
    play.narrow(first - 1, 2)
    assert len(play.decide()) == decisions - 2
    assert play.decisions.unsettled() == 1
    play.back(1)
    assert play.decide(2) == [(first - 1, 4), (0, 4) if decisions == 50 else (first - 2, 4)]


def test_what_is_taken_back_is_settled_again() -> None:
    """Also what a witness agreed with: a conflict may go farther back than that."""
    play = Play(4, 3, 2, 1, 0, assumed=1)
    play.conflicts()
    play.decide()
    assert play.decisions.unsettled() == 2
    play.back(2)
    assert play.decide(2) == [(3, 4), (2, 4)]
    play.back(3)
    play.narrow(2, 2)
    assert play.decide(2) == [(1, 4), (0, 4)]
    play.back(1)
    assert play.decide(2) == [(4, 4), (3, 4)]


def test_every_question_is_settled_from_its_own_assumptions_on() -> None:
    """And by its own witnesses, whatever was settled of the last one."""
    play = Play(3, 2, 1, 0, assumed=3)
    play.conflicts()
    play.decide()
    assert play.decisions.unsettled() == 4
    play.back(1)
    play.decisions.begin(1)
    assert play.conflicts() == (13, 1)
    assert play.decide() == [(3, 4), (0, 4), (1, 4), (2, 4)]


def test_among_equals_nothing_has_to_be_settled() -> None:
    """One answer is as good as another then."""
    play = Play(0, 0, 0)
    play.decide(1)
    assert play.conflicts() == (13, 0)
    play.back(0)
    assert play.decide() == [(0, 4), (1, 4), (2, 4)]
    assert play.decisions.unsettled() is None


def test_what_is_not_hard_is_settled_once_it_is_decided() -> None:
    play = Play(0, 1)
    play.decide()
    assert play.decisions.unsettled() is None


def test_what_only_may_be_in_is_not_decided() -> None:
    play = Play(0, 1)
    play.partial.add_package(ABSENT | BOTH)
    play.decisions.narrowed(0, ABSENT | 4)
    play.partial.domains[0] = ABSENT | 4
    assert play.decide() == [(1, 4)]
