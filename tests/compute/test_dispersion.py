"""The kernel of single-stock volatility: figures by hand, whole windows only, and that no answer looks ahead."""

from __future__ import annotations

import numpy as np
import pytest

from updraft_kernels import dispersion

ONE = np.zeros(5, dtype=np.int64)
SESSIONS = np.arange(5)
# the log returns of the worked example: their deviation is 21.74 % a year
RETURNS = np.expm1(np.array([0.01, -0.02, 0.015, -0.005, 0.0]))


def test_the_deviation_of_log_returns_of_a_year() -> None:
    found = dispersion.volatilities(ONE, SESSIONS, RETURNS, 5)
    assert np.isnan(found[:4]).all() and round(100 * found[4], 2) == 21.74


@pytest.mark.parametrize(
    ("instrument", "session", "returns"),
    [
        (np.array([0, 1, 1, 1, 1]), SESSIONS, RETURNS),
        (ONE, np.array([0, 1, 2, 4, 5]), RETURNS),
        (ONE, SESSIONS, np.where(SESSIONS == 2, np.nan, RETURNS)),
        (ONE, SESSIONS, np.where(SESSIONS == 2, -1.0, RETURNS)),
    ],
    ids=["of another stock", "a session is missing", "a return is missing", "the price fell to nothing"],
)
def test_a_window_with_a_hole_says_nothing(instrument: np.ndarray, session: np.ndarray, returns: np.ndarray) -> None:
    assert np.isnan(dispersion.volatilities(instrument, session, returns, 5)).all()


def test_a_later_return_changes_nothing_said_before() -> None:
    draws = np.random.default_rng(7).normal(0, 0.02, 80)
    stock, session = np.repeat([0, 1], 40), np.tile(np.arange(40), 2)
    whole = dispersion.volatilities(stock, session, draws)
    part = dispersion.volatilities(stock[:70], session[:70], draws[:70])
    assert np.array_equal(whole[:70], part, equal_nan=True)
    assert (~np.isnan(whole)).sum() == 2 * (40 - 20)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="they describe the same rows"):
        dispersion.volatilities(ONE, SESSIONS, RETURNS[:4])
    with pytest.raises(ValueError, match="at least 2"):
        dispersion.volatilities(ONE, SESSIONS, RETURNS, 1)
    assert dispersion.volatilities(ONE[:1], SESSIONS[:1], RETURNS[:1]).size == 1
