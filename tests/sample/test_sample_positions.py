"""Positions in futures, margin debt and combined flows of the sample: told when they were public, consistent, moved by the market."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from ingestion.sample.world.clock import clock
from ingestion.sample.world.combined import periods
from ingestion.sample.world.margin import months
from ingestion.sample.world.market import world
from ingestion.sample.world.positions import GROSS, reports

URL = "https://publicreporting.cftc.gov/resource/gpe5-46if.json?$where=cftc_contract_market_code='{}'{}"
MARGIN = "https://www.finra.org/sites/default/files/2021-03/margin-statistics.xlsx"
FLOWS = "https://www.ici.org/system/files/{}-01/combined_flows_data_{}.xls"
DAY = "report_date_as_yyyy_mm_dd"
Get = Callable[..., Any]


def test_reports_are_late_after_the_shutdown(ask: Get) -> None:
    def newest(*moment: int) -> str:
        told: str = json.loads(ask(URL.format("13874A", "&$limit=5000"), datetime(*moment, tzinfo=UTC)).text)[-1][DAY]  # type: ignore[misc]
        return told

    assert newest(2025, 11, 19, 1) == "2025-09-23T00:00:00.000"
    assert newest(2025, 11, 19, 20, 29) == "2025-09-23T00:00:00.000"
    assert newest(2025, 11, 19, 20, 30) == "2025-09-30T00:00:00.000"
    assert newest(2025, 12, 13, 1) == "2025-11-10T00:00:00.000"


def test_the_service_filters_limits_and_does_not_guess(ask: Get) -> None:
    rows = json.loads(ask(URL.format("209742", f" AND {DAY}>='2025-01-01T00:00:00.000'&$limit=3")).text)
    assert [row[DAY][:10] for row in rows] == ["2025-01-07", "2025-01-14", "2025-01-21"]
    assert {type(value) for row in rows for value in row.values()} == {str}
    assert ask(URL.format("13874A", " OR 1=1")).status_code == 400
    assert ask(URL.replace("gpe5-46if", "none").format("13874A", "")).status_code == 404


def test_no_side_exceeds_what_is_open_and_asset_managers_follow_the_market() -> None:
    assert sum(GROSS.values()) < 2
    for one in reports():
        assert sum(side[0] for side in (one.dealer, one.asset, one.leveraged)) <= one.open_interest
        assert sum(side[1] for side in (one.dealer, one.asset, one.leveraged)) <= one.open_interest
    held = [one for one in reports() if one.code == "13874A"]
    run = np.cumsum(world().drivers.market)
    at = [min(clock().index(one.day), len(run) - 1) for one in held]
    month = [run[t] - run[max(0, t - 21)] for t in at]
    net = [(one.asset[0] - one.asset[1]) / one.open_interest for one in held]
    assert np.corrcoef(np.diff(month), np.diff(net))[0, 1] > 0.5


def test_margin_debt_is_told_on_the_20th_and_falls_with_the_market(ask: Get) -> None:
    held = months(world())
    assert held[0].first == date(2014, 1, 1)
    assert ask(MARGIN, datetime(2025, 3, 20, 15, 59, tzinfo=UTC)).content.count(b"2025-0") == 1
    assert ask(MARGIN, datetime(2025, 3, 20, 16, tzinfo=UTC)).content.count(b"2025-0") == 2
    level = world().companies.index_level
    ends = [clock().index(one.first.replace(day=28)) for one in held]
    falls = [b.debit / a.debit for a, b in pairwise(held)]
    moves = [level[b] / level[a] for a, b in pairwise(ends)]
    assert np.corrcoef(falls, moves)[0, 1] > 0.6
    assert min(falls) < 0.95


def test_combined_flows_are_weeks_that_no_month_covers(ask: Get) -> None:
    """Sums hold within one million; the week after two Tuesdays has eight days; a year without a week has no file."""
    for kind in ("week", "month"):
        for one in periods(kind):
            total, equity, domestic, world_, hybrid, bond, taxable, municipal, commodity = one.flows
            assert abs(equity + hybrid + bond + commodity - total) <= 1
            assert (domestic + world_, taxable + municipal) == (equity, bond)
    ends = [one.end for one in periods("week")]
    assert [str(day) for day in ends[-4:]] == ["2025-12-23", "2025-12-30", "2026-01-07", "2026-01-14"]
    assert {(b - a).days for a, b in pairwise(ends)} == {6, 7, 8}
    status = {
        (year, at.month): ask(FLOWS.format(year, year), at).status_code
        for year in (2025, 2026) for at in (datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC))
    }  # fmt: skip
    assert status == {(2025, 12): 200, (2026, 12): 404, (2025, 1): 200, (2026, 1): 200}
