"""Log lines: JSON for machines, one plain line for a terminal; always on standard error."""

import json
import logging
import sys
from datetime import UTC, datetime

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, what was passed as
    ``extra``, and ``error`` with the traceback."""

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
            **extra,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


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
