"""From a closed session to a balanced entry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules.paheko_sync.entry import (
    SessionClosed,
    UnbalancedSessionError,
    UnknownMethodError,
    entry_of_session,
)
from modules.paheko_sync.settings import Accounts

METHODS = ("cash", "card", "cheque", "transfer", "voucher")
CENTS = st.integers(-10_000_000, 10_000_000)


def closed(**changes: object) -> SessionClosed:
    """A session that took 15 euros in cash for furniture."""
    usual = {
        "session_id": "20261120-184502-k3v9",
        "till": "main",
        "day": "2026-11-20",
        "by_method": {"cash": 1500},
        "by_category": {"mobilier": 1500},
    }
    return SessionClosed.model_validate(usual | changes)


@st.composite
def sessions(draw: st.DrawFn) -> SessionClosed:
    """Sessions whose payments and sales agree, with refunds, missing coins and all."""
    by_method = draw(st.dictionaries(st.sampled_from(METHODS), CENTS))
    total = sum(by_method.values())
    part = draw(CENTS)
    split = {"mobilier": part, "livres": total - part}
    return closed(by_method=by_method, by_category=split, cash_difference_cents=draw(CENTS))


@settings(deadline=None)
@given(sessions())
def test_every_entry_balances(session: SessionClosed) -> None:
    """Debits equal credits to the cent, no line is zero, and one line never stands alone."""
    entry = entry_of_session(session, Accounts())
    if entry is None:
        return
    assert sum(line.cents for line in entry.lines) == 0
    assert all(line.cents for line in entry.lines)
    assert len(entry.lines) >= 2
    bodies = entry.body("match")["lines"]
    debits = sum(round(float(body["debit"]) * 100) for body in bodies)
    credits = sum(round(float(body["credit"]) * 100) for body in bodies)
    assert debits == credits == entry.total_cents


def test_missing_coins_are_booked() -> None:
    """What the till lacks is debited to its own account, and the cash is what was counted."""
    entry = entry_of_session(closed(cash_difference_cents=-200), Accounts())
    assert entry is not None
    assert [(line.account, line.cents) for line in entry.lines] == [
        ("530", 1300), ("678", 200), ("707", -1500),
    ]  # fmt: skip


def test_amounts_are_sent_in_euros_with_two_decimals() -> None:
    """Paheko reads 1250 as 1250 euros, and drops the sign of a negative amount."""
    session = closed(by_method={"card": 5}, by_category={"livres": 5})
    entry = entry_of_session(session, Accounts())
    assert entry is not None
    card, sales = entry.body("match")["lines"]
    assert (card["debit"], card["credit"]) == ("0.05", "0.00")
    assert (sales["debit"], sales["credit"]) == ("0.00", "0.05")


def test_categories_may_have_accounts_of_their_own() -> None:
    """A gift of money is no sale."""
    session = closed(by_category={"don": 500, "mobilier": 1000})
    entry = entry_of_session(session, Accounts(by_category={"don": "754"}))
    assert entry is not None
    assert {line.account: line.cents for line in entry.lines} == {
        "530": 1500, "754": -500, "707": -1000,
    }  # fmt: skip


def test_no_money_no_entry() -> None:
    """A session in which everything was given away has no entry."""
    assert entry_of_session(closed(by_method={}, by_category={"livres": 0}), Accounts()) is None


def test_what_does_not_balance_is_not_posted() -> None:
    """Sums that differ, and a way to pay without an account, are told."""
    with pytest.raises(UnbalancedSessionError):
        entry_of_session(closed(by_category={"mobilier": 1499}), Accounts())
    shells = closed(by_method={"shells": 1500})
    with pytest.raises(UnknownMethodError):
        entry_of_session(shells, Accounts())
