"""What clients send, checked: nothing is coerced, nothing unknown is passed over."""

import hashlib
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from .pricing import Method

MAX_CENTS = 100_000_000
MAX_GRAMS = 100_000_000
MAX_QUANTITY = 100_000

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Cents = Annotated[int, Field(strict=True, ge=0, le=MAX_CENTS)]
SignedCents = Annotated[int, Field(strict=True, ge=-MAX_CENTS, le=MAX_CENTS)]
Grams = Annotated[int, Field(strict=True, ge=0, le=MAX_GRAMS)]


def _not_zero(number: int) -> int:
    if number == 0:
        raise PydanticCustomError("zero", "Nothing is sold by a quantity of zero")
    return number


Quantity = Annotated[
    int, Field(strict=True, ge=-MAX_QUANTITY, le=MAX_QUANTITY), AfterValidator(_not_zero)
]


class RequestBody(BaseModel):
    """Base of all."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenSession(RequestBody):
    """Open a till with some change in its drawer."""

    till: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "main"
    opened_by: Person = ""
    opening_cash_cents: Cents = 0


class CloseSession(RequestBody):
    """Close a till; without a count, what should be in the drawer is taken to be there."""

    closed_by: Person = ""
    counted_cash_cents: Cents | None = None


class NewLine(RequestBody):
    """One line; a negative quantity takes things back, its weight is still given as it is."""

    label: Label
    category: Category
    quantity: Quantity = 1
    unit_price_cents: Cents
    discount_cents: Cents = 0
    weight_g: Grams = 0


class NewPayment(RequestBody):
    """One payment; for cash, the coins and notes handed over."""

    method: Method
    amount_cents: SignedCents


class NewSale(RequestBody):
    """One sale, or a refund when its lines come back."""

    lines: Annotated[list[NewLine], Field(min_length=1, max_length=500)]
    payments: Annotated[list[NewPayment], Field(max_length=20)] = []
    discount_cents: Cents = 0
    refund_of: Annotated[str, StringConstraints(max_length=80)] | None = None
    sold_by: Person = ""
    note: Note = ""

    def digest(self, session_id: str) -> str:
        """Equal for equal requests on one session, and for no others."""
        text = f"{session_id}\n{self.model_dump_json()}"
        return hashlib.sha256(text.encode()).hexdigest()
