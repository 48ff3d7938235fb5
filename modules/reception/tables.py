"""The rows of the deposits' file, as SQLAlchemy sees them; ``schema`` says how they are made.

Weights are integer grams, instants ISO 8601 text in UTC, days local dates.
"""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What every table of this module derives from."""


class DepositLine(Base):
    """One category of a deposit."""

    __tablename__ = "deposit_line"

    deposit_id: Mapped[str] = mapped_column(ForeignKey("deposit.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str]
    weight_g: Mapped[int]


class Deposit(Base):
    """One deposit, never changed; a mistake is taken back by one with negative weights."""

    __tablename__ = "deposit"

    id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str]
    recorded_at: Mapped[str]
    recorded_by: Mapped[str]
    source: Mapped[str]
    note: Mapped[str]
    weight_g: Mapped[int]
    corrects: Mapped[str | None] = mapped_column(ForeignKey("deposit.id"))
    request_key: Mapped[str | None]
    request_digest: Mapped[str | None]
    lines: Mapped[list[DepositLine]] = relationship(order_by=DepositLine.position, lazy="selectin")
