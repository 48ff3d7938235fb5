"""What clients get back, and what the events say; both are made from rows here."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .tables import Sale, TillSession


class AnswerBody(BaseModel):
    """Base of all: built from rows or from keywords."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class LineAnswer(AnswerBody):
    """One line; what came back has a negative quantity, amount and weight."""

    label: str
    category: str
    quantity: int
    unit_price_cents: int
    discount_cents: int
    amount_cents: int
    weight_g: int


class PaymentAnswer(AnswerBody):
    """One payment: handed over, and kept after the change."""

    method: str
    tendered_cents: int
    amount_cents: int


class SaleAnswer(AnswerBody):
    """One sale or refund."""

    id: str
    session_id: str
    number: int
    day: str
    sold_at: str
    sold_by: str
    total_cents: int
    change_cents: int
    weight_g: int
    refund_of: str | None
    note: str
    lines: list[LineAnswer]
    payments: list[PaymentAnswer]


class CategoryTotal(AnswerBody):
    """One category of a session or a day."""

    quantity: int
    amount_cents: int
    weight_g: int


class CashAnswer(AnswerBody):
    """The drawer.

    Attributes:
        expected_cents: Opening change plus what cash sales left in it.
        counted_cents: What was found on closing, None when nobody counted.
        difference_cents: Counted less expected: negative when coins are missing.
    """

    opening_cents: int
    expected_cents: int
    counted_cents: int | None
    difference_cents: int


class TotalsAnswer(AnswerBody):
    """What a session or some days came to."""

    sales: int
    refunds: int
    total_cents: int
    weight_g: int
    by_method: dict[str, int]
    by_category: dict[str, CategoryTotal]


class SessionAnswer(AnswerBody):
    """One till session with its totals so far."""

    id: str
    till: str
    state: Literal["open", "closed"]
    day: str
    currency: str
    opened_at: str
    opened_by: str
    closed_at: str | None
    closed_by: str | None
    cash: CashAnswer
    totals: TotalsAnswer


class DaysAnswer(AnswerBody):
    """The totals of some days, both ends included."""

    first_day: Annotated[str, Field(serialization_alias="from")]
    last_day: Annotated[str, Field(serialization_alias="to")]
    currency: str
    totals: TotalsAnswer


class SaleSummary(AnswerBody):
    """One sale in a list."""

    id: str
    number: int
    sold_at: str
    total_cents: int
    weight_g: int
    refund_of: str | None


class SalePage(AnswerBody):
    """Some sales of one session, in order; ``next`` is the ``after`` of the following page."""

    items: list[SaleSummary]
    next: int | None


class SessionSummary(AnswerBody):
    """One session in a list."""

    id: str
    till: str
    day: str
    opened_at: str
    closed_at: str | None


class SessionPage(AnswerBody):
    """Some sessions, the latest first; ``next`` is the ``before`` of the following page."""

    items: list[SessionSummary]
    next: str | None


def sale_answer(sale: Sale) -> SaleAnswer:
    """One sale with its lines and payments."""
    return SaleAnswer.model_validate(sale)


def cash_answer(till_session: TillSession, cash_cents: int) -> CashAnswer:
    """The drawer of one session, into which sales have put ``cash_cents``."""
    expected = till_session.opening_cash_cents + cash_cents
    counted = till_session.counted_cash_cents
    return CashAnswer(
        opening_cents=till_session.opening_cash_cents,
        expected_cents=expected,
        counted_cents=counted,
        difference_cents=0 if counted is None else counted - expected,
    )


def session_answer(till_session: TillSession, totals: TotalsAnswer, currency: str) -> SessionAnswer:
    """One session with its totals."""
    return SessionAnswer(
        id=till_session.id,
        till=till_session.till,
        state="open" if till_session.closed_at is None else "closed",
        day=till_session.day,
        currency=currency,
        opened_at=till_session.opened_at,
        opened_by=till_session.opened_by,
        closed_at=till_session.closed_at,
        closed_by=till_session.closed_by,
        cash=cash_answer(till_session, totals.by_method.get("cash", 0)),
        totals=totals,
    )
