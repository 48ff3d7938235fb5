"""When events are gathered for a moment, and when they never are."""

from recyclic.events.pace import BUSY, GATHER_S, Pace


def reads(pace: Pace, times: int, every_s: float, count: int = 1, start: float = 100.0) -> float:
    """So many reads, each after ``every_s``; when the last one returned."""
    for number in range(1, times + 1):
        pace.came(count, start + number * every_s, more=False)
    return start + times * every_s


def test_a_quiet_stream_never_waits() -> None:
    """Neither for as many as come to a busy one, in a longer time, nor for a few at once."""
    pace = Pace()
    now = reads(pace, 50, GATHER_S / (BUSY - 1))
    assert not pace.gather
    pace.came(1, now + 1.0, more=False)
    reads(pace, BUSY + 2, GATHER_S / BUSY / 2, start=now + 1.0)
    assert not pace.gather


def test_a_busy_stream_is_gathered_for_as_long_as_it_is_busy() -> None:
    """Then a read brings what came meanwhile, and one that brings little is the last of them."""
    pace = Pace()
    now = reads(pace, 5 * BUSY, GATHER_S / BUSY / 2)
    assert pace.gather
    now = reads(pace, 10, GATHER_S * 1.1, count=2 * BUSY, start=now)
    assert pace.gather
    reads(pace, 1, GATHER_S * 1.1, count=BUSY - 1, start=now)
    assert not pace.gather


def test_what_waits_already_is_read_at_once() -> None:
    """However busy the stream is, and however shortly after the last look."""
    pace = Pace()
    now = reads(pace, 5 * BUSY, GATHER_S / BUSY / 2)
    pace.came(100, now + GATHER_S / BUSY, more=True)
    assert not pace.gather
