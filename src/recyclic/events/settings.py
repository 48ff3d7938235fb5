"""BusSettings: every number of the bus, in one place, with its unit and its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from recyclic.events.bus import Durability
from recyclic.events.errors import BusSettingsError


@dataclass(frozen=True, slots=True)
class BusSettings:
    """How the bus behaves; the defaults suit one small site.

    Attributes:
        prefix: Before every key. One event's log is exactly ``prefix + name``; two sites on one
            server need two prefixes.
        durability: What plain ``emit`` promises.
        strict: Refuse to start, rather than warn, when the server cannot keep ``durability``.
        max_attempts: Of one handler on one event; after the last one it is dead.
        backoff_base_s, backoff_factor, backoff_cap_s: The n-th retry waits
            ``base * factor ** (n - 1)``, at most ``cap``, a quarter more or less by chance.
        max_crashes: How many workers an event may take down before it is dead.
        handler_timeout_s: After this a handler is cancelled, which counts as a failure.
        concurrency: Handlers of one module that run at the same time in one process.
        in_flight: Unfinished events of one module that one process holds at most (its memory's
            bound).
        lease_s: A worker that has not been heard of for this long is dead and its events are
            taken over. Running handlers are never taken: they are renewed every third of it.
        sweep_s: How often due retries and dead workers are looked for.
        retention_s: How long handled events stay for replay.
        replicas: How many replicas must have an event before ``emit`` returns (WAIT).
        emit_timeout_s: How long ``emit`` waits for a server that is away.
        max_payload_bytes: Of JSON; more is refused at ``emit`` and set aside when read.
        ack_delay_s: Finished events wait at most this long to be acknowledged together.
        once_s: How long an outbox's event is remembered as sent.
    """

    prefix: str = "events:"
    durability: Durability = Durability.LOG
    strict: bool = False
    max_attempts: int = 6
    backoff_base_s: float = 0.2
    backoff_factor: float = 4.0
    backoff_cap_s: float = 300.0
    max_crashes: int = 5
    handler_timeout_s: float = 60.0
    concurrency: int = 16
    in_flight: int = 400
    lease_s: float = 10.0
    sweep_s: float = 1.0
    retention_s: float = 30 * 86400.0
    replicas: int = 0
    emit_timeout_s: float = 15.0
    max_payload_bytes: int = 1 << 20
    ack_delay_s: float = 0.002
    once_s: float = 7 * 86400.0

    def overlaid(self, values: Mapping[str, Any]) -> "BusSettings":
        """These settings with ``values`` (the table ``[events]``) laid over them.

        ``url`` and ``operators`` are no settings of the bus and are skipped.

        Raises:
            BusSettingsError: an unknown name, or a value of the wrong kind.
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        changed: dict[str, Any] = {}
        for name, value in values.items():
            if name in ("url", "operators"):
                continue
            if name not in kinds:
                raise BusSettingsError(setting=name, value=str(value), wanted=sorted(kinds))
            changed[name] = _converted(name, value, kinds[name])
        return replace(self, **changed)


def _converted(name: str, value: Any, kind: type) -> Any:
    """``value`` as ``kind``; texts come from URLs, numbers from TOML."""
    try:
        if kind is bool:
            return _truth[str(value).lower()]
        result = kind(value)
    except (ValueError, TypeError, KeyError) as error:
        raise BusSettingsError(setting=name, value=str(value), wanted=kind.__name__) from error
    if isinstance(result, int | float) and not result > 0 and name != "replicas":
        raise BusSettingsError(setting=name, value=str(value), wanted="more than 0")
    return result


_truth = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
