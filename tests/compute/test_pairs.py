"""Rolling correlation and slopes: worked examples, agreement with numpy, and a bad tick that leaves with its window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from updraft_kernels import pairs

WINDOWS = [20, 60, 120, 252]
X = np.array([0.01, -0.02, 0.015, -0.005, 0.0])
Y = np.array([0.03, -0.05, 0.02, 0.01, -0.01])
NAN = float("nan")

returns = st.one_of(st.none(), st.integers(-500, 500).map(lambda n: n / 10_000))
series = st.lists(st.tuples(returns, returns), min_size=1, max_size=90)


def rolled(x: pairs.Floats, y: pairs.Floats, windows: list[int]) -> dict[int, pairs.Moments]:
    return pairs.moments(x, y, ~np.isnan(x) & ~np.isnan(y), windows)


def arrays(rows: list[tuple[float | None, float | None]]) -> tuple[pairs.Floats, pairs.Floats]:
    x, y = zip(*rows, strict=True)
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)


def market(sessions: int, seed: int = 7) -> tuple[pairs.Floats, pairs.Floats]:
    draw = np.random.default_rng(seed)
    x = draw.normal(0.0004, 0.01, sessions)
    y = 0.4 * x + draw.normal(0, 0.02, sessions)
    x[draw.random(sessions) < 0.03] = np.nan
    y[draw.random(sessions) < 0.03] = np.nan
    return x, y


def fresh(x: pairs.Floats, y: pairs.Floats, end: int, n: int) -> tuple[float, float, float]:
    """Correlation, slope of y on x and its standard error of one window, the long way."""
    a, b = x[max(0, end - n + 1) : end + 1], y[max(0, end - n + 1) : end + 1]
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if a.size < 3:
        return NAN, NAN, NAN
    beta, alpha = np.polyfit(a, b, 1)
    error = np.sqrt(np.sum((b - alpha - beta * a) ** 2) / (a.size - 2) / np.sum((a - a.mean()) ** 2))
    return float(np.corrcoef(a, b)[0, 1]), float(beta), float(error)


def test_the_worked_example() -> None:
    m = rolled(X, Y, [5])[5]
    assert pairs.correlation(m)[-1] == pytest.approx(0.89489, abs=5e-6)
    assert pairs.slope(m).beta[-1] == pytest.approx(2.0667, abs=5e-5)
    assert pairs.slope(m, of_x=True).beta[-1] == pytest.approx(0.89489**2 / 2.0667, abs=5e-5)


def test_every_window_agrees_with_numpy() -> None:
    x, y = market(700)
    for n, m in rolled(x, y, WINDOWS).items():
        line = pairs.slope(m)
        got = np.stack([pairs.correlation(m), line.beta, line.error])[:, 2:]
        expected = np.array([fresh(x, y, t, n) for t in range(2, 700)]).T
        seen = m.n[2:] >= 3
        assert np.abs(got - expected)[:, seen].max() < 1e-9


@pytest.mark.parametrize("tick", [1e4, -1e4, 1e9])
def test_a_bad_tick_leaves_with_its_window(tick: float) -> None:
    x, y = market(700)
    for spoiled in (x, y):
        spoiled[200] = tick
    with_tick = rolled(x, y, WINDOWS)
    x[200] = y[200] = np.nan
    without = rolled(x, y, WINDOWS)
    for n in WINDOWS:
        for measure in (pairs.correlation, lambda m: pairs.slope(m).beta):
            np.testing.assert_array_equal(measure(with_tick[n])[:200], measure(without[n])[:200])
            np.testing.assert_allclose(measure(with_tick[n])[200 + n :], measure(without[n])[200 + n :], rtol=0, atol=0)


def test_a_leg_that_does_not_move_has_no_correlation() -> None:
    flat = np.full(40, 0.01)
    moving = market(40, 3)[0]
    m = rolled(flat, moving, [20])[20]
    assert np.isnan(pairs.correlation(m)).all() and np.isnan(pairs.slope(m).beta).all()


def test_a_subset_needs_eight_sessions() -> None:
    x, y = market(60)
    m = pairs.moments(x, y, ~np.isnan(x) & ~np.isnan(y) & (x > 0), [20])[20]
    beta = pairs.slope(m, least=pairs.LEAST_SUBSET).beta
    assert np.isnan(beta[m.n < 8]).all() and not np.isnan(beta[m.n >= 8]).any()


def test_impossible_inputs_raise() -> None:
    with pytest.raises(ValueError, match="two finite returns"):
        pairs.moments(np.array([np.inf]), np.array([0.0]), np.array([True]), [20])
    with pytest.raises(ValueError, match="must be positive"):
        pairs.moments(X, Y, np.full(5, True), [0])


@given(series, series, st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_bounds_symmetry_and_no_look_ahead(past: list, later: list, n: int) -> None:
    x, y = arrays(past)
    r = pairs.correlation(rolled(x, y, [n])[n])
    assert np.all(np.isnan(r) | (np.abs(r) <= 1))
    np.testing.assert_array_equal(r, pairs.correlation(rolled(y, x, [n])[n]))
    longer = pairs.correlation(rolled(*arrays(past + later), [n])[n])
    np.testing.assert_array_equal(r, longer[: len(past)])


def states(r: list[float], half_width: float) -> list[str | None]:
    values = np.array(r, dtype=np.float64)
    return pairs.regimes(values, values - half_width, values + half_width)


def test_a_regime_changes_after_five_sessions() -> None:
    assert states([0.1] + [0.4] * 5 + [0.1], 0.1) == ["NONE"] * 5 + ["MOD"] * 2
    assert states([0.1] + [0.4] * 4 + [0.1] * 6, 0.1) == ["NONE"] * 11


def test_a_regime_waits_until_the_interval_excludes_the_bound() -> None:
    assert states([0.1] + [0.25] * 9, 0.1) == ["NONE"] * 10
    assert states([0.1] + [0.6] * 5, 0.2) == ["NONE"] * 5 + ["MOD"]
    assert states([0.6] + [-0.5] * 5, 0.2) == ["HIGH"] * 5 + ["NEG"]


def test_a_regime_skips_days_without_a_correlation() -> None:
    assert states([NAN, 0.3, 0.3, NAN, 0.0], 0.1) == [None, "MOD", "MOD", None, "MOD"]


@pytest.mark.parametrize(("r", "regime"), [(-0.2001, "NEG"), (-0.2, "NONE"), (0.2, "MOD"), (0.5, "HIGH")])
def test_the_bounds_of_regimes(r: float, regime: str) -> None:
    assert states([r], 0.1) == [regime]
