"""How often a command looks for garbage."""

import gc


def look_for_garbage_seldom() -> None:
    """A command lives for seconds and keeps what it builds until its end: looking for garbage
    among hundreds of thousands of live values costs up to half of a large resolution."""
    gc.set_threshold(200_000, 50, 100)
