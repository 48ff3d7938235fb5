"""The root of every error that recyclic raises on purpose. Imports nothing of ours."""

from collections.abc import Mapping
from typing import Any


class RecyclicError(Exception):
    """Something stopped the work; it carries facts, and words are made from them at the edge.

    Attributes:
        code: The stable code people search for, ``RCY-`` and a letter for the stage
            (M manifest, C catalog and rules, D resolution, P plan, A apply, S site,
            H host Paheko, B bus, R runtime, U usage) and three digits. Never reused.
        facts: What is true, by name: plain values (``str``, ``int``, ``bool``, sequences of
            them) that a message template and ``--json`` both use. Never a secret.
    """

    code: str = "RCY-U001"

    def __init__(self, **facts: Any) -> None:
        super().__init__(facts)
        self.facts: Mapping[str, Any] = facts

    def __str__(self) -> str:
        """One line for a log; people read what ``cli.render`` makes of the same facts."""
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(self.facts.items()))
        return f"{self.code} {type(self).__name__}({shown})"
