"""Pass-through of oil to consumer prices: slopes that were put in come out, and a missing month takes its neighbours along."""

from __future__ import annotations

import numpy as np
import pytest

from updraft_kernels.pass_through import pass_through


def levels(months: int, slopes: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    moved = draw.normal(0, 8, months)
    oil = 60 * np.exp(np.cumsum(moved) / 100)
    change = 0.2 + sum(b * np.concatenate([np.zeros(k), moved[: months - k]]) for k, b in enumerate(slopes))
    return 250 * np.cumprod(1 + change / 100), oil


def test_the_slopes_that_were_put_in_come_out() -> None:
    prices, oil = levels(200, (0.02, 0.01, 0.005))
    assert pass_through(prices, oil) == (pytest.approx(0.035, abs=1e-10), 120)


def test_only_the_newest_120_months_count() -> None:
    prices, oil = levels(200, (0.02, 0.01, 0.005))
    whole = pass_through(prices, oil)
    prices[:70] *= np.random.default_rng(1).normal(1, 0.1, 70)
    assert pass_through(prices, oil) == whole


def test_a_month_never_told_takes_the_next_along() -> None:
    """October is missing: neither its change nor that of November is known; a month without oil spoils four changes."""
    prices, oil = levels(100, (0.02, 0.01, 0.005))
    assert pass_through(prices, oil)[1] == 97
    prices[60] = np.nan
    assert pass_through(prices, oil)[1] == 95
    oil[20] = np.nan
    slope, n = pass_through(prices, oil)
    assert (slope, n) == (pytest.approx(0.035, abs=1e-10), 91)


def test_nothing_is_said_of_few_months_or_of_oil_that_stands_still() -> None:
    prices, oil = levels(12, (0.02, 0.01, 0.005))
    assert np.isnan(pass_through(prices, oil)[0]) and pass_through(prices, oil)[1] == 9
    prices, oil = levels(80, (0.02, 0.01, 0.005))
    assert np.isnan(pass_through(prices, np.full(80, 60.0))[0])


def test_one_month_or_two_say_nothing() -> None:
    for months in (1, 2, 3):
        prices, oil = levels(12, (0.02, 0.01, 0.005))
        assert pass_through(prices[:months], oil[:months])[1] == 0
