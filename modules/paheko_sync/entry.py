"""From a closed till session to one balanced accounting entry; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from .settings import Accounts

LABELS = {
    "cash": "Espèces",
    "card": "Cartes",
    "cheque": "Chèques",
    "transfer": "Virements",
    "voucher": "Bons d'achat",
}
"""The books are kept in French, whatever language the site speaks."""

_LABEL_LENGTH = 80


class SessionClosed(BaseModel):
    """What is read of the event ``session_closed``; amounts in cents."""

    model_config = ConfigDict(frozen=True)

    session_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    till: Annotated[str, StringConstraints(max_length=60)] = ""
    day: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    currency: str = "EUR"
    sales: int = 0
    refunds: int = 0
    weight_g: int = 0
    by_method: dict[str, int]
    by_category: dict[str, int]
    cash_difference_cents: int = 0

    @property
    def reference(self) -> str:
        """What tells this session's entry apart in Paheko; the same whenever it is asked."""
        return f"RECYCLIC-SESSION-{self.session_id}"


class UnbalancedSessionError(ValueError):
    """What was paid is not what was sold."""


class UnknownMethodError(ValueError):
    """No account is set for a way to pay."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry; ``cents`` above zero is a debit, below zero a credit, never zero."""

    account: str
    label: str
    cents: int

    def body(self) -> dict[str, str]:
        """As Paheko's API takes it: euros, as text with two decimals."""
        euros = f"{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"
        debit, credit = (euros, "0.00") if self.cents > 0 else ("0.00", euros)
        return {"account": self.account, "label": self.label, "debit": debit, "credit": credit}


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced entry: the lines' cents add up to zero, and there are at least two."""

    reference: str
    date: str
    label: str
    notes: str
    lines: tuple[Line, ...]

    @property
    def total_cents(self) -> int:
        """The sum of the debits."""
        return sum(line.cents for line in self.lines if line.cents > 0)

    def body(self, year: str) -> dict[str, Any]:
        """The request to Paheko's API."""
        return {
            "id_year": int(year) if year.isdigit() else year,
            "type": "ADVANCED",
            "reference": self.reference,
            "date": self.date,
            "label": self.label,
            "notes": self.notes,
            "lines": [line.body() for line in self.lines],
        }


def entry_of_session(session: SessionClosed, accounts: Accounts) -> Entry | None:
    """The entry for one session, or None when no money moved.

    Raises:
        UnbalancedSessionError: its two sums differ.
        UnknownMethodError: an account is missing.
    """
    paid, sold = sum(session.by_method.values()), sum(session.by_category.values())
    if paid != sold:
        raise UnbalancedSessionError(f"paid {paid} cents for {sold} cents of sales")
    lines = tuple(line for line in _lines(session, accounts) if line.cents)
    if not lines:
        return None
    return Entry(
        reference=session.reference,
        date=session.day,
        label=f"Caisse {session.till}".strip() + f", session du {session.day}",
        notes=_notes(session),
        lines=lines,
    )


def _lines(session: SessionClosed, accounts: Accounts) -> Iterator[Line]:
    difference = session.cash_difference_cents
    for method, cents in sorted(({"cash": 0} | session.by_method).items()):
        account = accounts.by_method.get(method)
        if account is None:
            raise UnknownMethodError(f"no account is set for payments by {method}")
        found = cents + (difference if method == "cash" else 0)
        yield Line(account, LABELS.get(method, method), found)
    yield Line(accounts.shortage, "Erreur de caisse", max(-difference, 0))
    yield Line(accounts.surplus, "Erreur de caisse", -max(difference, 0))
    for category, cents in sorted(session.by_category.items()):
        account = accounts.by_category.get(category, accounts.sales)
        yield Line(account, f"Ventes : {category}"[:_LABEL_LENGTH], -cents)


def _notes(session: SessionClosed) -> str:
    kilograms = f"{session.weight_g / 1000:.1f}".replace(".", ",")
    return (
        f"Session {session.session_id} : {session.sales} ventes, "
        f"{session.refunds} remboursements, {kilograms} kg."
    )
