"""The listeners that draw an apply: live on a terminal, one line a step elsewhere, or NDJSON."""

import json
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from recyclic.apply.health import CheckResult
from recyclic.apply.listener import Listener
from recyclic.apply.state import State
from recyclic.cli.language import _
from recyclic.cli.output import say
from recyclic.cli.printable import printable
from recyclic.cli.words.entry import N_

if TYPE_CHECKING:
    from rich.status import Status

_STATES = {
    State.PLANNED: N_("planned"),
    State.STAGED: N_("staged: nothing live changed so far; from here on live things change"),
    State.FROZEN: N_("frozen"),
    State.SNAPSHOTTED: N_("data snapshotted"),
    State.SWITCHED: N_("switched"),
    State.VERIFIED: N_("verified"),
    State.COMMITTED: N_("committed"),
}

_SKIPPED = {"not-served": N_("nobody serves the site")}


def listener_for(*, as_json: bool) -> Listener:
    """The listener that suits where the output goes."""
    if as_json:
        return JsonProgress(sys.stdout)
    if sys.stderr.isatty():
        return TerminalProgress()
    return PlainProgress(sys.stderr)


class PlainProgress:
    """One line a step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._subject = ""

    def _say(self, text: str) -> None:
        say(printable(text), self._stream)

    def began(self, generation: int, base: int, steps: int) -> None:
        """See :class:`Listener`."""
        told = _("generation {base} → {generation}, {steps} steps")
        self._say(told.format(base=base, generation=generation, steps=steps))

    def reached(self, state: State) -> None:
        """See :class:`Listener`."""
        self._say(f"  -- {_(_STATES[state])} --")

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        del index, total, step
        self._subject = subject

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None:
        """See :class:`Listener`."""
        self._say(f" [{index}/{total}] {step:<18} {self._subject:<40} {_('ok')}  {seconds:.1f} s")

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None:
        """See :class:`Listener`."""
        why = _("skipped: {reason}").format(reason=_(_SKIPPED.get(reason, reason)))
        self._say(f" [{index}/{total}] {step:<18} {self._subject:<40} {why}")

    def checked(self, result: CheckResult) -> None:
        """See :class:`Listener`."""
        answer = _("ok") if result.passed else _("FAILED") if result.required else _("not well")
        self._say(f"  {_('health')} {result.name:<40} {answer}  {result.detail}".rstrip())

    def step_failed(self, step: str, detail: str) -> None:
        """See :class:`Listener`."""
        self._say(f"  {step:<18} {_('FAILED')}  {detail}")

    def undoing(self, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        self._say("  " + _("undoing {step} {subject}").format(step=step, subject=subject))

    def ended(self, result: str) -> None:
        """See :class:`Listener`."""


class TerminalProgress(PlainProgress):
    """A living line for the step under way, and what is done above it."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None

    def _say(self, text: str) -> None:
        self._console.print(printable(text), markup=False, overflow="fold")

    def _live(self, text: str) -> None:
        from rich.text import Text

        if self._status is None:
            self._status = self._console.status(Text(printable(text)))
            self._status.start()
        self._status.update(Text(printable(text)))

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        super().step_started(index, total, step, subject)
        self._live(f"[{index}/{total}] {step} {subject}")

    def ended(self, result: str) -> None:
        """See :class:`Listener`."""
        del result
        if self._status is not None:
            self._status.stop()
            self._status = None


class JsonProgress:
    """One JSON value a line; the first says the format."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._start = time.monotonic()

    def _say(self, event: str, **facts: Any) -> None:
        elapsed = round(time.monotonic() - self._start, 3)
        document = {"format": 1, "event": event, "elapsed_s": elapsed, **facts}
        say(json.dumps(document, ensure_ascii=False), self._stream)

    def began(self, generation: int, base: int, steps: int) -> None:
        """See :class:`Listener`."""
        self._say("began", generation=generation, base=base, steps=steps)

    def reached(self, state: State) -> None:
        """See :class:`Listener`."""
        self._say("reached", state=state.value)

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        self._say("step_started", index=index, total=total, step=step, subject=subject)

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None:
        """See :class:`Listener`."""
        self._say("step_done", index=index, total=total, step=step, seconds=round(seconds, 3))

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None:
        """See :class:`Listener`."""
        self._say("step_skipped", index=index, total=total, step=step, reason=reason)

    def checked(self, result: CheckResult) -> None:
        """See :class:`Listener`."""
        self._say(
            "checked",
            check=result.name,
            required=result.required,
            passed=result.passed,
            detail=result.detail,
        )

    def step_failed(self, step: str, detail: str) -> None:
        """See :class:`Listener`."""
        self._say("step_failed", step=step, detail=detail)

    def undoing(self, step: str, subject: str) -> None:
        """See :class:`Listener`."""
        self._say("undoing", step=step, subject=subject)

    def ended(self, result: str) -> None:
        """See :class:`Listener`."""
        self._say("ended", result=result)
