"""What came after: each figure against another way to it, and nothing before its horizon is over."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from updraft_kernels import aftermath, rally, single_sessions

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def test_moves_and_falls_by_hand() -> None:
    close = np.array([100.0, 110.0, 99.0, 105.0, 120.0])
    assert aftermath.moves(close, 2)[:3] == pytest.approx([-1.0, 100 * (105 / 110 - 1), 100 * (120 / 99 - 1)])
    assert np.isnan(aftermath.moves(close, 2)[3:]).all()
    # from 110 down to 99 is a tenth, whether or not the session began lower
    assert aftermath.deepest(close, 2)[:3] == pytest.approx([-10.0, -10.0, 0.0])
    assert np.isnan(aftermath.deepest(close, 2)[3:]).all() and np.isnan(aftermath.moves(close[:2], 2)).all()


def test_spans_that_share_no_session() -> None:
    assert aftermath.apart(np.array([1, 5, 63, 64, 127, 200]), 63).tolist() == [1, 64, 127, 200]


def test_difference_without_lags_is_the_usual_error() -> None:
    """Without lags and with half of the sessions chosen the error is White's of a dummy, halved."""
    rng = np.random.default_rng(3)
    y, x = rng.normal(0, 1, 400), np.arange(400) % 2 == 0
    found = aftermath.difference(y, x, 0)
    assert found is not None and (found.n, found.n_all) == (200, 400)
    assert found.value == pytest.approx((y[x].mean() - y[~x].mean()) / 2)
    white = math.sqrt(y[x].var() / 200 + y[~x].var() / 200)
    assert found.error == pytest.approx(white / 2)


def test_overlapping_outcomes_widen_the_error() -> None:
    """The mean of 400 windows of 20 that overlap is told about as surely as that of 20 windows apart, not of 400."""
    rng = np.random.default_rng(5)
    sure, claimed = [], []
    for _ in range(60):
        steps = rng.normal(0, 1, 1_020)
        y = np.convolve(steps, np.ones(20), "valid")[:1_000]
        x = (np.arange(1_000) // 100) % 2 == 0
        with_lags, without = aftermath.difference(y, x, 20), aftermath.difference(y, x, 0)
        assert with_lags is not None and without is not None
        sure.append(abs(with_lags.value) > 1.96 * with_lags.error)
        claimed.append(abs(without.value) > 1.96 * without.error)
    assert np.mean(sure) < 0.2 and np.mean(claimed) > 0.5


def test_nothing_to_compare() -> None:
    assert aftermath.difference(np.array([1.0, 2.0]), np.array([True, True]), 1) is None
    assert aftermath.difference(np.array([np.nan, 2.0]), np.array([True, False]), 1) is None


def test_interval_of_a_share() -> None:
    """The ends are the shares from which the one seen is 1.96 deviations away."""
    low, high = aftermath.wilson(3, 20)
    for end in (low, high):
        assert abs(0.15 - end) / math.sqrt(end * (1 - end) / 20) == pytest.approx(aftermath.Z95)
    assert aftermath.wilson(0, 10)[0] == 0.0 and math.isnan(aftermath.wilson(0, 0)[0])


def test_false_discoveries_by_hand() -> None:
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.5])
    assert aftermath.discoveries(p)[[0, 1, 3, 4]] == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert np.isnan(aftermath.discoveries(p)[2])


def test_largest_session_of_a_rally() -> None:
    close = np.array([100.0, 90.0, 99.0, 99.0, 108.0, 80.0])
    parts = aftermath.largest_parts(close, np.array([1, 1, 4]), 3)
    assert parts[0] == pytest.approx(math.log(99 / 90) / math.log(108 / 90)) and np.isnan(parts[2])
    assert np.isnan(aftermath.largest_parts(close, np.array([2]), 3)[0]), "the index stood lower: nothing was made"


def test_forecasts_learn_from_what_was_over() -> None:
    """A later outcome changes no earlier forecast, and one whose horizon is not over changes none either."""
    rng = np.random.default_rng(8)
    at = np.arange(0, 60 * 21, 21)
    x = rng.normal(0, 1, 60)
    y = (x + rng.normal(0, 1, 60) > 0).astype(float)
    chance, base = aftermath.timing_forecasts(x, y, at, 126, 24)
    assert np.isnan(chance[:29]).all() and not np.isnan(chance[29:]).any()
    changed = y.copy()
    changed[-7:] = 1 - changed[-7:]
    again, base_again = aftermath.timing_forecasts(x, changed, at, 126, 24)
    # the horizons of the last seven are over after the last but one forecast
    assert (again[29:59] == chance[29:59]).all() and (base_again[29:59] == base[29:59]).all()
    assert np.nanmean((chance - y) ** 2) < np.nanmean((base - y) ** 2)


def test_months_begin_where_they_change() -> None:
    assert aftermath.month_starts(np.array([3, 3, 4, 4, 6])).tolist() == [0, 2, 4]


def test_benchmark_of_single_days_is_what_the_seed_says() -> None:
    with (SEEDS / "misconception_list.csv").open(newline="") as file:
        listed = {row["misconception_id"]: row for row in csv.DictReader(file)}
    share, n = single_sessions.share_in_one_session(12, 20, rally.Rule(5, 5, 10), 63, 0.5)
    assert f"{share:.4f}" == listed["MI1"]["benchmark"] and f"{n:,}" in listed["MI1"]["because"]
