"""A handler as registered: which event, called how, tried how often."""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recyclic.events.bus import HandlerFunction, RejectEventError
from recyclic.events.delivery import RetryPolicy
from recyclic.events.errors import HandlerError
from recyclic.events.event import Event
from recyclic.events.settings import BusSettings

Call = Callable[[Event], Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """One handler of one module for one event.

    Attributes:
        name: The same after a restart, unlike any other handler's of the module.
        call: Runs the handler with what its signature asks for.
        start: ``beginning`` or ``now``: where a module's group starts when it is first made.
        idempotent: The author says that a second call for the same event does no harm.
    """

    event: str
    name: str
    call: Call
    policy: RetryPolicy
    timeout_s: float
    start: str = "beginning"
    idempotent: bool = False
    function: HandlerFunction | None = None


_OPTIONS = ("max_attempts", "timeout_s", "idempotent", "start", "inbox", "backoff_s")


def subscribe(
    event: str,
    handler: HandlerFunction,
    options: Mapping[str, Any],
    settings: BusSettings,
    taken: frozenset[str],
) -> Subscription:
    """The subscription of ``handler``, under a name that is not in ``taken``.

    Raises:
        HandlerError: not a coroutine function, or an option that does not exist or fit.
    """
    label = getattr(handler, "__qualname__", type(handler).__qualname__)
    wrong = _mistake(handler, options)
    if wrong:
        raise HandlerError(handler=label, event=event, reason=wrong)
    call = calling_convention(handler)
    if options.get("inbox") is not None:
        from recyclic.events.inbox import through_inbox

        call = through_inbox(handler, options["inbox"], label, calling_convention)
    policy = RetryPolicy(
        max_attempts=int(options.get("max_attempts", settings.max_attempts)),
        base_ms=float(options.get("backoff_s", settings.backoff_base_s)) * 1000,
        factor=settings.backoff_factor,
        cap_ms=settings.backoff_cap_s * 1000,
    )
    return Subscription(
        event=event,
        name=_unused(label.replace("<locals>.", ""), taken),
        call=call,
        policy=policy,
        timeout_s=float(options.get("timeout_s", settings.handler_timeout_s)),
        start=options.get("start", "beginning"),
        idempotent=bool(options.get("idempotent", options.get("inbox") is not None)),
        function=handler,
    )


def _mistake(handler: HandlerFunction, options: Mapping[str, Any]) -> str:
    """Why this cannot be registered, or ""."""
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        return f"no option is named {', '.join(unknown)}; there are {', '.join(_OPTIONS)}"
    if options.get("start", "beginning") not in ("beginning", "now"):
        return f"start is beginning or now, not {options['start']!r}"
    if int(options.get("max_attempts", 1)) < 1 or float(options.get("timeout_s", 1)) <= 0:
        return "max_attempts and timeout_s must be more than 0"
    called = handler if not hasattr(handler, "func") else handler.func
    if inspect.iscoroutinefunction(called) or inspect.iscoroutinefunction(
        getattr(called, "__call__", None)  # noqa: B004 - its being async is the question
    ):
        return ""
    return "it is not an async function"


def _unused(label: str, taken: frozenset[str]) -> str:
    """``label``, or ``label#2`` and so on: two closures may share a qualified name."""
    number, name = 1, label
    while name in taken:
        number += 1
        name = f"{label}#{number}"
    return name


def calling_convention(handler: HandlerFunction) -> Call:
    """How ``handler`` is called, from its signature; see :data:`bus.HandlerFunction`."""
    parameters = [
        one for one in inspect.signature(handler).parameters.values() if one.name != "session"
    ]
    hints = _hints(handler)
    for one in parameters:
        hint = hints.get(one.name, one.annotation)
        if one.name == "event" or hint is Event:
            return handler if one.kind is not one.KEYWORD_ONLY else _by_keyword(handler, one.name)
        if hasattr(hint, "model_validate"):
            return _with_model(handler, hint)
    positional = [one for one in parameters if one.kind is not one.VAR_KEYWORD]
    if len(positional) == 1 == len(parameters):
        one = positional[0]
        hint = hints.get(one.name, one.annotation)
        origin = typing.get_origin(hint) or hint
        if one.name in ("payload", "data") or origin in (dict, Mapping):
            return lambda event: handler(dict(event.payload))
    return _with_keywords(handler, parameters)


def _hints(handler: HandlerFunction) -> Mapping[str, Any]:
    """Annotations as objects; a name that cannot be resolved leaves them as written."""
    target = handler if hasattr(handler, "__annotations__") else type(handler).__call__
    try:
        return typing.get_type_hints(target)
    except (NameError, TypeError, AttributeError):
        return {}


def _by_keyword(handler: HandlerFunction, name: str) -> Call:
    return lambda event: handler(**{name: event})


def _with_model(handler: HandlerFunction, model: Any) -> Call:
    from pydantic import ValidationError

    async def call(event: Event) -> Any:
        try:
            payload = model.model_validate(event.payload)
        except ValidationError as error:
            raise RejectEventError(f"the payload is not a {model.__name__}: {error}") from error
        return await handler(payload)

    return call


def _with_keywords(handler: HandlerFunction, parameters: list[inspect.Parameter]) -> Call:
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters)
    named = [one for one in parameters if one.kind is not one.VAR_KEYWORD]
    names = frozenset(one.name for one in named)
    required = frozenset(one.name for one in named if one.default is one.empty)

    async def call(event: Event) -> Any:
        payload = event.payload
        missing = required - payload.keys()
        if missing:
            raise RejectEventError(f"the payload has no {', '.join(sorted(missing))}")
        if takes_all:
            return await handler(**payload)
        return await handler(**{name: payload[name] for name in names & payload.keys()})

    return call
