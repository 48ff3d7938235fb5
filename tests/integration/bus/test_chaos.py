"""The short form of ``make chaos``."""

import random
from pathlib import Path

from tests.chaos import chaos
from tests.fakes.event_servers import ServerKind


def test_no_event_is_lost_whatever_dies(kind: ServerKind, tmp_path: Path) -> None:
    """A thousand events and more, three modules, workers and server killed and paused."""
    seed = random.randrange(1 << 32)
    counts, kills = chaos(
        kind, tmp_path, events=1200, seed=seed, workers=2, emitters=1, pause_s=0.3
    )
    assert counts["emitted"] == 1200, (seed, counts)
    assert counts["lost"] == 0, (seed, counts)
    assert sum(kills.values()) > 0
