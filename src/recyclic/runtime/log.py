"""Log lines: JSON for machines, one plain line for a terminal; always on standard error."""

import json
import logging
import sys
from datetime import UTC, datetime

from recyclic.events.tracing import current_event

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, what was passed as
    ``extra``, and ``error`` with the traceback. What a handler logs, whoever's code it is in,
    also says ``event``, ``event_id`` and ``trace``."""

    def __init__(self, **fixed: object) -> None:
        super().__init__()
        self._fixed = fixed

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
            **self._fixed,
            **_handled(),
            **extra,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _handled() -> dict[str, object]:
    """The event that is being handled where the line is written."""
    event = current_event.get()
    if event is None:
        return {}
    return {"event": event.name, "event_id": event.id, "trace": event.trace}


def log_to_stderr(*, level: int = logging.INFO, **fixed: object) -> None:
    """Send every log record of this process to standard error, from now on.

    Args:
        fixed: What every JSON line also says, such as the site's name.
    """
    stream = logging.StreamHandler(sys.stderr)
    if sys.stderr.isatty():
        stream.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    else:
        stream.setFormatter(JsonLines(**fixed))
    root = logging.getLogger()
    root.handlers[:] = [stream]
    root.setLevel(level)
