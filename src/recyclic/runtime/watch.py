"""Being told which module's own code runs at boot, so that a death in it can be laid to it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Watch = Callable[[str, str, float], AbstractContextManager[None]]
"""Called with a module, a phase (``import``, ``register`` or ``startup``) and the seconds it may
take; the module's code runs within the context that comes back."""

_NOBODY: AbstractContextManager[None] = nullcontext()


def unwatched(_module: str, _phase: str, _limit_s: float) -> AbstractContextManager[None]:
    """Nobody wants to know."""
    return _NOBODY
