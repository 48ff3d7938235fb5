"""Figures add up, once each, over restarts and workers."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules.kpi_banner.figures import (
    DepositRecorded,
    SaleClosed,
    figure_of_deposit,
    figure_of_sale,
)
from modules.kpi_banner.tally import Tally

from recyclic.kit.sqlite_file import NewerDataError

DAY = "2026-11-20"

sales = st.builds(
    SaleClosed,
    sale_id=st.uuids().map(str),
    day=st.sampled_from([DAY, "2026-11-21"]),
    total_cents=st.integers(-10_000, 10_000),
    weight_g=st.integers(-10_000, 10_000),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(sales, max_size=8), st.integers())
def test_order_and_repetition_do_not_matter(happened: list[SaleClosed], seed: int) -> None:
    """Told twice, in any order, to two workers: the totals are those of distinct sales."""
    told = happened * 2
    random.Random(seed).shuffle(told)
    with tempfile.TemporaryDirectory() as folder:
        workers = [Tally(Path(folder) / "figures.sqlite") for _ in range(2)]
        for number, sale in enumerate(told):
            workers[number % 2].add(figure_of_sale(sale))
        totals = Tally(Path(folder) / "figures.sqlite").totals(DAY)
    of_day = [sale for sale in happened if sale.day == DAY]
    assert totals.total_cents == sum(sale.total_cents for sale in of_day)
    assert totals.weight_out_g == sum(sale.weight_g for sale in of_day)
    assert totals.sales + totals.refunds == len(of_day)


def test_a_correction_takes_a_deposit_back(tmp_path: Path) -> None:
    """A deposit and its correction leave nothing."""
    tally = Tally(tmp_path / "figures.sqlite")
    tally.add(figure_of_deposit(DepositRecorded(deposit_id="d1", day=DAY, weight_g=900)))
    tally.add(figure_of_deposit(DepositRecorded(deposit_id="d2", day=DAY, weight_g=-900)))
    totals = tally.totals(DAY)
    assert (totals.deposits, totals.weight_in_g) == (0, 0)


def test_data_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """An older module refuses to start on newer data instead of misreading it."""
    import sqlite3

    path = tmp_path / "figures.sqlite"
    with sqlite3.connect(path) as rows:
        rows.execute("PRAGMA user_version = 99")
    rows.close()
    with pytest.raises(NewerDataError):
        Tally(path)
