"""What clients send and get back; what they send is checked, nothing is coerced."""

import hashlib
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_GRAMS = 100_000_000

Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class Source(StrEnum):
    """How things came in."""

    DROP_OFF = "drop_off"
    COLLECTION = "collection"
    WASTE_CENTRE = "waste_centre"
    OTHER = "other"


class RequestBody(BaseModel):
    """Base of what is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewLine(RequestBody):
    """So many grams of one category."""

    category: Category
    weight_g: Annotated[int, Field(strict=True, ge=1, le=MAX_GRAMS)]


class NewDeposit(RequestBody):
    """What one person, or one round, brought in."""

    lines: Annotated[list[NewLine], Field(min_length=1, max_length=200)]
    source: Source = Source.DROP_OFF
    recorded_by: Person = ""
    note: Note = ""

    def digest(self) -> str:
        """Equal for equal requests, and for no others."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class AnswerBody(BaseModel):
    """Base of what is given: built from rows or from keywords."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class LineAnswer(AnswerBody):
    """One line; negative in a correction."""

    category: str
    weight_g: int


class DepositAnswer(AnswerBody):
    """One deposit; ``corrects`` names the one it takes back."""

    id: str
    day: str
    recorded_at: str
    recorded_by: str
    source: Source
    note: str
    weight_g: int
    corrects: str | None
    lines: list[LineAnswer]


class DepositPage(AnswerBody):
    """Some deposits, the latest first; ``next`` is the ``before`` of the following page."""

    items: list[DepositAnswer]
    next: str | None


class DayTotal(AnswerBody):
    """One day; ``by_category`` in grams."""

    day: str
    deposits: int
    weight_g: int
    by_category: dict[str, int]


class TotalsAnswer(AnswerBody):
    """Some days, those without deposits left out, and their sum."""

    deposits: int
    weight_g: int
    by_category: dict[str, int]
    days: list[DayTotal]
