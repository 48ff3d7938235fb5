"""A search that meets too many conflicts is stopped; until then its listener hears everything."""

import pytest

from recyclic.resolve.errors import TooHardError
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.patience import MOST_CONFLICTS, Patience
from recyclic.resolve.reporter import CountingReporter, Reporter


class Notes(Reporter):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def decided(self, package: int, state: int, level: int) -> None:
        self.heard.append((package, state, level))

    def learned(self, incompatibility: Incompatibility, start: int, end: int) -> None:
        self.heard.append((incompatibility, start, end))


def test_the_listener_hears_of_every_step_up_to_the_last_one_allowed() -> None:
    notes, rule = Notes(), Incompatibility(())
    patience = Patience(notes, most=2)
    patience.decided(3, 4, 1)
    patience.learned(rule, 7, 5)
    patience.learned(rule, 6, 2)
    with pytest.raises(TooHardError) as caught:
        patience.learned(rule, 9, 8)
    assert (caught.value.code, caught.value.facts) == ("RCY-D012", {"conflicts": 2})
    assert notes.heard == [(3, 4, 1), (rule, 7, 5), (rule, 6, 2)]


def test_patience_ends_after_twelve_thousand_conflicts() -> None:
    """Also when nobody listens."""
    patience, rule = Patience(None), Incompatibility(())
    for _ in range(MOST_CONFLICTS):
        patience.learned(rule, 1, 0)
    with pytest.raises(TooHardError):
        patience.learned(rule, 1, 0)
    assert MOST_CONFLICTS == 12_000


def test_a_counter_tells_how_far_a_search_went() -> None:
    """Going back by more than one level is a backjump."""
    counts = CountingReporter()
    for level in (1, 2, 4, 3):
        counts.decided(0, 2, level)
    for start, end in ((4, 3), (4, 2), (3, 0)):
        counts.learned(Incompatibility(()), start, end)
    told = (counts.decisions, counts.deepest, counts.conflicts, counts.backjumps)
    assert told == (4, 4, 3, 2)
