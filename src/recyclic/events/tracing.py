"""Which event caused which: the trace that travels with an event, with or without OpenTelemetry.

Without it, an event's trace is named by its own id, and what a handler emits belongs to the trace
of the event it handles. With it (``opentelemetry-api`` installed and a provider set), ``emit``
takes over the current span, and each handler call is a span of its own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recyclic.events.event import Event

current_event: ContextVar["Event | None"] = ContextVar("recyclic_event", default=None)
"""The event being handled: what a handler emits or logs belongs to it."""

_tracer: Any = None


def use_opentelemetry(provider: Any = None) -> None:
    """Make spans from now on, in this process.

    Args:
        provider: A ``TracerProvider``; the global one by default.

    Raises:
        ImportError: ``opentelemetry-api`` is not installed.
    """
    global _tracer
    from opentelemetry import trace

    _tracer = (provider or trace.get_tracer_provider()).get_tracer("recyclic.events")


def follow_opentelemetry() -> bool:
    """Make spans if this process was set up for OpenTelemetry, by ``opentelemetry-instrument`` or
    a ``sitecustomize``; whether it was. Costs nothing where it was not."""
    if "opentelemetry.trace" not in sys.modules:
        return False
    from opentelemetry import trace

    # Until somebody sets one there is a stand-in, whose module is the API's own.
    provider = trace.get_tracer_provider()
    if type(provider).__module__ == trace.__name__:
        return False
    use_opentelemetry(provider)
    return True


def stop_opentelemetry() -> None:
    """Make no spans any more."""
    global _tracer
    _tracer = None


def emitting_trace() -> str | None:
    """The ``traceparent`` for an event emitted now; None for "one of its own"."""
    if _tracer is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier)
        if "traceparent" in carrier:
            return carrier["traceparent"]
    handled = current_event.get()
    return None if handled is None else handled.trace


def spans_wanted() -> bool:
    """Whether handler calls are to be spans."""
    return _tracer is not None


@contextmanager
def handler_span(handler: str, event: str, event_id: str, trace: str | None) -> Iterator[Any]:
    """A span around one handler call, child of the emitter's; the caller tells it of a failure."""
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": trace or ""})
    attributes = {
        "messaging.system": "recyclic",
        "messaging.destination.name": event,
        "messaging.message.id": event_id,
        "messaging.operation.type": "process",
    }
    with _tracer.start_as_current_span(
        f"{handler} {event}", context=parent, kind=SpanKind.CONSUMER, attributes=attributes
    ) as span:
        yield span
