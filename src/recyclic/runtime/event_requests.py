"""What the routes that change the bus are asked: the bodies of their requests."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recyclic.runtime.errors import RequestError

MOST_AT_ONCE = 1000
"""Dead letters that one request may be about; ask again for the rest."""


def _is_text(value: str) -> str:
    """JSON may carry half a character, which no server can be asked for."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"it is no text: {error.reason}") from error
    return value


Text = Annotated[str, AfterValidator(_is_text)]
EventField = Annotated[Text | None, Field(description="Only this event.")]
ModuleField = Annotated[Text | None, Field(description="Only this module.")]


class Body(BaseModel):
    """Base of all: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Letters(Body):
    """Which dead letters: by id, or all of them."""

    ids: Annotated[
        list[Text],
        Field(max_length=MOST_AT_ONCE, description="Of dead letters, or of the events that died."),
    ] = []
    all: Annotated[bool, Field(description=f"The oldest {MOST_AT_ONCE}.")] = False
    event: EventField = None
    module: ModuleField = None

    def check(self) -> None:
        """Raises: RequestError, unless they are named in exactly one way."""
        if bool(self.ids) == self.all:
            raise RequestError(where="body", reason="give either ids or all = true")


class History(Body):
    """Which history, and for which module."""

    event: Text
    module: Text
    start: Annotated[datetime, Field(alias="from", description="Local time without a zone.")]
    to: Annotated[datetime | None, Field(description="Up to and without; now by default.")] = None
    dry_run: Annotated[bool, Field(description="Count only.")] = False

    def start_ms(self) -> int:
        """Milliseconds since 1970. Raises: RequestError."""
        return _milliseconds(self.start, "body.from")

    def last_ms(self, now_ms: int) -> int:
        """The last millisecond that belongs to it. Raises: RequestError."""
        if self.to is None:
            return now_ms
        last = _milliseconds(self.to, "body.to") - 1
        if last < self.start_ms():
            raise RequestError(where="body.to", reason="it is not after from")
        return last


def _milliseconds(time: datetime, where: str) -> int:
    try:
        found = int(time.astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise RequestError(where=where, reason=str(error)) from error
    if found < 0:
        raise RequestError(where=where, reason="it is before 1970")
    return found


class NewEvent(Body):
    """An event to publish."""

    event: Text
    payload: dict[str, Any] = {}
    key: Annotated[Text | None, Field(description="Order among events of this key.")] = None


class Gone(Body):
    """A module that is gone for good."""

    module: Text
    event: EventField = None
