"""What a till does: open, sell, close. Each is one transaction, alone in the file."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recyclic.kit.calendar import Calendar, Moment
from recyclic.kit.database import Database
from recyclic.kit.refusal import RefusalError

from .answers import SaleAnswer, SessionAnswer, sale_answer, session_answer
from .payloads import sale_closed, session_closed
from .pricing import Priced, Settlement, Tender, price_line, settle, spread_discount
from .refusal import TillReason
from .requests import CloseSession, NewSale, OpenSession
from .settings import TillSettings
from .tables import Payment, Sale, SaleLine, TillSession
from .totals import totals_of_session

_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"


Announce = Callable[[Session, str, str, dict[str, Any]], None]
"""Have an event of this name, key and payload published if the session commits, only then."""


@dataclass(frozen=True, slots=True)
class Sold:
    """The outcome of a request to sell.

    Attributes:
        repeated: The request had come before; the sale is the one it made then.
    """

    sale: SaleAnswer
    repeated: bool


@dataclass(frozen=True, slots=True)
class Till:
    """The tills of one site, over one file that other workers use as well."""

    database: Database
    settings: TillSettings
    calendar: Calendar
    announce: Announce

    def open(self, request: OpenSession) -> SessionAnswer:
        """Open a till.

        Raises:
            RefusalError: it is open already.
        """
        moment = self.calendar.read()
        with self.database.writing() as rows:
            self._refuse_open_till(rows, request.till)
            opened = TillSession(
                id=_new_session_id(moment),
                till=request.till,
                day=moment.day.isoformat(),
                opened_at=moment.text,
                opened_by=request.opened_by,
                opening_cash_cents=request.opening_cash_cents,
            )
            rows.add(opened)
            rows.flush()
            return self._answer(rows, opened)

    def close(self, session_id: str, request: CloseSession) -> SessionAnswer:
        """Close a till, once; asked again with the same count, the answer is the same.

        Raises:
            RefusalError: no such session, or it was closed with another count.
        """
        moment = self.calendar.read()
        with self.database.writing() as rows:
            closing = find_session(rows, session_id)
            if closing.closed_at is not None:
                if request.counted_cash_cents != closing.counted_cash_cents:
                    raise _closed(closing)
                return self._answer(rows, closing)
            closing.closed_at = moment.text
            closing.closed_by = request.closed_by
            closing.counted_cash_cents = request.counted_cash_cents
            answer = self._answer(rows, closing)
            self.announce(rows, "session_closed", session_id, session_closed(answer))
            return answer

    def sell(self, session_id: str, request: NewSale, key: str | None) -> Sold:
        """Write one sale or refund.

        Args:
            key: Told apart by it: the same key with the same request gives the same sale.

        Raises:
            RefusalError: and nothing was sold.
        """
        digest = request.digest(session_id)
        with self.database.writing() as rows:
            if key is not None and (earlier := _sale_of_key(rows, key)) is not None:
                if earlier.request_digest != digest:
                    raise RefusalError(TillReason.KEY_REUSED, sale_id=earlier.id)
                return Sold(sale_answer(earlier), repeated=True)
            open_session = find_session(rows, session_id)
            if open_session.closed_at is not None:
                raise _closed(open_session)
            sale = self._write_sale(rows, open_session, request)
            sale.request_key, sale.request_digest = key, digest
            rows.add(sale)
            rows.flush()
            answer = sale_answer(sale)
            payload = sale_closed(answer, open_session.till, self.settings.currency)
            self.announce(rows, "sale_closed", session_id, payload)
            return Sold(answer, repeated=False)

    def _write_sale(self, rows: Session, open_session: TillSession, request: NewSale) -> Sale:
        lines = self._price(request)
        total = sum(line.amount_cents for line in lines)
        self._refuse_amount(total)
        if request.refund_of is not None:
            _refuse_refund(rows, request.refund_of, lines)
        tenders = [Tender(payment.method, payment.amount_cents) for payment in request.payments]
        settlement = settle(total, tenders)
        number = _next_number(rows, open_session.id)
        moment = self.calendar.read()
        return Sale(
            id=f"{open_session.id}-{number:04}",
            session_id=open_session.id,
            number=number,
            day=moment.day.isoformat(),
            sold_at=moment.text,
            sold_by=request.sold_by,
            total_cents=total,
            change_cents=settlement.change_cents,
            weight_g=sum(line.weight_g for line in lines),
            refund_of=request.refund_of,
            note=request.note,
            lines=_line_rows(request, lines),
            payments=_payment_rows(tenders, settlement),
        )

    def _price(self, request: NewSale) -> tuple[Priced, ...]:
        settings = self.settings
        for line in request.lines:
            if settings.categories and line.category not in settings.categories:
                known = sorted(settings.categories)
                raise RefusalError(TillReason.UNKNOWN_CATEGORY, category=line.category, known=known)
        for payment in request.payments:
            if payment.method not in settings.methods:
                known = sorted(settings.methods)
                raise RefusalError(
                    TillReason.METHOD_REFUSED, method=payment.method.value, known=known
                )
        priced = [
            price_line(line.quantity, line.unit_price_cents, line.discount_cents, line.weight_g)
            for line in request.lines
        ]
        return spread_discount(priced, request.discount_cents)

    def _refuse_amount(self, total: int) -> None:
        if abs(total) > self.settings.max_amount_cents:
            raise RefusalError(
                TillReason.AMOUNT_TOO_LARGE,
                total_cents=total,
                max_cents=self.settings.max_amount_cents,
            )

    def _refuse_open_till(self, rows: Session, till: str) -> None:
        query = select(TillSession.id).where(
            TillSession.till == till, TillSession.closed_at.is_(None)
        )
        if (already := rows.scalar(query)) is not None:
            raise RefusalError(TillReason.TILL_ALREADY_OPEN, till=till, session_id=already)

    def _answer(self, rows: Session, till_session: TillSession) -> SessionAnswer:
        totals = totals_of_session(rows, till_session.id)
        return session_answer(till_session, totals, self.settings.currency)


def find_session(rows: Session, session_id: str) -> TillSession:
    """The session of that id.

    Raises:
        RefusalError: there is none.
    """
    found = rows.get(TillSession, session_id)
    if found is None:
        raise RefusalError(TillReason.NO_SUCH_SESSION, session_id=session_id)
    return found


def find_sale(rows: Session, sale_id: str) -> Sale:
    """The sale of that id.

    Raises:
        RefusalError: there is none.
    """
    found = rows.get(Sale, sale_id)
    if found is None:
        raise RefusalError(TillReason.NO_SUCH_SALE, sale_id=sale_id)
    return found


def _new_session_id(moment: Moment) -> str:
    """``20261120-184502-k3v9``: sorts by time, and never comes back after a reinstallation."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(4))
    return f"{moment.local:%Y%m%d-%H%M%S}-{tail}"


