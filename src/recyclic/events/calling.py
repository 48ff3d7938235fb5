"""One call of one handler: begun, timed, cut off when it takes too long, its failure made data."""

import asyncio
import traceback
from collections.abc import Generator
from contextvars import Context, copy_context
from time import perf_counter
from types import coroutine
from typing import Any, NamedTuple

from recyclic.events.bus import RejectEventError, RetryLaterError
from recyclic.events.delivery import Outcome
from recyclic.events.event import Event
from recyclic.events.handler import Subscription
from recyclic.events.observer import HandlingCounts
from recyclic.events.tracing import current_event, handler_span, spans_wanted


class Ended(NamedTuple):
    """How one call ended."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    asked_delay_ms: int | None = None

    @property
    def why(self) -> str:
        """Why it failed, in a line."""
        return in_a_line(self.reason, self.detail)


def in_a_line(reason: str, detail: str) -> str:
    """Why a handler failed: the first line of it all. A traceback ends with the reason."""
    told = reason.strip()
    if detail.strip() and not detail.startswith("Traceback"):
        told = f"{told}: {detail.strip()}"
    return told.splitlines()[0] if told else "?"


WELL = Ended(Outcome.DONE)
"""The only value of a call that succeeded, so that ``is`` tells."""


class Begun(NamedTuple):
    """A call that waits for something: what is left of it, for :func:`finish` in the same task.

    Attributes:
        handling: What is left of the handler; None when it is yet to be called, within a span.
        context: The call's own: what it leaves in a context variable, no other call sees.
        waits_for: What it awaits first.
        since: ``perf_counter()`` when it began.
    """

    subscription: Subscription
    event: Event
    handling: Any
    context: Context
    waits_for: Any
    since: float


def attempt(subscription: Subscription, event: Event, since: float) -> Ended | Begun:
    """Call the handler and run it up to where it first waits; most never do, and have ended.

    No task, timer or coroutine of ours is made for those. The rest, if there is one, must be run
    by the same task: what a handler enters (``asyncio.timeout``) belongs to the task it ran in.
    What ended is the caller's to count.
    """
    current_event.set(event)
    context = copy_context()
    try:
        handling = context.run(subscription.call, event).__await__()
        # With a default, the usual end costs no exception.
        waits_for = context.run(next, handling, WELL)
    except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - see below
        # A module's code: whatever it raises is data.
        return _failure(error)
    return (
        WELL
        if waits_for is WELL
        else Begun(subscription, event, handling, context, waits_for, since)
    )


def begin(subscription: Subscription, event: Event, counts: HandlingCounts) -> Ended | Begun:
    """An :func:`attempt` that is counted, and made within a span where they are wanted."""
    since = perf_counter()
    if spans_wanted():
        current_event.set(event)
        return Begun(subscription, event, None, copy_context(), None, since)
    call = attempt(subscription, event, since)
    if isinstance(call, Ended):
        counts.took(perf_counter() - since)
    return call


async def finish(begun: Begun, counts: HandlingCounts) -> Ended:
    """How a call that was begun ended. Only our own cancellation gets through."""
    try:
        if begun.handling is None:
            return await _in_a_span(begun)
        async with asyncio.timeout(begun.subscription.timeout_s):
            await resume(begun.handling, begun.waits_for, begun.context)
        return WELL
    except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - see above
        return _failure(error)
    finally:
        counts.took(perf_counter() - begun.since)


async def call_handler(subscription: Subscription, event: Event, counts: HandlingCounts) -> Ended:
    """How a whole call ended. Only our own cancellation gets through."""
    call = begin(subscription, event, counts)
    return call if isinstance(call, Ended) else await finish(call, counts)


async def _in_a_span(begun: Begun) -> Ended:
    subscription, event = begun.subscription, begun.event
    with handler_span(subscription.name, event.name, event.id, event.trace) as span:
        try:
            async with asyncio.timeout(subscription.timeout_s):
                await subscription.call(event)
            return WELL
        except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - as above
            ended = _failure(error)
            span.set_attribute("error.type", ended.reason)
            return ended


@coroutine
def resume(begun: Any, waits_for: Any, context: Context | None = None) -> Generator[Any, Any, Any]:
    """What remains of a coroutine that was begun by hand and waits for ``waits_for``.

    Args:
        context: It runs in this one; without it, in that of the task.
    """
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - goes on into the handler, as anywhere
            step, value = begun.throw, error
        else:
            step, value = begun.send, sent
        try:
            waits_for = step(value) if context is None else context.run(step, value)
        except StopIteration as stop:
            return stop.value


def _failure(error: BaseException) -> Ended:
    """What a handler's exception means. Raises it again when it is our own cancellation."""
    match error:
        case RejectEventError():
            return Ended(Outcome.REJECTED, "rejected", str(error))
        case RetryLaterError():
            return Ended(Outcome.FAILED, "asked to wait", str(error), int(error.delay_s * 1000))
        case TimeoutError():
            return Ended(Outcome.FAILED, "TimeoutError", str(error) or "took too long")
        case asyncio.CancelledError():
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise error
            return Ended(Outcome.FAILED, "CancelledError", "a task it awaited was cancelled")
    detail = "".join(traceback.format_exception(error))[-4000:]
    return Ended(Outcome.FAILED, _reason(error), detail)


def _reason(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
