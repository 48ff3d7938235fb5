"""Log lines for machines."""

import json
import logging

from recyclic.runtime.log import JsonLines


def line(record: logging.LogRecord) -> dict[str, object]:
    text = JsonLines(site="demo").format(record)
    assert "\n" not in text
    found: dict[str, object] = json.loads(text)
    return found


def test_a_line_is_one_json_object() -> None:
    """Also when the message has line breaks in it, and with what was passed as extra."""
    record = logging.makeLogRecord(
        {
            "name": "x",
            "levelname": "ERROR",
            "msg": "two\n%s",
            "args": ("lines",),
            "code": "RCY-R010",
        }
    )
    found = line(record)
    assert (found["message"], found["level"], found["site"]) == ("two\nlines", "error", "demo")
    assert found["code"] == "RCY-R010"


def test_an_exception_comes_with_its_traceback() -> None:
    """In a field of its own."""
    try:
        raise ValueError("boom")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        found = line(logging.makeLogRecord({"msg": "failed", "exc_info": info}))
    assert "ValueError: boom" in str(found["error"])


def test_what_json_does_not_know_becomes_text() -> None:
    """A log line is never lost for its facts."""
    assert line(logging.makeLogRecord({"msg": "x", "fact": {1, 2}.__class__}))["fact"]
