"""What lines cost and how payments settle them, for all amounts."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from modules.caisse.pricing import Method, Priced, Tender, price_line, settle, spread_discount
from modules.caisse.refusal import TillReason

from recyclic.kit.refusal import RefusalError

prices = st.integers(0, 100_000)
quantities = st.integers(1, 100)
lines = st.builds(
    lambda quantity, price, weight: price_line(quantity, price, 0, weight),
    quantities,
    prices,
    st.integers(0, 10_000),
)
tenders = st.lists(
    st.builds(Tender, st.sampled_from(Method), st.integers(1, 100_000)), min_size=1, max_size=5
)


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=10), st.data())
def test_a_spread_discount_is_the_whole_discount(priced: list[Priced], data: st.DataObject) -> None:
    """The parts add up to the cent, and no line becomes negative."""
    total = sum(line.amount_cents for line in priced)
    discount = data.draw(st.integers(0, total))
    spread = spread_discount(priced, discount)
    assert sum(line.discount_cents for line in spread) == discount
    for line, before in zip(spread, priced, strict=True):
        assert 0 <= line.amount_cents <= before.amount_cents


@settings(deadline=None)
@given(tenders, st.data())
def test_what_is_kept_is_the_total(handed: list[Tender], data: st.DataObject) -> None:
    """Whatever is handed over: what stays is the total, or the sale is refused with a reason."""
    paid = sum(tender.amount_cents for tender in handed)
    total = data.draw(st.integers(1, paid + 10))
    cash = sum(tender.amount_cents for tender in handed if tender.method is Method.CASH)
    try:
        settlement = settle(total, handed)
    except RefusalError as refused:
        too_little = paid < total
        reason = "PAYMENTS_UNBALANCED" if too_little else "CHANGE_WITHOUT_CASH"
        assert refused.reason is TillReason[reason]
        assert too_little or paid - total > cash
    else:
        assert sum(settlement.kept) == total
        assert settlement.change_cents == paid - total <= cash
        for tender, kept in zip(handed, settlement.kept, strict=True):
            assert kept == tender.amount_cents or tender.method is Method.CASH
            assert 0 <= kept <= tender.amount_cents


@settings(deadline=None)
@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_refund_is_paid_out_to_the_cent(total: int, paid: int) -> None:
    """No change on a refund: exactly what came back is paid."""
    handed = [Tender(Method.CASH, -paid)]
    if paid == total:
        assert settle(-total, handed).kept == (-paid,)
        return
    with pytest.raises(RefusalError) as refused:
        settle(-total, handed)
    assert refused.value.reason is TillReason.PAYMENTS_UNBALANCED


@settings(deadline=None)
@given(quantities, prices, st.integers(0, 10_000))
def test_taking_back_mirrors_selling(quantity: int, price: int, discount: int) -> None:
    """The same line with a negative quantity gives back exactly what it cost."""
    assume(discount <= quantity * price)
    sold = price_line(quantity, price, discount, 700)
    back = price_line(-quantity, price, discount, 700)
    assert (back.amount_cents, back.weight_g) == (-sold.amount_cents, -sold.weight_g)
