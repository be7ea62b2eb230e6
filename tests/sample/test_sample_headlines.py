"""The truth of each made-up headline, computed from the world's own arrays."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingestion.calendar import sessions
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.episodes import EPISODES
from ingestion.sample.world.headlines import HEADLINES
from ingestion.sample.world.market import world
from ingestion.sample.world.payouts import share_factor
from ingestion.sample.world.releases import meetings

INDEX = "^SMP"
SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def _close(day: date, symbol: str = INDEX) -> float:
    return float(world().bars[symbol].close[world().clock.index(day)])


def _is_record(day: date, symbol: str = INDEX) -> bool:
    closes, at = world().bars[symbol].close, world().clock.index(day)
    return bool(closes[at] > closes[:at].max())


def _is_up_week(friday: date) -> bool:
    """The last close of the week of ``friday`` against the last close of the week before."""
    days = world().clock.days
    last, before = (max(d for d in days if d <= friday - timedelta(7 * n)) for n in (0, 1))
    return _close(last) > _close(before)


def _near_high_share(day: date) -> float:
    at, near = world().clock.index(day), []
    for n, company in enumerate(COMPANIES):
        if world().companies.member[at, n]:
            bars = world().bars[company.key]
            size = len(bars.close)
            worth = bars.close * share_factor(company)[bars.start : bars.start + size]
            year = worth[max(0, at - bars.start - 251) : at - bars.start + 1]
            near.append(year[-1] >= 0.95 * year.max())
    return float(np.mean(near))


def _moved(symbol: str, day: date) -> float:
    """Close against the close before; no split falls on these days."""
    at = world().clock.index(day) - world().bars[symbol].start
    closes = world().bars[symbol].close
    return float(closes[at] / closes[at - 1] - 1)


def _target(day: date) -> float:
    """Upper target after a meeting less that after the one before, in percent."""
    found = meetings()
    at = [meeting for meeting, _ in found].index(day)
    after, before = found[at][1], found[at - 1][1]
    assert after is not None and before is not None
    return after - before


def _retail(day: date) -> float:
    """Change over a month as printed that day."""
    told = world().prints["RSAFS"].on(day)
    told = told[~np.isnan(told)]
    return round(100 * float(told[-1] / told[-2] - 1), 1)


def _banks_that_beat(until: date) -> list[bool]:
    orders = [n for n, company in enumerate(COMPANIES) if company.key in ("BNKO", "AQVB")]
    reports = [r for n in orders for r in world().reports[n]]
    return [r.eps > r.last_forecast for r in reports if date(2026, 1, 5) <= r.announced.date() <= until]


def _profits() -> dict[str, float]:
    """Profit of BNKO by quarter, as the seeds have it."""
    found = {}
    for name, key in (("printed_figures", "figure_id"), ("corporate_facts", "fact_id")):
        with (SEEDS / f"{name}.csv").open(newline="") as file:
            found |= {r["period_end"]: float(r["value"]) for r in csv.DictReader(file) if r[key] == "bnko_profit"}
    return found


CHIPS = ("QBRT", "PXLM", "DYNQ", "RTZQ")
# What rests on rules of ours and not on the world alone: computed again by tests/compute/second.
OURS = {"S16": "scores of drivers", "S18": "contributions", "S19": "hot names"}
CHECKS: dict[str, Callable[[], bool]] = {
    "S01": lambda: _is_record(date(2026, 1, 13)),
    "S02": lambda: all(_is_record(date(2026, 1, n)) for n in (12, 13, 14)),
    "S03": lambda: _close(date(2025, 11, 12)) / _close(date(2025, 11, 11)) > 1.02,
    "S04": lambda: not any(_is_up_week(date(2025, 11, 7) - timedelta(7 * n)) for n in range(3)),
    "S05": lambda: _close(date(2026, 1, 13)) > 2800,
    "S06": lambda: all(_is_up_week(date(2026, 1, 9) - timedelta(7 * n)) for n in range(6)),
    "S07": lambda: any(_is_record(d, "^SMT") for d in world().clock.days if d >= date(2026, 1, 1)),
    "S08": lambda: _near_high_share(date(2026, 1, 15)) > 0.5,
    "S09": lambda: (
        sum(e.trough > date(2024, 1, 1) for e in EPISODES) == 4 and EPISODES[-1].trough == date(2025, 11, 11)
    ),
    "S11": lambda: _target(date(2025, 12, 10)) == -0.5,
    "S12": lambda: _retail(date(2025, 12, 15)) < 0.2,
    "S13": lambda: all(_banks_that_beat(date(2026, 1, 15))),
    "S14": lambda: float(np.mean([_moved(c, date(2026, 1, 14)) for c in CHIPS])) > _moved(INDEX, date(2026, 1, 14)),
    "S15": lambda: bool(world().volatility["VIX"].close[-1] > 20),
}
PARTS: dict[str, Callable[[], list[bool]]] = {
    "S17": lambda: [
        abs(_profits()["2025-12-31"] / _profits()["2024-12-31"] - 1.2) < 0.005,
        max(_profits(), key=_profits().__getitem__) == "2025-12-31",
    ],
    "S20": lambda: [_moved(fund, date(2026, 1, 14)) > 0 for fund in ("STEC", "SFIN")],
}


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda h: h.claim_id)
def test_the_truth_is_the_worlds(headline) -> None:  # type: ignore[no-untyped-def]
    if headline.truth == "OPEN":
        assert headline.settles_on > world().clock.days[-1]
        assert headline.claim_id not in CHECKS
    elif headline.truth == "NOT_TESTABLE":
        assert headline.claim_id not in CHECKS | PARTS
    elif headline.truth == "PARTLY":
        assert set(PARTS[headline.claim_id]()) == {True, False}
    elif headline.claim_id in OURS:
        assert headline.settles_on <= world().clock.days[-1]
    else:
        assert headline.settles_on <= world().clock.days[-1]
        assert CHECKS[headline.claim_id]() is (headline.truth == "TRUE")


def test_there_are_enough_and_enough_are_false() -> None:
    assert [h.claim_id for h in HEADLINES] == [f"S{n:02d}" for n in range(1, 22)]
    counts = Counter(h.truth for h in HEADLINES)
    assert counts["FALSE"] >= 6
    assert counts["TRUE"] >= 6
    assert counts["OPEN"] >= 1 and counts["PARTLY"] >= 2 and counts["NOT_TESTABLE"] == 1
    assert all(h.settles_on in sessions() for h in HEADLINES)
    assert all(h.url.startswith("https://") and ".example/" in h.url for h in HEADLINES)


def test_false_claims_are_near_misses() -> None:
    assert 2795 < _close(date(2026, 1, 13)) < 2800
    assert [_is_record(date(2026, 1, n)) for n in (12, 13, 14)] == [True, True, False]
    assert 0.1 < _near_high_share(date(2026, 1, 15)) < 0.4
