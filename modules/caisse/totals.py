"""Totals of a session or of some days, summed by the database."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from .answers import CategoryTotal, TotalsAnswer
from .tables import Payment, Sale, SaleLine


def totals_of_session(rows: Session, session_id: str) -> TotalsAnswer:
    """Everything sold and taken back in one session."""
    return _totals(rows, Sale.session_id == session_id)


def totals_of_days(rows: Session, first_day: str, last_day: str) -> TotalsAnswer:
    """Everything sold and taken back from one local day to another, both included."""
    return _totals(rows, Sale.day.between(first_day, last_day))


def _totals(rows: Session, which: ColumnElement[bool]) -> TotalsAnswer:
    is_refund = case((Sale.total_cents < 0, 1), else_=0)
    heads = select(
        func.count(),
        func.coalesce(func.sum(is_refund), 0),
        func.coalesce(func.sum(Sale.total_cents), 0),
        func.coalesce(func.sum(Sale.weight_g), 0),
    ).where(which)
    count, refunds, total, weight = rows.execute(heads).one()
    return TotalsAnswer(
        sales=count - refunds,
        refunds=refunds,
        total_cents=total,
        weight_g=weight,
        by_method=_by_method(rows, which),
        by_category=_by_category(rows, which),
    )


def _by_method(rows: Session, which: ColumnElement[bool]) -> dict[str, int]:
    query = (
        select(Payment.method, func.sum(Payment.amount_cents))
        .join(Sale, Sale.id == Payment.sale_id)
        .where(which)
        .group_by(Payment.method)
        .order_by(Payment.method)
    )
    return {row.method: row[1] for row in rows.execute(query)}


def _by_category(rows: Session, which: ColumnElement[bool]) -> dict[str, CategoryTotal]:
    sums: list[Any] = [
        func.sum(column) for column in (SaleLine.quantity, SaleLine.amount_cents, SaleLine.weight_g)
    ]
    query = (
        select(SaleLine.category, *sums)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(which)
        .group_by(SaleLine.category)
        .order_by(SaleLine.category)
    )
    return {
        category: CategoryTotal(quantity=quantity, amount_cents=cents, weight_g=grams)
        for category, quantity, cents, grams in rows.execute(query)
    }
