"""What one event adds to the figures of a day."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SaleClosed(BaseModel):
    """What is read of the event ``sale_closed``; a refund has a negative total."""

    model_config = ConfigDict(frozen=True)

    sale_id: Id
    day: Day
    total_cents: int
    weight_g: int


class DepositRecorded(BaseModel):
    """What is read of the event ``deposit_recorded``; a correction has a negative weight."""

    model_config = ConfigDict(frozen=True)

    deposit_id: Id
    day: Day
    weight_g: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One sale's or deposit's part in a day.

    Attributes:
        key: Of the thing itself, not of the event: told twice, by whatever way, it counts once.
    """

    key: str
    day: str
    sales: int = 0
    refunds: int = 0
    total_cents: int = 0
    weight_out_g: int = 0
    deposits: int = 0
    weight_in_g: int = 0


def figure_of_sale(sale: SaleClosed) -> Figure:
    """What a sale or refund adds."""
    is_refund = sale.total_cents < 0
    return Figure(
        key=f"sale:{sale.sale_id}",
        day=sale.day,
        sales=0 if is_refund else 1,
        refunds=1 if is_refund else 0,
        total_cents=sale.total_cents,
        weight_out_g=sale.weight_g,
    )


def figure_of_deposit(deposit: DepositRecorded) -> Figure:
    """What a deposit adds, or a correction takes away."""
    return Figure(
        key=f"deposit:{deposit.deposit_id}",
        day=deposit.day,
        deposits=1 if deposit.weight_g >= 0 else -1,
        weight_in_g=deposit.weight_g,
    )


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One day so far: counts, cents, grams."""

    day: str
    sales: int
    refunds: int
    total_cents: int
    weight_out_g: int
    deposits: int
    weight_in_g: int
