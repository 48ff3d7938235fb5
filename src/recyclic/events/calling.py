"""One call of one handler: begun, timed, cut off when it takes too long, its failure made data."""

import asyncio
import traceback
from collections.abc import Generator
from time import perf_counter
from types import coroutine
from typing import Any, NamedTuple

from recyclic.events.bus import RejectEventError, RetryLaterError
from recyclic.events.delivery import Outcome
from recyclic.events.event import Event
from recyclic.events.handler import Subscription
from recyclic.events.observer import HandlingCounts
from recyclic.events.tracing import current_trace, handler_span, spans_wanted


class Ended(NamedTuple):
    """How one call ended."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    asked_delay_ms: int | None = None


WELL = Ended(Outcome.DONE)
"""The only value of a call that succeeded, so that ``is`` tells."""


async def call_handler(subscription: Subscription, event: Event, counts: HandlingCounts) -> Ended:
    """How the handler's call ended. Only our own cancellation gets through."""
    if spans_wanted():
        place = (subscription.name, event.name, event.id, event.trace)
        with handler_span(*place) as span:
            ended = await _called(subscription, event, counts)
            if ended is not WELL:
                span.set_attribute("error.type", ended.reason)
            return ended
    return await _called(subscription, event, counts)


async def _called(subscription: Subscription, event: Event, counts: HandlingCounts) -> Ended:
    began = perf_counter()
    token = current_trace.set(event.trace)
    try:
        await _within(subscription, event)
        return WELL
    except RejectEventError as error:
        return Ended(Outcome.REJECTED, "rejected", str(error))
    except RetryLaterError as error:
        return Ended(Outcome.FAILED, "asked to wait", str(error), int(error.delay_s * 1000))
    except TimeoutError as error:
        return Ended(Outcome.FAILED, "TimeoutError", str(error) or "took too long")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return Ended(Outcome.FAILED, "CancelledError", "a task it awaited was cancelled")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module's code: its failure is data
        detail = "".join(traceback.format_exception(error))[-4000:]
        return Ended(Outcome.FAILED, _reason(error), detail)
    finally:
        current_trace.reset(token)
        counts.took(perf_counter() - began)


async def _within(subscription: Subscription, event: Event) -> None:
    """Run the handler; the timer is only set when it waits for something at all."""
    handling = subscription.call(event)
    if not hasattr(handling, "send"):
        async with asyncio.timeout(subscription.timeout_s):
            await handling
        return
    try:
        waits_for = handling.send(None)
    except StopIteration:
        return
    async with asyncio.timeout(subscription.timeout_s):
        await _rest(handling, waits_for)


@coroutine
def _rest(begun: Any, waits_for: Any) -> Generator[Any, Any, Any]:
    """What remains of a coroutine that was begun by hand and waits for ``waits_for``."""
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - goes on into the handler, as anywhere
            step, value = begun.throw, error
        else:
            step, value = begun.send, sent
        try:
            waits_for = step(value)
        except StopIteration as stop:
            return stop.value


def _reason(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
