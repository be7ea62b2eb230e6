"""The truth of each made-up headline, computed from the world's own arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from ingestion.calendar import sessions
from ingestion.sample.world.directory import COMPANIES
from ingestion.sample.world.episodes import EPISODES
from ingestion.sample.world.headlines import HEADLINES
from ingestion.sample.world.market import world
from ingestion.sample.world.payouts import share_factor

INDEX = "^SMP"


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
}


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda h: h.claim_id)
def test_the_truth_is_the_worlds(headline) -> None:  # type: ignore[no-untyped-def]
    if headline.truth == "OPEN":
        assert headline.settles_on > world().clock.days[-1]
        assert headline.claim_id not in CHECKS
    else:
        assert headline.settles_on <= world().clock.days[-1]
        assert CHECKS[headline.claim_id]() is (headline.truth == "TRUE")


def test_there_are_ten_and_enough_are_false() -> None:
    assert [h.claim_id for h in HEADLINES] == [f"S{n:02d}" for n in range(1, 11)]
    counts = Counter(h.truth for h in HEADLINES)
    assert counts["FALSE"] >= 3
    assert counts["TRUE"] >= 3
    assert counts["OPEN"] >= 1
    assert all(h.settles_on in sessions() for h in HEADLINES)
    assert all(h.url.startswith("https://") and ".example/" in h.url for h in HEADLINES)


def test_false_claims_are_near_misses() -> None:
    assert 2795 < _close(date(2026, 1, 13)) < 2800
    assert [_is_record(date(2026, 1, n)) for n in (12, 13, 14)] == [True, True, False]
    assert 0.1 < _near_high_share(date(2026, 1, 15)) < 0.4
