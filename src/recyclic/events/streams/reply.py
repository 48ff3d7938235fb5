"""A reply that is to come, whose reader goes on in the very moment it arrives."""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any


class Reply(asyncio.Future[Any]):
    """A future whose result is given on at once; an ordinary one's waits for the loop's next turn.

    Only what arrives from the network is: then no task runs, so that the one which waits can.
    Failure and cancellation come from anywhere and take the ordinary way.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._then: list[tuple[Callable[[Any], object], Context]] = []

    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None:
        if self.done():
            super().add_done_callback(callback, context=context)
        else:
            self._then.append((callback, context or copy_context()))

    def remove_done_callback(self, callback: Callable[[Any], object]) -> int:
        before = len(self._then)
        self._then = [one for one in self._then if one[0] != callback]
        return before - len(self._then) + super().remove_done_callback(callback)

    def set_result(self, result: Any) -> None:
        super().set_result(result)
        if asyncio.current_task(self.get_loop()) is not None:
            self._go_on_soon()
            return
        then, self._then = self._then, []
        for callback, context in then:
            try:
                context.run(callback, self)
            except Exception as error:  # noqa: BLE001 - told as the loop tells it; others go on
                told = {"message": "a reply's callback failed", "exception": error, "future": self}
                self.get_loop().call_exception_handler(told)

    def set_exception(self, exception: type[BaseException] | BaseException) -> None:
        super().set_exception(exception)
        self._go_on_soon()

    def cancel(self, msg: Any | None = None) -> bool:
        if not super().cancel(msg):
            return False
        self._go_on_soon()
        return True

    def _go_on_soon(self) -> None:
        then, self._then = self._then, []
        for callback, context in then:
            super().add_done_callback(callback, context=context)
