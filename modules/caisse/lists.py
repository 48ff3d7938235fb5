"""Reading what was written: single things, pages, totals."""

from sqlalchemy import select

from recyclic.kit.database import Database

from .answers import (
    DaysAnswer,
    SaleAnswer,
    SalePage,
    SaleSummary,
    SessionAnswer,
    SessionPage,
    SessionSummary,
    sale_answer,
    session_answer,
)
from .tables import Sale, TillSession
from .till import Till, find_sale, find_session
from .totals import totals_of_days, totals_of_session


def read_session(till: Till, session_id: str) -> SessionAnswer:
    """One session with its totals.

    Raises:
        RefusalError: there is none.
    """
    with till.database.reading() as rows:
        found = find_session(rows, session_id)
        totals = totals_of_session(rows, session_id)
        return session_answer(found, totals, till.settings.currency)


def read_sale(database: Database, sale_id: str) -> SaleAnswer:
    """One sale.

    Raises:
        RefusalError: there is none.
    """
    with database.reading() as rows:
        return sale_answer(find_sale(rows, sale_id))


def read_days(till: Till, first_day: str, last_day: str) -> DaysAnswer:
    """The totals of some days; zeros when nothing was sold."""
    with till.database.reading() as rows:
        return DaysAnswer(
            first_day=first_day,
            last_day=last_day,
            currency=till.settings.currency,
            totals=totals_of_days(rows, first_day, last_day),
        )


def page_of_sessions(
    database: Database, open_only: bool, day: str | None, before: str | None, limit: int
) -> SessionPage:
    """Sessions from the latest to the earliest, those before ``before`` when it is given."""
    query = select(TillSession).order_by(TillSession.id.desc()).limit(limit + 1)
    if open_only:
        query = query.where(TillSession.closed_at.is_(None))
    if day is not None:
        query = query.where(TillSession.day == day)
    if before is not None:
        query = query.where(TillSession.id < before)
    with database.reading() as rows:
        found = rows.scalars(query).all()
    items = [SessionSummary.model_validate(row) for row in found[:limit]]
    return SessionPage(items=items, next=items[-1].id if len(found) > limit else None)


def page_of_sales(database: Database, session_id: str, after: int, limit: int) -> SalePage:
    """Sales of one session in order, those after number ``after``.

    Raises:
        RefusalError: there is no such session.
    """
    columns = (Sale.id, Sale.number, Sale.sold_at, Sale.total_cents, Sale.weight_g, Sale.refund_of)
    query = (
        select(*columns)
        .where(Sale.session_id == session_id, Sale.number > after)
        .order_by(Sale.number)
        .limit(limit + 1)
    )
    with database.reading() as rows:
        find_session(rows, session_id)
        found = rows.execute(query).all()
    items = [SaleSummary.model_validate(row) for row in found[:limit]]
    return SalePage(items=items, next=items[-1].number if len(found) > limit else None)
