"""What a lock remembers, as texts and back."""

from dataclasses import replace

import pytest
from packaging.version import Version

from recyclic.model.lock import before_of, displaced_of, steps_back, stood_of
from recyclic.model.package import Package, PackageKind
from recyclic.model.resolution import MOST_FORMER, Former
from recyclic.model.site_config import SiteConfig, StepBack

TILL, BENCH = Package(PackageKind.MODULE, "till"), Package(PackageKind.MODULE, "bench")
NOW = {TILL: Version("1.0"), BENCH: Version("1.0")}
BEFORE = (
    Former({TILL: Version("3.0")}),
    Former({TILL: Version("2.0"), BENCH: Version("1.0")}, {TILL: (Version("3.0"), None)}),
)
EMPTY = SiteConfig("lyon", "shop", "1.0")


def test_former_locks_are_written_as_steps_and_read_back() -> None:
    """Each step tells only what differs from the next."""
    steps = steps_back(BEFORE, NOW)
    assert steps == (
        StepBack({"module:bench": None, "module:till": "3.0"}),
        StepBack({"module:till": "2.0"}, {"module:till": ("3.0", None)}),
    )
    assert before_of(replace(EMPTY, before=steps), NOW) == BEFORE
    assert displaced_of(stood_of(BEFORE[1].displaced)) == BEFORE[1].displaced


@pytest.mark.parametrize("name, text", [("fish:till", "1"), ("module:till", "x")])
def test_a_way_back_with_an_unreadable_step_leads_nowhere(name: str, text: str) -> None:
    """Half a way would lead to a state that never was."""
    steps = (StepBack({"module:till": "3.0"}), StepBack({name: text}))
    assert before_of(replace(EMPTY, before=steps), NOW) == ()


def test_a_way_back_is_only_so_long() -> None:
    """However many somebody wrote into the file."""
    steps = (StepBack({}),) * (MOST_FORMER + 5)
    assert len(before_of(replace(EMPTY, before=steps), NOW)) == MOST_FORMER
