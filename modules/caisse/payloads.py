"""What the till's events say; ``events/*.json`` are their schemas."""

from typing import Any

from .answers import SaleAnswer, SessionAnswer


def sale_closed(sale: SaleAnswer, till: str, currency: str) -> dict[str, Any]:
    """``sale_closed`` version 1: one sale or refund was paid."""
    return {
        "sale_id": sale.id,
        "session_id": sale.session_id,
        "till": till,
        "day": sale.day,
        "closed_at": sale.sold_at,
        "currency": currency,
        "total_cents": sale.total_cents,
        "weight_g": sale.weight_g,
        "refund_of": sale.refund_of,
        "lines": [
            line.model_dump(include={"label", "category", "quantity", "amount_cents", "weight_g"})
            for line in sale.lines
        ],
        "payments": [
            payment.model_dump(include={"method", "amount_cents"}) for payment in sale.payments
        ],
    }


def session_closed(session: SessionAnswer) -> dict[str, Any]:
    """``session_closed`` version 1: a till was closed, and what it took by method and category."""
    totals = session.totals
    return {
        "session_id": session.id,
        "till": session.till,
        "day": session.day,
        "opened_at": session.opened_at,
        "closed_at": session.closed_at,
        "currency": session.currency,
        "sales": totals.sales,
        "refunds": totals.refunds,
        "total_cents": totals.total_cents,
        "weight_g": totals.weight_g,
        "by_method": totals.by_method,
        "by_category": {
            category: total.amount_cents for category, total in totals.by_category.items()
        },
        "cash_difference_cents": session.cash.difference_cents,
    }
