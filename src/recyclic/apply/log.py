"""A transaction's own log, in the generation it makes: one JSON value a line."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recyclic.apply.health import CheckResult
from recyclic.apply.listener import Listener
from recyclic.apply.state import State


class LogFile:
    """Writes what it is told to a file; until its folder is there, keeps it.

    A log is no part of what must be right: it is not flushed, and a full disk does not stop it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: list[str] = []

    def _tell(self, event: str, **facts: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **facts}, ensure_ascii=False)
        self._kept.append(f"{line}\n")
        if self._path.parent.is_dir():
            with suppress(OSError), self._path.open("a", encoding="utf-8") as file:
                file.write("".join(self._kept))
                self._kept.clear()

    def began(self, generation: int, base: int, steps: int) -> None:
        """See :class:`Listener`."""
        self._tell("began", generation=generation, base=base, steps=steps)

    def reached(self, state: State) -> None:
        """See :class:`Listener`."""
        self._tell("state", state=state.value)

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        self._tell("step", index=index, total=total, step=step, subject=subject)

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None:
        """See :class:`Listener`."""
        self._tell("done", index=index, total=total, step=step, seconds=round(seconds, 3))

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None:
        """See :class:`Listener`."""
        self._tell("skipped", index=index, total=total, step=step, reason=reason)

    def checked(self, result: CheckResult) -> None:
        """See :class:`Listener`."""
        self._tell("checked", **asdict(result))

    def step_failed(self, step: str, detail: str) -> None:
        """See :class:`Listener`."""
        self._tell("failed", step=step, detail=detail)

    def undoing(self, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        self._tell("undoing", step=step, subject=subject)

    def ended(self, result: str) -> None:
        """See :class:`Listener`."""
        self._tell("ended", result=result)


class Together:
    """Several listeners as one."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = tuple(listeners)

    def began(self, generation: int, base: int, steps: int) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.began(generation, base, steps)

    def reached(self, state: State) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.reached(state)

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.step_started(index, total, step, subject)

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.step_done(index, total, step, seconds)

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.step_skipped(index, total, step, reason)

    def checked(self, result: CheckResult) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.checked(result)

    def step_failed(self, step: str, detail: str) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.step_failed(step, detail)

    def undoing(self, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.undoing(step, subject)

    def ended(self, result: str) -> None:
        """See :class:`Listener`."""
        for each in self._listeners:
            each.ended(result)
