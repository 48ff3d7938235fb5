"""Which event caused which: the trace that travels with an event, with or without OpenTelemetry."""

from contextvars import ContextVar

current_trace: ContextVar[str | None] = ContextVar("recyclic_trace", default=None)
"""The ``traceparent`` of the event being handled: what a handler emits belongs to it."""
