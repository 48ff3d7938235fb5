"""What lines cost and how payments settle them: whole cents, nothing lost, nothing invented."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from recyclic.kit.refusal import RefusalError

from .refusal import TillReason


class Method(StrEnum):
    """A way to pay."""

    CASH = "cash"
    CARD = "card"
    CHEQUE = "cheque"
    TRANSFER = "transfer"
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class Priced:
    """One line with its price: ``amount_cents`` and ``weight_g`` have the sign of ``quantity``."""

    quantity: int
    unit_price_cents: int
    discount_cents: int
    weight_g: int

    @property
    def amount_cents(self) -> int:
        """What the customer owes for it; negative when it comes back."""
        price = abs(self.quantity) * self.unit_price_cents - self.discount_cents
        return price if self.quantity > 0 else -price


@dataclass(frozen=True, slots=True)
class Tender:
    """What was handed over (or back, when negative)."""

    method: Method
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A sale paid in full.

    Attributes:
        kept: For each tender, in order, what stayed after the change; their sum is the total.
        change_cents: What was given back in coins, zero or more.
    """

    kept: tuple[int, ...]
    change_cents: int


def price_line(quantity: int, unit_price_cents: int, discount_cents: int, weight_g: int) -> Priced:
    """One line, priced.

    Raises:
        RefusalError: the discount is more than the price.
    """
    price = abs(quantity) * unit_price_cents
    if discount_cents > price:
        raise RefusalError(
            TillReason.DISCOUNT_TOO_LARGE, discount_cents=discount_cents, price_cents=price
        )
    return Priced(
        quantity, unit_price_cents, discount_cents, weight_g * (1 if quantity > 0 else -1)
    )


def spread_discount(lines: Sequence[Priced], discount_cents: int) -> tuple[Priced, ...]:
    """``lines`` with a discount on the whole sale divided among them by their amounts.

    Cents that do not divide go to the largest remainders, the first line first among equals, so
    the parts add up to the discount and no line falls below zero.

    Raises:
        RefusalError: some line comes back, or the discount is more than the total.
    """
    if discount_cents == 0:
        return tuple(lines)
    if any(line.quantity < 0 for line in lines):
        raise RefusalError(TillReason.DISCOUNT_ON_REFUND)
    total = sum(line.amount_cents for line in lines)
    if discount_cents > total:
        raise RefusalError(
            TillReason.DISCOUNT_TOO_LARGE, discount_cents=discount_cents, price_cents=total
        )
    shares = [divmod(line.amount_cents * discount_cents, total) for line in lines]
    missing = discount_cents - sum(whole for whole, _ in shares)
    by_remainder = sorted(range(len(lines)), key=lambda at: (-shares[at][1], at))
    rounded_up = set(by_remainder[:missing])
    return tuple(
        replace(line, discount_cents=line.discount_cents + shares[at][0] + (at in rounded_up))
        for at, line in enumerate(lines)
    )


def settle(total_cents: int, tenders: Sequence[Tender]) -> Settlement:
    """How ``tenders`` pay for ``total_cents``.

    More than the total is change, given in cash and never more than the cash that came in. A
    refund is paid out to the cent. A total of zero takes no payment.

    Raises:
        RefusalError: they do not.
    """
    paid = sum(tender.amount_cents for tender in tenders)
    if any((tender.amount_cents > 0) != (total_cents > 0) for tender in tenders if total_cents):
        raise RefusalError(TillReason.PAYMENT_SIGN)
    change = paid - total_cents
    if change < 0 or (change > 0 and total_cents <= 0) or (total_cents == 0 and tenders):
        raise RefusalError(TillReason.PAYMENTS_UNBALANCED, paid_cents=paid, total_cents=total_cents)
    return _give_change(change, tenders)


def _give_change(change: int, tenders: Sequence[Tender]) -> Settlement:
    cash = sum(tender.amount_cents for tender in tenders if tender.method is Method.CASH)
    if change > max(cash, 0):
        raise RefusalError(TillReason.CHANGE_WITHOUT_CASH, change_cents=change, cash_cents=cash)
    left = change
    kept = []
    for tender in tenders:
        back = min(left, tender.amount_cents) if tender.method is Method.CASH and left else 0
        left -= back
        kept.append(tender.amount_cents - back)
    return Settlement(tuple(kept), change)