def _closed(till_session: TillSession) -> RefusalError:
    return RefusalError(
        TillReason.SESSION_CLOSED, session_id=till_session.id, closed_at=till_session.closed_at
    )


def _sale_of_key(rows: Session, key: str) -> Sale | None:
    return rows.scalar(select(Sale).where(Sale.request_key == key))


def _next_number(rows: Session, session_id: str) -> int:
    last = rows.scalar(select(func.max(Sale.number)).where(Sale.session_id == session_id))
    return (last or 0) + 1


def _refuse_refund(rows: Session, sale_id: str, lines: Sequence[Priced]) -> None:
    """Pass a refund of lines only, of a real sale, of no more than what is left of it."""
    if any(line.quantity > 0 for line in lines):
        raise RefusalError(TillReason.REFUND_WITH_SALE)
    original = find_sale(rows, sale_id)
    if original.refund_of is not None or original.total_cents < 0:
        raise RefusalError(TillReason.REFUND_OF_REFUND, sale_id=sale_id)
    refunded = rows.scalar(select(func.sum(Sale.total_cents)).where(Sale.refund_of == sale_id))
    left = original.total_cents + (refunded or 0)
    if left + sum(line.amount_cents for line in lines) < 0:
        raise RefusalError(TillReason.REFUND_TOO_LARGE, sale_id=sale_id, left_cents=left)


def _line_rows(request: NewSale, lines: Sequence[Priced]) -> list[SaleLine]:
    return [
        SaleLine(
            position=position,
            label=line.label,
            category=line.category,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            discount_cents=priced.discount_cents,
            amount_cents=priced.amount_cents,
            weight_g=priced.weight_g,
        )
        for position, (line, priced) in enumerate(zip(request.lines, lines, strict=True), 1)
    ]


def _payment_rows(tenders: Sequence[Tender], settlement: Settlement) -> list[Payment]:
    return [
        Payment(
            position=position,
            method=tender.method.value,
            tendered_cents=tender.amount_cents,
            amount_cents=kept,
        )
        for position, (tender, kept) in enumerate(zip(tenders, settlement.kept, strict=True), 1)
    ]
