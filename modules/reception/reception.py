"""What the reception does: record, take back, count. Each write is alone in the file."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recyclic.kit.calendar import Calendar, Moment
from recyclic.kit.database import Database
from recyclic.kit.refusal import RefusalError

from .bodies import DayTotal, DepositAnswer, DepositPage, NewDeposit, TotalsAnswer
from .refusal import ReceptionReason
from .settings import ReceptionSettings
from .tables import Deposit, DepositLine

Announce = Callable[[Session, str, dict[str, Any]], None]
"""Have an event of this name and payload published if the session commits, only then."""

_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome of a request; ``repeated`` when it had come before and made this deposit then."""

    deposit: DepositAnswer
    repeated: bool


@dataclass(frozen=True, slots=True)
class Reception:
    """The deposits of one site, in a file that other workers use as well."""

    database: Database
    settings: ReceptionSettings
    calendar: Calendar
    announce: Announce

    def record(self, request: NewDeposit, key: str | None) -> Recorded:
        """Write one deposit.

        Args:
            key: The same key with the same request gives the same deposit.

        Raises:
            RefusalError: and nothing was written.
        """
        self._check(request)
        digest = request.digest()
        with self.database.writing() as rows:
            if key is not None and (earlier := _of_key(rows, key)) is not None:
                if earlier.request_digest != digest:
                    raise RefusalError(ReceptionReason.KEY_REUSED, deposit_id=earlier.id)
                return Recorded(DepositAnswer.model_validate(earlier), repeated=True)
            deposit = _new(request, self.calendar.read())
            deposit.request_key, deposit.request_digest = key, digest
            return Recorded(self._write(rows, deposit), repeated=False)

    def take_back(self, deposit_id: str) -> Recorded:
        """Write the negative of a deposit, once; asked again, the answer is the same.

        Raises:
            RefusalError: there is no such deposit, or it is a correction.
        """
        with self.database.writing() as rows:
            original = find_deposit(rows, deposit_id)
            if original.corrects is not None:
                raise RefusalError(ReceptionReason.IS_A_CORRECTION, deposit_id=deposit_id)
            done = rows.scalar(select(Deposit).where(Deposit.corrects == deposit_id))
            if done is not None:
                return Recorded(DepositAnswer.model_validate(done), repeated=True)
            correction = _negative(original, self.calendar.read())
            return Recorded(self._write(rows, correction), repeated=False)

    def read(self, deposit_id: str) -> DepositAnswer:
        """One deposit.

        Raises:
            RefusalError: there is none.
        """
        with self.database.reading() as rows:
            return DepositAnswer.model_validate(find_deposit(rows, deposit_id))

    def page(self, day: str | None, before: str | None, limit: int) -> DepositPage:
        """Deposits from the latest to the earliest, those before ``before`` when it is given."""
        query = select(Deposit).order_by(Deposit.id.desc()).limit(limit + 1)
        if day is not None:
            query = query.where(Deposit.day == day)
        if before is not None:
            query = query.where(Deposit.id < before)
        with self.database.reading() as rows:
            found = rows.scalars(query).all()
            items = [DepositAnswer.model_validate(row) for row in found[:limit]]
        return DepositPage(items=items, next=items[-1].id if len(found) > limit else None)

    def totals(self, first_day: str, last_day: str) -> TotalsAnswer:
        """Totals from one local day to another, both included, per category and day."""
        within = Deposit.day.between(first_day, last_day)
        # A deposit and its correction are no deposit.
        sign = func.iif(Deposit.corrects.is_(None), 1, -1)
        heads = select(Deposit.day, func.sum(sign)).where(within).group_by(Deposit.day)
        weights = (
            select(Deposit.day, DepositLine.category, func.sum(DepositLine.weight_g))
            .join(DepositLine, DepositLine.deposit_id == Deposit.id)
            .where(within)
            .group_by(Deposit.day, DepositLine.category)
            .order_by(Deposit.day, DepositLine.category)
        )
        with self.database.reading() as rows:
            counts = rows.execute(heads.order_by(Deposit.day)).all()
            grams = rows.execute(weights).all()
        days = [
            _day_total(day, count, {name: weight for at, name, weight in grams if at == day})
            for day, count in counts
        ]
        return _sum(days)

    def _check(self, request: NewDeposit) -> None:
        known, limit = self.settings.categories, self.settings.max_weight_g
        for line in request.lines:
            if known and line.category not in known:
                raise RefusalError(
                    ReceptionReason.UNKNOWN_CATEGORY, category=line.category, known=sorted(known)
                )
            if line.weight_g > limit:
                raise RefusalError(
                    ReceptionReason.WEIGHT_TOO_LARGE, weight_g=line.weight_g, max_g=limit
                )

    def _write(self, rows: Session, deposit: Deposit) -> DepositAnswer:
        rows.add(deposit)
        rows.flush()
        answer = DepositAnswer.model_validate(deposit)
        self.announce(rows, "deposit_recorded", deposit_recorded(answer))
        return answer


