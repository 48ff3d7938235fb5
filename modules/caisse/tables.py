"""The rows of the till's file, as SQLAlchemy sees them; ``schema`` says how they are made.

Amounts are integer cents, weights integer grams, instants ISO 8601 text in UTC, days local
dates: all of them sort as they are.
"""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What every table of this module derives from."""


class TillSession(Base):
    """One till from its opening to its closing."""

    __tablename__ = "till_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    till: Mapped[str]
    day: Mapped[str]
    opened_at: Mapped[str]
    opened_by: Mapped[str]
    opening_cash_cents: Mapped[int]
    closed_at: Mapped[str | None]
    closed_by: Mapped[str | None]
    counted_cash_cents: Mapped[int | None]


class SaleLine(Base):
    """One thing sold, or taken back: then quantity, amount and weight are negative."""

    __tablename__ = "sale_line"

    sale_id: Mapped[str] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    category: Mapped[str]
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    discount_cents: Mapped[int]
    amount_cents: Mapped[int]
    weight_g: Mapped[int]


class Payment(Base):
    """One way a sale was paid: what was handed over, and what stayed after the change."""

    __tablename__ = "payment"

    sale_id: Mapped[str] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str]
    tendered_cents: Mapped[int]
    amount_cents: Mapped[int]


class Sale(Base):
    """One sale or refund; never changed once written."""

    __tablename__ = "sale"

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("till_session.id"))
    number: Mapped[int]
    day: Mapped[str]
    sold_at: Mapped[str]
    sold_by: Mapped[str]
    total_cents: Mapped[int]
    change_cents: Mapped[int]
    weight_g: Mapped[int]
    refund_of: Mapped[str | None] = mapped_column(ForeignKey("sale.id"))
    note: Mapped[str]
    request_key: Mapped[str | None]
    request_digest: Mapped[str | None]
    lines: Mapped[list[SaleLine]] = relationship(order_by=SaleLine.position, lazy="selectin")
    payments: Mapped[list[Payment]] = relationship(order_by=Payment.position, lazy="selectin")
