"""What a listener may be told while a plan is applied. Drawing it is the command line's affair."""

from typing import Protocol

from recyclic.apply.health import CheckResult
from recyclic.apply.state import State


class Listener(Protocol):
    """Told of progress; whatever it does has no influence on the transaction."""

    def began(self, generation: int, base: int, steps: int) -> None:
        """A transaction of so many steps started."""

    def reached(self, state: State) -> None:
        """A state was reached; after STAGED, live things change."""

    def step_started(self, index: int, total: int, step: str, subject: str) -> None:
        """Step ``index`` (from 1) starts: ``store`` on ``module:caisse``."""

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None:
        """It ended well."""

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None:
        """There was nothing to do; ``reason`` is a code, ``not-served``."""

    def checked(self, result: CheckResult) -> None:
        """Somebody was asked how the new generation is."""

    def step_failed(self, step: str, detail: str) -> None:
        """It did not; everything is about to be undone."""

    def undoing(self, step: str, subject: str) -> None:
        """A step is being undone."""

    def ended(self, result: str) -> None:
        """``applied``, ``uninstalled``, ``failed`` (and undone) or ``interrupted`` (and undone)."""


class Silence:
    """A listener that lets everything pass."""

    def began(self, generation: int, base: int, steps: int) -> None: ...

    def reached(self, state: State) -> None: ...

    def step_started(self, index: int, total: int, step: str, subject: str) -> None: ...

    def step_done(self, index: int, total: int, step: str, seconds: float) -> None: ...

    def step_skipped(self, index: int, total: int, step: str, reason: str) -> None: ...

    def checked(self, result: CheckResult) -> None: ...

    def step_failed(self, step: str, detail: str) -> None: ...

    def undoing(self, step: str, subject: str) -> None: ...

    def ended(self, result: str) -> None: ...
