"""Moments as people read them: by the clock on their own wall."""

from datetime import datetime


def moment(text: str) -> str:
    """An ISO 8601 time as local date and time to the minute; of today, the time alone. A text that
    is no time stays as it is."""
    try:
        local = datetime.fromisoformat(text).astimezone()
    except ValueError:
        return text
    is_today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")