def find_deposit(rows: Session, deposit_id: str) -> Deposit:
    """The deposit of that id.

    Raises:
        RefusalError: there is none.
    """
    found = rows.get(Deposit, deposit_id)
    if found is None:
        raise RefusalError(ReceptionReason.NO_SUCH_DEPOSIT, deposit_id=deposit_id)
    return found


def deposit_recorded(deposit: DepositAnswer) -> dict[str, Any]:
    """``deposit_recorded`` version 1; ``events/deposit_recorded.json`` is its schema."""
    return {
        "deposit_id": deposit.id,
        "day": deposit.day,
        "recorded_at": deposit.recorded_at,
        "source": deposit.source.value,
        "corrects": deposit.corrects,
        "weight_g": deposit.weight_g,
        "lines": [line.model_dump() for line in deposit.lines],
    }


def _of_key(rows: Session, key: str) -> Deposit | None:
    return rows.scalar(select(Deposit).where(Deposit.request_key == key))


def _new_id(moment: Moment) -> str:
    """``20261120-184502123-k3v9x2``: sorts by time, and never comes back."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    milliseconds = moment.local.microsecond // 1000
    return f"{moment.local:%Y%m%d-%H%M%S}{milliseconds:03}-{tail}"


def _new(request: NewDeposit, moment: Moment) -> Deposit:
    return Deposit(
        id=_new_id(moment),
        day=moment.day.isoformat(),
        recorded_at=moment.text,
        recorded_by=request.recorded_by,
        source=request.source.value,
        note=request.note,
        weight_g=sum(line.weight_g for line in request.lines),
        corrects=None,
        lines=_line_rows([(line.category, line.weight_g) for line in request.lines]),
    )


def _negative(original: Deposit, moment: Moment) -> Deposit:
    """What takes ``original`` back, on its own day: the totals are then as if it were not."""
    return Deposit(
        id=_new_id(moment),
        day=original.day,
        recorded_at=moment.text,
        recorded_by="",
        source=original.source,
        note="",
        weight_g=-original.weight_g,
        corrects=original.id,
        lines=_line_rows([(line.category, -line.weight_g) for line in original.lines]),
    )


def _line_rows(lines: Sequence[tuple[str, int]]) -> list[DepositLine]:
    return [
        DepositLine(position=position, category=category, weight_g=grams)
        for position, (category, grams) in enumerate(lines, 1)
    ]


def _day_total(day: str, deposits: int, by_category: dict[str, int]) -> DayTotal:
    weight = sum(by_category.values())
    return DayTotal(day=day, deposits=deposits, weight_g=weight, by_category=by_category)


def _sum(days: Sequence[DayTotal]) -> TotalsAnswer:
    by_category: dict[str, int] = {}
    for day in days:
        for category, grams in day.by_category.items():
            by_category[category] = by_category.get(category, 0) + grams
    return TotalsAnswer(
        deposits=sum(day.deposits for day in days),
        weight_g=sum(day.weight_g for day in days),
        by_category=dict(sorted(by_category.items())),
        days=list(days),
    )
